#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace veredus::wire::imap {

/// A mailbox pattern: `*` is any text, `%` any text within one level; the rest is itself, and INBOX as a first level in
/// any case. Source: RFC 9051 s6.3.9.
class ListPattern {
 public:
  static constexpr std::size_t kMostOctets = 4096;  // besides wildcards; a longer one matches nothing

  /// UTF-8; an empty one matches nothing.
  explicit ListPattern(std::string_view pattern, char separator = '/');
  [[nodiscard]] bool matches(std::string_view name) const;
  /// Whether it matches some name below `name` (for `%`, a parent that itself is none).
  [[nodiscard]] bool may_match_below(std::string_view name) const;

 private:
  using Word = std::uint64_t;
  /// Where in the pattern one may be: bit i is before its i-th piece.
  struct Places;

  [[nodiscard]] const Word* row(std::size_t index) const { return &rows_[index * words_]; }
  [[nodiscard]] const Word* row_of(char octet) const { return row(row_of_[static_cast<unsigned char>(octet)]); }
  /// False: nowhere any more.
  bool step(Places* places, char octet, bool any_case) const;
  [[nodiscard]] bool walk(Places* places, std::string_view name) const;

  char separator_;
  std::size_t octets_ = 0;  // that are themselves
  std::size_t pieces_ = 0;  // those, and wildcards
  std::size_t words_ = 1;
  std::vector<Word> rows_;  // the places of nothing, of `*`, of `%`, and of each octet
  std::array<std::uint16_t, 256> row_of_{};
};

}  // namespace veredus::wire::imap
