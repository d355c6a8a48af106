#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/smtp/address.h"

namespace veredus::rules::verp {

/// Which recipient of which message a return path stands for.
struct Envelope {
  std::array<std::uint8_t, 10> queue_id{};
  std::uint32_t recipient = 0;  // recipient_number()

  friend auto operator<=>(const Envelope&, const Envelope&) = default;
};

/// A return path of its own for each recipient, so that a report that comes late, or names nobody, still finds what it
/// reports on:
///
///   news-bounces+041061050r3gg28a000004t7hw2k5m0c@example.org
///
/// What stands before the last '+' is the return path it takes the place of: mail to it goes where mail to that goes.
/// The token is 32 characters of base32 over 20 octets: queue id (10), recipient number (4, big-endian) and the first 6
/// octets of HMAC-SHA-256 over both and the path it takes the place of, in lower case. Either case is read. Pure.
///
/// Secrets: the first signs, all are checked. A secret is to be kept, after it was replaced, for as long as late
/// reports are to be understood.

inline constexpr std::size_t kTokenCharacters = 32;
inline constexpr std::size_t kMaxLocalPart = 64 - 1 - kTokenCharacters;  // of the path it takes the place of

/// The same for the same address in any case: FNV-1a (32 bits).
[[nodiscard]] std::uint32_t recipient_number(std::string_view address);

/// nullopt: `sender`'s local part is longer than kMaxLocalPart. `secrets` holds at least one.
[[nodiscard]] std::optional<wire::smtp::Address> return_path(const Envelope& envelope,
                                                             const wire::smtp::Address& sender,
                                                             std::span<const std::string> secrets);

/// What a return path stands for.
struct Returned {
  Envelope envelope;
  wire::smtp::Address sender;  // the path it took the place of; its case may have changed on the way
  friend bool operator==(const Returned&, const Returned&) = default;
};

/// nullopt: an address like any other; no secret of ours made it. '-' and '=' are taken for '+', too.
[[nodiscard]] std::optional<Returned> parse_return_path(const wire::smtp::Address& address,
                                                        std::span<const std::string> secrets);

}  // namespace veredus::rules::verp
