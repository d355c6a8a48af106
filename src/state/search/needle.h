#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::state::search {

/// What is looked for, ready for searching: linear time, whatever the text. A plain value, five times its text.
class Needle {
 public:
  explicit Needle(std::string_view text_utf8);

  /// Folded (fold.h).
  [[nodiscard]] const std::string& folded() const { return folded_; }
  [[nodiscard]] bool empty() const { return folded_.empty(); }

  /// Whether `text`, valid UTF-8 as it was written, has it anywhere, whatever the case. Everything has an empty one.
  [[nodiscard]] bool in(std::string_view text_utf8) const;
  /// The same for text that is ASCII.
  [[nodiscard]] bool in_ascii(std::string_view text) const;
  /// The same for folded text.
  [[nodiscard]] bool in_folded(std::string_view folded) const;

  /// How many octets of the needle a text ends with, at most, that ended with `matched` of them and goes on with
  /// `folded`; all of them: they were found. The needle is not empty.
  [[nodiscard]] std::size_t go_on_folded(std::size_t matched, std::string_view folded) const;
  /// The same for ASCII.
  [[nodiscard]] std::size_t go_on_ascii(std::size_t matched, std::string_view text) const;

 private:
  template <bool kFoldCase>
  [[nodiscard]] bool found_in(std::string_view text) const;
  template <bool kFoldCase>
  [[nodiscard]] std::size_t go_on(std::size_t matched, std::string_view text) const;
  template <bool kFoldCase>
  [[nodiscard]] std::size_t walk(std::size_t matched, std::string_view text) const;
  [[nodiscard]] std::size_t step(std::size_t matched, char folded) const;
  void find_rare();
  void find_shorter();

  std::string folded_;
  bool ascii_ = true;
  std::size_t rare_ = 0;                // where its least frequent octet stands
  std::size_t other_ = 0;               // and the next one
  std::vector<std::uint32_t> shorter_;  // how many octets may still be matched when the one after so many is another
};

/// A piece of text as Finders take it: folded, or ASCII as it was written.
struct Piece {
  std::string_view text;
  bool folded;
};

/// Cuts a text, valid UTF-8, into pieces.
class PieceReader {
 public:
  explicit PieceReader(std::string_view text_utf8);

  /// Holds until the next one. None: the text has ended.
  std::optional<Piece> next();

 private:
  std::string_view rest_;
  bool ascii_;
  std::string folded_;
};

/// Looks for one needle in a text that comes in pieces. Linear time; holds none of the text.
class Finder {
 public:
  /// `needle` must outlive it.
  explicit Finder(const Needle& needle) : needle_(&needle) {}

  void feed(const Piece& piece);
  /// The text ends here: what follows is another one.
  void end();
  [[nodiscard]] bool found() const { return matched_ == needle_->folded().size(); }

 private:
  const Needle* needle_;
  std::size_t matched_ = 0;  // octets of the needle with which the text ends so far
};

}  // namespace veredus::state::search
