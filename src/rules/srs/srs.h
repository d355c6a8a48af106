#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "wire/smtp/address.h"

namespace veredus::rules::srs {

/// The Sender Rewriting Scheme: a forwarded message gets a return path at the forwarder's own domain, so that SPF holds
/// for it, and a bounce to that address can be led back to the original sender. The address carries all it needs:
///
///   SRS0=hash=day=example.org=alice@ours             from alice@example.org
///   SRS1=hash=first.example==hash=day=…=…@ours       from SRS0=hash=day=…=…@first.example, forwarded once more
///
/// `hash` is 6 characters (30 bits) of base32 over HMAC-SHA-256 of what follows it, `day` the day modulo 1024 in 2.
/// Either case is read, and `-` or `+` after SRS0 and SRS1, since other hosts may have changed them. Pure.
///
/// Secrets: the first signs, all are checked. A secret is to be kept for Options::life after it was replaced.

struct Options {
  std::chrono::days life{21};  // how long bounces are led back
};

/// Whether a local part is one of an SRS address, ours or another host's.
[[nodiscard]] bool is_srs(std::string_view local_part);

/// The return path at `our_domain` for a message from `sender`. nullopt: it cannot have one (an address literal, or the
/// local part would be over 64 octets); the message then keeps its sender. `secrets` holds at least one.
std::optional<wire::smtp::Address> rewrite(const wire::smtp::Address& sender, std::string_view our_domain,
                                           std::span<const std::string> secrets, SystemTime now);

enum class SrsError : std::uint8_t {
  kNotSrs,     // an address like any other
  kMalformed,  // begins as SRS and goes on as nothing we write
  kForged,     // the hash is not ours
  kExpired,    // ours, and older than Options::life
};
[[nodiscard]] std::string_view to_string(SrsError error);

/// Who is behind an SRS address of ours, one hop back: the original sender, or for SRS1 the SRS0 address at the first
/// forwarder.
std::expected<wire::smtp::Address, SrsError> unwind(const wire::smtp::Address& address,
                                                    std::span<const std::string> secrets, SystemTime now,
                                                    Options options);

}  // namespace veredus::rules::srs
