#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "wire/smtp/address.h"
#include "wire/smtp/command_error.h"
#include "wire/smtp/deliver_by.h"

namespace veredus::wire::smtp {

enum class Body : std::uint8_t { k7Bit, k8BitMime, kBinaryMime };  // RFC 6152 s2, RFC 3030 s3
enum class DsnReturn : std::uint8_t { kFull, kHeaders };           // RFC 3461 s4.3
[[nodiscard]] std::string_view to_string(Body body);

/// One MAIL command, as sent.
struct MailFrom {
  std::optional<Address> sender;         // nullopt: the null reverse-path
  std::optional<std::uint64_t> size;     // RFC 1870 s6, octets
  std::optional<Body> body;              // RFC 6152 s2
  bool smtputf8 = false;                 // RFC 6531 s3.4
  std::optional<DsnReturn> dsn_return;   // RFC 3461 s4.3
  std::string envelope_id;               // RFC 3461 s4.4, xtext decoded, 1..100 octets as sent; empty: not given
  std::optional<std::string> submitter;  // RFC 4954 s5 `AUTH=`, xtext decoded; "" for `<>`
  bool require_tls = false;              // RFC 8689 s2 `REQUIRETLS`
  std::optional<std::chrono::seconds> hold_for;  // RFC 4865 s4, 0..999,999,999; only one of the two is given
  std::optional<SystemTime> hold_until;          // RFC 4865 s4
  std::optional<DeliverBy> deliver_by;           // RFC 2852 s4 `BY=`
  std::optional<std::int8_t> priority;           // RFC 6710 s3 `MT-PRIORITY=`, -9..9
  bool extended = false;                         // any parameter was given: only after EHLO
};

/// Parses what follows "MAIL ": `FROM:<a@b> SIZE=1 …`, the line without CRLF. A space after the colon is let pass.
/// Errors: the first rule broken. Source: RFC 5321 s4.1.1.2.
std::expected<MailFrom, CommandError> parse_mail_from(std::string_view args);

}  // namespace veredus::wire::smtp
