#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/smtp/address.h"
#include "wire/smtp/deliver_by.h"
#include "wire/smtp/mail_from.h"
#include "wire/smtp/rcpt_to.h"

namespace veredus::wire::smtp {

/// The parameters of one MAIL command as a client sends them: only what the server has offered may be set.
struct MailParameters {
  std::optional<std::uint64_t> size;          // RFC 1870 s6
  std::optional<Body> body;                   // RFC 6152 s2
  bool smtputf8 = false;                      // RFC 6531 s3.4
  std::optional<DsnReturn> dsn_return;        // RFC 3461 s4.3
  std::string_view envelope_id;               // RFC 3461 s4.4, decoded; empty: none
  bool require_tls = false;                   // RFC 8689 s2
  std::optional<std::string_view> submitter;  // RFC 4954 s5 AUTH=, decoded; empty: "<>"
  std::optional<std::int8_t> mt_priority;     // RFC 6710 s4.1, -9..9
  std::optional<DeliverBy> deliver_by;        // RFC 2852 s4
};

/// Appends `MAIL FROM:<…> …` with its CRLF. nullptr: the null reverse-path.
void append_mail_from(std::string& out, const Address* sender, const MailParameters& parameters);

/// Appends `RCPT TO:<…> …` with its CRLF. `notify` and `original` only to a server that offers DSN; may be null.
/// RFC 6533 s3: an original recipient that is not ASCII goes as `utf-8;` with `\x{…}`.
void append_rcpt_to(std::string& out, const Address& recipient, const Notify* notify,
                    const OriginalRecipient* original);

[[nodiscard]] std::string to_string(const Notify& notify);  // "NEVER", "SUCCESS,DELAY"; empty when nothing is set

}  // namespace veredus::wire::smtp
