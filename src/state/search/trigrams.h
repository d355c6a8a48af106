#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/search/message_text.h"

namespace veredus::state::search {

/// Three folded code points in a row, 21 bits each.
using Trigram = std::uint64_t;

/// The trigrams of folded text, each once, gathered while the text passes by.
class TrigramSet {
 public:
  static constexpr std::size_t kMost = 200'000;

  /// `text_utf8` is folded here. How a text is cut into pieces makes no difference.
  void feed(std::string_view text_utf8);
  /// The text ends: what follows makes no trigrams with it.
  void end() { held_ = 0; }
  void clear();

  /// More than kMost were met; the set is not complete.
  [[nodiscard]] bool too_many() const { return too_many_; }
  [[nodiscard]] std::vector<Trigram> sorted() const;

 private:
  void add(char32_t folded);
  void insert(Trigram trigram);
  void grow();

  static constexpr std::size_t kUsualPlaces = 4096;

  Trigram last_ = 0;  // the code points before, up to two
  int held_ = 0;      // how many of them
  std::size_t size_ = 0;
  std::vector<Trigram> table_ =
      std::vector<Trigram>(kUsualPlaces);  // open addressing; 0: empty, which no trigram of text is
  bool too_many_ = false;
};

/// How a trigram stands in an index: UTF-8.
[[nodiscard]] std::string trigram_text(Trigram trigram);

/// The trigrams of a whole message, of its header fields and of its bodies apart.
class MessageTrigrams final : public TextSink {
 public:
  TrigramSet headers;
  TrigramSet bodies;

  void field(Owner owner, std::string_view name, std::string_view value_utf8) override;
  void text(std::string_view text_utf8) override { bodies.feed(text_utf8); }
  void end_text() override { bodies.end(); }
};

}  // namespace veredus::state::search
