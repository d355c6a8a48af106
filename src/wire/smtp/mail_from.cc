#include "wire/smtp/mail_from.h"

#include <charconv>

#include "base/codec/ascii.h"
#include "base/codec/date.h"
#include "base/types/result.h"
#include "wire/smtp/parameters.h"
#include "wire/smtp/xtext.h"

namespace veredus::wire::smtp {
namespace {

using base::codec::iequals_ascii;
using Applied = std::expected<void, CommandError>;

constexpr std::size_t kMaxEnvelopeIdOctets = 100;  // RFC 3461 s4.4, before decoding

/// Applies one parameter's value; each may stand once.
using Apply = Applied (*)(MailFrom&, std::optional<std::string_view>);

Applied apply_size(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.size) return std::unexpected(CommandError::kRepeatedParameter);
  std::uint64_t octets = 0;
  const auto text = value.value_or("");
  const auto result = std::from_chars(text.data(), text.data() + text.size(), octets);
  // RFC 1870 s6: 1*20DIGIT
  if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size())
    return std::unexpected(CommandError::kSizeValue);
  mail.size = octets;
  return {};
}

Applied apply_body(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.body) return std::unexpected(CommandError::kRepeatedParameter);
  for (const auto body : {Body::k7Bit, Body::k8BitMime, Body::kBinaryMime}) {
    if (iequals_ascii(value.value_or(""), to_string(body))) mail.body = body;
  }
  if (!mail.body) return std::unexpected(CommandError::kBodyValue);
  return {};
}

Applied apply_smtputf8(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.smtputf8) return std::unexpected(CommandError::kRepeatedParameter);
  if (value) return std::unexpected(CommandError::kParameterSyntax);
  mail.smtputf8 = true;
  return {};
}

Applied apply_return(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.dsn_return) return std::unexpected(CommandError::kRepeatedParameter);
  if (iequals_ascii(value.value_or(""), "FULL")) mail.dsn_return = DsnReturn::kFull;
  if (iequals_ascii(value.value_or(""), "HDRS")) mail.dsn_return = DsnReturn::kHeaders;
  if (!mail.dsn_return) return std::unexpected(CommandError::kReturnValue);
  return {};
}

Applied apply_envelope_id(MailFrom& mail, std::optional<std::string_view> value) {
  if (!mail.envelope_id.empty()) return std::unexpected(CommandError::kRepeatedParameter);
  const auto text = value.value_or("");
  auto decoded = xtext_decode(text);
  if (!decoded || decoded->empty() || text.size() > kMaxEnvelopeIdOctets)
    return std::unexpected(CommandError::kEnvelopeIdValue);
  mail.envelope_id = *std::move(decoded);
  return {};
}

/// RFC 4954 s5: xtext of a mailbox, or `<>`
Applied apply_auth(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.submitter) return std::unexpected(CommandError::kRepeatedParameter);
  auto decoded = xtext_decode(value.value_or(""));
  if (!decoded || (decoded != "<>" && !parse_mailbox(*decoded))) return std::unexpected(CommandError::kAuthValue);
  mail.submitter = decoded == "<>" ? std::string() : *std::move(decoded);
  return {};
}

/// RFC 8689 s2: no value
Applied apply_require_tls(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.require_tls) return std::unexpected(CommandError::kRepeatedParameter);
  if (value) return std::unexpected(CommandError::kParameterSyntax);
  mail.require_tls = true;
  return {};
}

/// RFC 4865 s3: 1*9DIGIT seconds; s4.2: the two forms exclude each other
Applied apply_hold_for(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.hold_for || mail.hold_until) return std::unexpected(CommandError::kRepeatedParameter);
  std::uint32_t seconds = 0;
  const auto text = value.value_or("");
  const auto result = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || text.size() > 9 || result.ec != std::errc{} || result.ptr != text.data() + text.size())
    return std::unexpected(CommandError::kHoldValue);
  mail.hold_for = std::chrono::seconds(seconds);
  return {};
}

/// RFC 4865 s3 (erratum 2040): a date-time of RFC 3339 s5.6
Applied apply_hold_until(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.hold_for || mail.hold_until) return std::unexpected(CommandError::kRepeatedParameter);
  const auto moment = base::codec::parse_rfc3339(value.value_or(""));
  if (!moment) return std::unexpected(CommandError::kHoldValue);
  mail.hold_until = moment->time;
  return {};
}

Applied apply_deliver_by(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.deliver_by) return std::unexpected(CommandError::kRepeatedParameter);
  mail.deliver_by = parse_deliver_by(value.value_or(""));
  if (!mail.deliver_by) return std::unexpected(CommandError::kDeliverByValue);
  return {};
}

/// priority-value = ["-"] %x31-39 / "0" (RFC 6710 s3)
Applied apply_priority(MailFrom& mail, std::optional<std::string_view> value) {
  if (mail.priority) return std::unexpected(CommandError::kRepeatedParameter);
  auto text = value.value_or("");
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.size() != 1 || !base::codec::is_digit(text.front()) || (negative && text.front() == '0'))
    return std::unexpected(CommandError::kPriorityValue);
  const auto amount = static_cast<std::int8_t>(text.front() - '0');
  mail.priority = negative ? static_cast<std::int8_t>(-amount) : amount;
  return {};
}

struct Known {
  std::string_view keyword;
  Apply apply;
};
constexpr Known kKnown[] = {{"SIZE", apply_size},
                            {"BODY", apply_body},
                            {"SMTPUTF8", apply_smtputf8},
                            {"RET", apply_return},
                            {"AUTH", apply_auth},
                            {"ENVID", apply_envelope_id},
                            {"REQUIRETLS", apply_require_tls},
                            {"HOLDFOR", apply_hold_for},
                            {"HOLDUNTIL", apply_hold_until},
                            {"BY", apply_deliver_by},
                            {"MT-PRIORITY", apply_priority}};

Applied apply(MailFrom& mail, const Parameter& parameter) {
  for (const auto& known : kKnown) {
    if (iequals_ascii(parameter.keyword, known.keyword)) return known.apply(mail, parameter.value);
  }
  return std::unexpected(CommandError::kUnknownParameter);
}

}  // namespace

std::string_view to_string(Body body) {
  switch (body) {
    case Body::k7Bit:
      return "7BIT";
    case Body::k8BitMime:
      return "8BITMIME";
    case Body::kBinaryMime:
      return "BINARYMIME";
  }
  return "unknown";
}

std::expected<MailFrom, CommandError> parse_mail_from(std::string_view args) {
  constexpr std::string_view kFrom = "FROM:";
  if (!base::codec::istarts_with_ascii(args, kFrom)) return std::unexpected(CommandError::kMissingFrom);
  args = base::codec::trim_ascii(args.substr(kFrom.size()), " ");
  auto path = parse_path(args, PathUse::kReverse);
  if (!path) return std::unexpected(path_error(path.error()));

  MailFrom mail;
  mail.sender = std::move(path->address);
  auto rest = path->rest;
  while (true) {
    VEREDUS_TRY(const auto parameter, take_parameter(rest));
    if (!parameter) return mail;
    mail.extended = true;
    VEREDUS_TRY(apply(mail, *parameter));
  }
}

}  // namespace veredus::wire::smtp
