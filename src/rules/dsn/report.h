#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "wire/smtp/mail_from.h"
#include "wire/smtp/rcpt_to.h"
#include "wire/smtp/reply.h"

namespace veredus::rules::dsn {

enum class Action : std::uint8_t {  // RFC 3464 s2.3.3
  kFailed,
  kDelayed,
  kDelivered,
  kRelayed,  // handed on to a server that will send no report itself
  kExpanded,
};
[[nodiscard]] std::string_view to_string(Action action);

/// What became of one recipient.
struct ReportedRecipient {
  std::string address;                                    // the one that was tried; UTF-8
  std::optional<wire::smtp::OriginalRecipient> original;  // ORCPT of the message; nullopt: none came with it
  Action action = Action::kFailed;
  wire::smtp::EnhancedStatus status;       // none: made from `reply`, else from `action`
  std::optional<wire::smtp::Reply> reply;  // the last one of `remote_mta`; nullopt: nobody answered
  std::string remote_mta;                  // a host name or address; empty: none
  std::string explanation;                 // our own words where no reply says it: "no such domain"; UTF-8
  std::optional<SystemTime> last_attempt;
  std::optional<SystemTime> will_retry_until;  // for kDelayed
};

/// Everything a report says. Addresses are UTF-8; nothing is encoded yet.
struct Report {
  std::string reporting_mta;  // our host name
  std::string from;           // whom a person may write to: the postmaster's address
  std::string to;             // the sender of the message reported on; never empty
  std::string envelope_id;    // ENVID, decoded (RFC 3461 s4.4); empty: none
  std::optional<SystemTime> arrived;
  std::vector<ReportedRecipient> recipients;  // at least one

  std::string original;  // the message reported on: whole, or its header block alone
  std::optional<wire::smtp::DsnReturn>
      original_kind;               // what RET= asked for; nullopt: headers, or all of a short message
  bool original_is_whole = false;  // false: `original` is the header block
  bool smtputf8 = false;           // the message came with SMTPUTF8: RFC 6533's global forms

  SystemTime date;
  std::string message_id;     // without brackets; its host part is ours
  std::string boundary_seed;  // unguessable; the same seed gives the same report
};

/// Without RET=FULL a whole message comes back only when it is at most this long.
inline constexpr std::size_t kWholeByDefaultOctets = 64 * 1024;

/// The report as a message: multipart/report with a part for people, a delivery-status part and the header or all of
/// the message. Its envelope is the caller's: `MAIL FROM:<>`, NOTIFY=NEVER or none (RFC 3461 s6.1), SMTPUTF8 when
/// needs_smtputf8() says so. It may hold 8-bit octets: BODY=8BITMIME.
/// Source: RFC 3461 s6, RFC 6522, RFC 3464, RFC 6533, RFC 3834 s5.
[[nodiscard]] std::string build_report(const Report& report);

/// Whether the report's own header holds UTF-8, so that it can go only where SMTPUTF8 is spoken. (What it quotes may
/// hold UTF-8 all the same: RFC 6533 s4.)
[[nodiscard]] bool needs_smtputf8(const Report& report);

}  // namespace veredus::rules::dsn
