#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/ids.h"

namespace veredus::state::mailbox {

/// What somebody may do with another's mailbox (RFC 4314 s2.1). Bits, on disk, do not renumber.
enum class Right : std::uint16_t {
  kLookup = 1,            // l: see that it is there
  kRead = 2,              // r: select it, read its messages
  kSeen = 4,              // s: keep \Seen
  kWrite = 8,             // w: the other flags and keywords
  kInsert = 16,           // i: append, copy into
  kPost = 32,             // p: send mail to it
  kCreate = 64,           // k: make mailboxes below it
  kDelete = 128,          // x: delete or rename it
  kDeleteMessages = 256,  // t: \Deleted
  kExpunge = 512,         // e: expunge
  kAdminister = 1024,     // a: change rights
};

class Rights {
 public:
  constexpr Rights() = default;
  constexpr Rights(std::initializer_list<Right> rights) {
    for (const Right right : rights) bits_ = static_cast<std::uint16_t>(bits_ | static_cast<std::uint16_t>(right));
  }
  /// Unknown bits are dropped.
  static constexpr Rights from_bits(std::uint16_t bits) {
    Rights rights;
    rights.bits_ = bits & kAllBits;
    return rights;
  }
  static constexpr Rights all() { return from_bits(kAllBits); }
  /// Letters as in SETACL, `c` and `d` of RFC 2086 included (RFC 4314 s2.1.1: here `c` is `k`, `d` is `xte`). nullopt:
  /// one of them means nothing.
  static std::optional<Rights> parse(std::string_view letters);

  [[nodiscard]] constexpr std::uint16_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool has(Right right) const { return (bits_ & static_cast<std::uint16_t>(right)) != 0; }
  [[nodiscard]] constexpr Rights with(Rights other) const {
    return from_bits(static_cast<std::uint16_t>(bits_ | other.bits_));
  }
  [[nodiscard]] constexpr Rights without(Rights other) const {
    return from_bits(static_cast<std::uint16_t>(bits_ & ~other.bits_));
  }
  /// "lrswipkxtea", those it has, in this order.
  [[nodiscard]] std::string letters() const;
  friend constexpr auto operator<=>(Rights, Rights) = default;

 private:
  static constexpr std::uint16_t kAllBits = 2047;
  std::uint16_t bits_ = 0;
};

/// In place of an account: everybody who is logged in (RFC 4314 s2 "anyone").
constexpr AccountId kAnyone{0};

/// What an owner let somebody do. The owner's own rights are all of them and kept nowhere.
struct Grant {
  MailboxId mailbox;
  AccountId to;  // or kAnyone
  Rights rights;
  friend bool operator==(const Grant&, const Grant&) = default;
};

struct RightsChange {
  enum class Mode : std::uint8_t { kSet, kAdd, kRemove } mode = Mode::kSet;
  Rights rights;

  /// Whether whom it is for has any right afterwards, whatever there was before.
  [[nodiscard]] constexpr bool gives() const { return mode != Mode::kRemove && !rights.empty(); }
};

}  // namespace veredus::state::mailbox
