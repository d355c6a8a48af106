#include "state/spool/mail_parameters.h"

#include <utility>

namespace veredus::state::spool {
namespace {

using wire::smtp::Body;
using wire::smtp::ByMode;
using wire::smtp::DsnReturn;

// On disk, do not renumber.
enum NotifyBit : std::uint8_t { kGiven = 1, kNever = 2, kSuccess = 4, kFailure = 8, kDelay = 16, kAllNotify = 31 };
enum MailBit : std::uint8_t { kSmtputf8 = 1, kRequireTls = 2, kTlsOptional = 4, kUnvouched = 8, kAllMail = 15 };
constexpr std::uint8_t kReturnFull = 1, kReturnHeaders = 2;
constexpr std::uint8_t k7Bit = 1, k8BitMime = 2, kBinaryMime = 3;
constexpr std::uint8_t kByReturn = 1, kByNotify = 2, kByTrace = 4;
constexpr int kPriorityOffset = 9;  // RFC 6710 s3: -9..9

std::uint8_t octet_of(const std::optional<DsnReturn>& dsn_return) {
  if (!dsn_return) return 0;
  return *dsn_return == DsnReturn::kFull ? kReturnFull : kReturnHeaders;
}

std::uint8_t octet_of(const std::optional<Body>& body) {
  if (!body) return 0;
  switch (*body) {
    case Body::k7Bit:
      return k7Bit;
    case Body::k8BitMime:
      return k8BitMime;
    case Body::kBinaryMime:
      return kBinaryMime;
  }
  return 0;
}

std::uint8_t octet_of(const DeliveryDeadline& deadline) {
  const auto mode = deadline.mode == ByMode::kReturn ? kByReturn : kByNotify;
  return static_cast<std::uint8_t>(mode | (deadline.trace ? kByTrace : 0));
}

std::optional<std::optional<DsnReturn>> dsn_return_of(std::uint8_t octet) {
  if (octet > kReturnHeaders) return std::nullopt;
  if (octet == 0) return std::optional<DsnReturn>();
  return std::optional(octet == kReturnFull ? DsnReturn::kFull : DsnReturn::kHeaders);
}

std::optional<std::optional<Body>> body_of(std::uint8_t octet) {
  if (octet > kBinaryMime) return std::nullopt;
  constexpr Body kBodies[] = {Body::k7Bit, Body::k8BitMime, Body::kBinaryMime};
  if (octet == 0) return std::optional<Body>();
  return std::optional(kBodies[octet - 1]);
}

std::optional<std::optional<DeliveryDeadline>> take_deadline(ByteReader& reader) {
  const auto how = reader.take_be<std::uint8_t>();
  if (!how) return std::nullopt;
  if (*how == 0) return std::optional<DeliveryDeadline>();
  const auto mode = *how & ~kByTrace;
  const auto at = take_time(reader);
  if (!at || (mode != kByReturn && mode != kByNotify)) return std::nullopt;
  DeliveryDeadline deadline;
  deadline.at = *at;
  deadline.mode = mode == kByReturn ? ByMode::kReturn : ByMode::kNotify;
  deadline.trace = (*how & kByTrace) != 0;
  return std::optional(deadline);
}

}  // namespace

void put_time(std::string& row, SystemTime time) {
  put_be(row, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

std::optional<SystemTime> take_time(ByteReader& reader) {
  const auto milliseconds = reader.take_be<std::uint64_t>();
  if (!milliseconds) return std::nullopt;
  return SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(*milliseconds)));
}

std::optional<bool> take_flag(ByteReader& reader) {
  const auto octet = reader.take_be<std::uint8_t>();
  if (!octet || *octet > 1) return std::nullopt;
  return *octet == 1;
}

void put_optional_time(std::string& row, const std::optional<SystemTime>& time) {
  put_be(row, static_cast<std::uint8_t>(time.has_value()));
  if (time) put_time(row, *time);
}

std::optional<std::optional<SystemTime>> take_optional_time(ByteReader& reader) {
  const auto given = take_flag(reader);
  if (!given) return std::nullopt;
  if (!*given) return std::optional<SystemTime>();
  const auto time = take_time(reader);
  if (!time) return std::nullopt;
  return std::optional(*time);
}

void put_optional_string(std::string& row, const std::optional<std::string>& text) {
  put_be(row, static_cast<std::uint8_t>(text.has_value()));
  if (text) put_string(row, *text);
}

std::optional<std::optional<std::string>> take_optional_string(ByteReader& reader) {
  const auto given = take_flag(reader);
  if (!given) return std::nullopt;
  if (!*given) return std::optional<std::string>();
  const auto text = reader.take_string();
  if (!text) return std::nullopt;
  return std::optional(std::string(*text));
}

void put_notify(std::string& row, const std::optional<wire::smtp::Notify>& notify) {
  std::uint8_t bits = 0;
  if (notify) {
    bits = kGiven;
    if (notify->never) bits |= kNever;
    if (notify->success) bits |= kSuccess;
    if (notify->failure) bits |= kFailure;
    if (notify->delay) bits |= kDelay;
  }
  put_be(row, bits);
}

std::optional<std::optional<wire::smtp::Notify>> take_notify(ByteReader& reader) {
  const auto bits = reader.take_be<std::uint8_t>();
  if (!bits || *bits > kAllNotify || (*bits != 0 && (*bits & kGiven) == 0)) return std::nullopt;
  if (*bits == 0) return std::optional<wire::smtp::Notify>();
  wire::smtp::Notify notify;
  notify.never = (*bits & kNever) != 0;
  notify.success = (*bits & kSuccess) != 0;
  notify.failure = (*bits & kFailure) != 0;
  notify.delay = (*bits & kDelay) != 0;
  return std::optional(notify);
}

void put_original(std::string& row, const std::optional<wire::smtp::OriginalRecipient>& original) {
  put_be(row, static_cast<std::uint8_t>(original.has_value()));
  if (!original) return;
  put_string(row, original->type);
  put_string(row, original->address);
}

std::optional<std::optional<wire::smtp::OriginalRecipient>> take_original(ByteReader& reader) {
  const auto given = take_flag(reader);
  if (!given) return std::nullopt;
  if (!*given) return std::optional<wire::smtp::OriginalRecipient>();
  const auto type = reader.take_string();
  const auto address = type ? reader.take_string() : std::nullopt;
  if (!address) return std::nullopt;
  wire::smtp::OriginalRecipient original;
  original.type = *type;
  original.address = *address;
  return std::optional(std::move(original));
}

void put_mail_parameters(std::string& row, const MailParameters& mail) {
  put_string(row, mail.envelope_id);
  put_be(row, octet_of(mail.dsn_return));
  put_be(row, octet_of(mail.body));
  put_be(row, static_cast<std::uint8_t>((mail.smtputf8 ? kSmtputf8 : 0) | (mail.requiretls ? kRequireTls : 0) |
                                        (mail.tls_optional ? kTlsOptional : 0) | (mail.unvouched ? kUnvouched : 0)));
  put_be(row, static_cast<std::uint8_t>(mail.priority + kPriorityOffset));
  put_be(row, mail.deliver_by ? octet_of(*mail.deliver_by) : std::uint8_t{0});
  if (mail.deliver_by) put_time(row, mail.deliver_by->at);
  put_optional_time(row, mail.hold_until);
}

std::optional<MailParameters> take_mail_parameters(ByteReader& reader) {
  const auto envelope_id = reader.take_string();
  const auto dsn_return = reader.take_be<std::uint8_t>();
  const auto body = reader.take_be<std::uint8_t>();
  const auto bits = reader.take_be<std::uint8_t>();
  const auto priority = reader.take_be<std::uint8_t>();
  if (!envelope_id || !dsn_return || !body || !bits || *bits > kAllMail) return std::nullopt;
  if (!priority || *priority > 2 * kPriorityOffset) return std::nullopt;
  const auto returned = dsn_return_of(*dsn_return);
  const auto kind = body_of(*body);
  const auto deadline = take_deadline(reader);
  const auto hold_until = deadline ? take_optional_time(reader) : std::nullopt;
  if (!returned || !kind || !hold_until) return std::nullopt;
  MailParameters mail;
  mail.envelope_id = *envelope_id;
  mail.dsn_return = *returned;
  mail.body = *kind;
  mail.smtputf8 = (*bits & kSmtputf8) != 0;
  mail.requiretls = (*bits & kRequireTls) != 0;
  mail.tls_optional = (*bits & kTlsOptional) != 0;
  mail.unvouched = (*bits & kUnvouched) != 0;
  mail.priority = static_cast<std::int8_t>(*priority - kPriorityOffset);
  mail.deliver_by = *deadline;
  mail.hold_until = *hold_until;
  return mail;
}

}  // namespace veredus::state::spool
