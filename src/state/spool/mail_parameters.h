#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/types/bytes.h"
#include "base/types/clock.h"
#include "wire/smtp/deliver_by.h"
#include "wire/smtp/mail_from.h"
#include "wire/smtp/rcpt_to.h"

namespace veredus::state::spool {

/// RFC 2852 s4, the seconds counted from when the message was accepted.
struct DeliveryDeadline {
  SystemTime at;
  wire::smtp::ByMode mode = wire::smtp::ByMode::kNotify;
  bool trace = false;
  friend bool operator==(const DeliveryDeadline&, const DeliveryDeadline&) = default;
};

/// What MAIL said besides the sender and has to be passed on, or kept to.
struct MailParameters {
  std::string envelope_id;                          // RFC 3461 s4.4 ENVID, decoded; empty: not given
  std::optional<wire::smtp::DsnReturn> dsn_return;  // RFC 3461 s4.3 RET
  std::optional<wire::smtp::Body> body;             // RFC 6152 s2, RFC 3030 s3
  bool smtputf8 = false;                            // RFC 6531 s3.4
  bool requiretls = false;                          // RFC 8689 s2
  bool tls_optional = false;                        // RFC 8689 s3: "TLS-Required: No" without REQUIRETLS
  bool unvouched = false;                           // RFC 4954 s5: nobody says that the submitter is the sender
  std::int8_t priority = 0;                         // RFC 6710 s5 MT-PRIORITY, -9..9
  std::optional<DeliveryDeadline> deliver_by;       // RFC 2852 s4
  std::optional<SystemTime> hold_until;             // RFC 4865 s4.2: not to be sent before
  friend bool operator==(const MailParameters&, const MailParameters&) = default;
};

/// Who pays for a message's place in the queue: transactional mail goes before bulk. On disk, do not renumber.
enum class TrafficClass : std::uint8_t { kTransactional = 0, kBulk = 1 };

// Their octets in rows (docs/formats/queue.md). Each `take_` answers nullopt for what its `put_` did not write.
void put_mail_parameters(std::string& row, const MailParameters& mail);
[[nodiscard]] std::optional<MailParameters> take_mail_parameters(ByteReader& reader);
void put_notify(std::string& row, const std::optional<wire::smtp::Notify>& notify);
[[nodiscard]] std::optional<std::optional<wire::smtp::Notify>> take_notify(ByteReader& reader);
void put_original(std::string& row, const std::optional<wire::smtp::OriginalRecipient>& original);
[[nodiscard]] std::optional<std::optional<wire::smtp::OriginalRecipient>> take_original(ByteReader& reader);
void put_time(std::string& row, SystemTime time);
[[nodiscard]] std::optional<SystemTime> take_time(ByteReader& reader);
void put_optional_time(std::string& row, const std::optional<SystemTime>& time);
[[nodiscard]] std::optional<std::optional<SystemTime>> take_optional_time(ByteReader& reader);
void put_optional_string(std::string& row, const std::optional<std::string>& text);
[[nodiscard]] std::optional<std::optional<std::string>> take_optional_string(ByteReader& reader);
[[nodiscard]] std::optional<bool> take_flag(ByteReader& reader);

}  // namespace veredus::state::spool
