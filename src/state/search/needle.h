#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace veredus::state::search {

/// What is looked for, ready for searching. A plain value.
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

 private:
  template <bool kFoldCase>
  [[nodiscard]] bool found_in(std::string_view text) const;

  std::string folded_;
  bool ascii_ = true;
  std::size_t rare_ = 0;   // where its least frequent octet stands
  std::size_t other_ = 0;  // and the next one
};

/// Looks for one needle in a text that comes in pieces, each valid UTF-8. Holds no more than the needle's length.
class Finder {
 public:
  /// `needle` must outlive it.
  explicit Finder(const Needle& needle) : needle_(&needle), found_(needle.empty()) {}

  void feed(std::string_view text_utf8);
  /// The text ends here: what follows is another one.
  void end() { tail_.clear(); }
  [[nodiscard]] bool found() const { return found_; }

 private:
  void feed_block(std::string_view text_utf8);
  void feed_ascii(std::string_view text);
  void keep_tail(std::string_view folded);

  const Needle* needle_;
  bool found_;
  std::string tail_;  // folded; shorter than the needle
};

}  // namespace veredus::state::search
