#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "wire/smtp/address.h"
#include "wire/smtp/command_error.h"

namespace veredus::wire::smtp {

/// RFC 3461 s4.1: when the sender wants to be told. Never excludes the others.
struct Notify {
  bool never = false;
  bool success = false;
  bool failure = false;
  bool delay = false;

  friend bool operator==(const Notify&, const Notify&) = default;
};

/// RFC 3461 s4.2 `ORCPT=type;xtext`.
struct OriginalRecipient {
  std::string type;     // "rfc822", "utf-8", …
  std::string address;  // decoded

  friend bool operator==(const OriginalRecipient&, const OriginalRecipient&) = default;
};

/// One RCPT command, as sent.
struct RcptTo {
  Address recipient;             // without a domain only for <Postmaster>
  std::optional<Notify> notify;  // nullopt: not given
  std::optional<OriginalRecipient> original;
  bool extended = false;  // any parameter was given: only after EHLO
};

/// Parses what follows "RCPT ": `TO:<local@domain> …`, the line without CRLF. A space after the colon is let pass.
/// Errors: the first rule broken. Source: RFC 5321 s4.1.1.3.
std::expected<RcptTo, CommandError> parse_rcpt_to(std::string_view args);

}  // namespace veredus::wire::smtp
