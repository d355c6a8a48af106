#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "wire/smtp/address.h"

namespace veredus::rules::verp {

/// Which recipient of which message a return path stands for.
struct Envelope {
  std::array<std::uint8_t, 10> queue_id{};
  std::uint32_t recipient = 0;  // its number within the message

  friend auto operator<=>(const Envelope&, const Envelope&) = default;
};

/// A return path of its own for each recipient, so that a report that comes late, or names nobody, still finds what it
/// reports on:
///
///   bounce+041061050r3gg28a000004t7hw2k5m0c@example.org
///
/// The token is 32 characters of base32 over 20 octets: queue id (10), recipient number (4, big-endian) and the first 6
/// octets of HMAC-SHA-256 over both and the domain. Either case is read. Pure.
///
/// Secrets: the first signs, all are checked. A secret is to be kept, after it was replaced, for as long as late
/// reports are to be understood.

inline constexpr std::string_view kLocalPart = "bounce";
inline constexpr std::size_t kTokenCharacters = 32;

/// `secrets` holds at least one. `separator` stands between kLocalPart and the token, '+' or '-'.
[[nodiscard]] wire::smtp::Address return_path(const Envelope& envelope, std::string_view domain, char separator,
                                              std::span<const std::string> secrets);

enum class VerpError : std::uint8_t {
  kNotVerp,    // an address like any other
  kMalformed,  // begins as one of ours and goes on as nothing we write
  kForged,     // no secret of ours made it
};
[[nodiscard]] std::string_view to_string(VerpError error);

/// What a return path made by return_path() stands for. Any separator is taken, and any case.
[[nodiscard]] std::expected<Envelope, VerpError> parse_return_path(const wire::smtp::Address& address,
                                                                   std::span<const std::string> secrets);

}  // namespace veredus::rules::verp
