#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::state::mailbox {

/// System flags (RFC 9051 s2.3.2). Bits, on disk, do not renumber.
enum class Flag : std::uint8_t { kSeen = 1, kAnswered = 2, kFlagged = 4, kDeleted = 8, kDraft = 16 };

class FlagSet {
 public:
  constexpr FlagSet() = default;
  constexpr FlagSet(std::initializer_list<Flag> flags) {
    for (const Flag flag : flags) bits_ |= static_cast<std::uint8_t>(flag);
  }
  /// Unknown bits are dropped.
  static constexpr FlagSet from_bits(std::uint8_t bits) {
    FlagSet set;
    set.bits_ = bits & kAllBits;
    return set;
  }
  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool has(Flag flag) const { return (bits_ & static_cast<std::uint8_t>(flag)) != 0; }
  [[nodiscard]] constexpr bool has_all(FlagSet others) const { return (bits_ & others.bits_) == others.bits_; }
  [[nodiscard]] constexpr FlagSet with(FlagSet other) const { return from_bits(bits_ | other.bits_); }
  [[nodiscard]] constexpr FlagSet without(FlagSet other) const {
    return from_bits(static_cast<std::uint8_t>(bits_ & ~other.bits_));
  }
  friend constexpr auto operator<=>(FlagSet, FlagSet) = default;

 private:
  static constexpr std::uint8_t kAllBits = 31;
  std::uint8_t bits_ = 0;
};

constexpr std::size_t kKeywords = 128;      // in one mailbox, ever
constexpr std::size_t kKeywordOctets = 64;  // of one name

/// Which of a mailbox's keywords a message has: bit n is `Mailbox::keywords[n]`.
class KeywordSet {
 public:
  constexpr KeywordSet() = default;
  constexpr KeywordSet(std::uint64_t low, std::uint64_t high) : low_(low), high_(high) {}
  [[nodiscard]] constexpr std::uint64_t low() const { return low_; }
  [[nodiscard]] constexpr std::uint64_t high() const { return high_; }
  [[nodiscard]] constexpr bool empty() const { return (low_ | high_) == 0; }
  [[nodiscard]] constexpr bool has(std::size_t index) const {
    return ((index < 64 ? low_ >> index : high_ >> (index - 64)) & 1) != 0;
  }
  constexpr void add(std::size_t index) { (index < 64 ? low_ : high_) |= std::uint64_t{1} << (index % 64); }
  [[nodiscard]] constexpr KeywordSet with(KeywordSet other) const { return {low_ | other.low_, high_ | other.high_}; }
  [[nodiscard]] constexpr KeywordSet without(KeywordSet other) const {
    return {low_ & ~other.low_, high_ & ~other.high_};
  }
  friend constexpr auto operator<=>(KeywordSet, KeywordSet) = default;

 private:
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};

/// Whether `name` can be a keyword: an atom (RFC 9051 s9 flag-keyword) of 1..kKeywordOctets, without a backslash.
[[nodiscard]] bool is_keyword(std::string_view name);

/// The names of the keywords in `set`, as spelled in `table` (a Mailbox's keywords).
[[nodiscard]] std::vector<std::string> keyword_names(const std::vector<std::string>& table, KeywordSet set);

}  // namespace veredus::state::mailbox
