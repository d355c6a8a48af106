#include "rules/dsn/status_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/codec/ascii.h"
#include "base/codec/date.h"
#include "base/codec/utf8.h"

namespace veredus::rules::dsn {
namespace {

constexpr std::size_t kMaxLine = 78;    // RFC 5322 s2.1.1, where there are spaces to fold at
constexpr std::size_t kMaxValue = 900;  // so that a value without spaces fits RFC 5322 s2.1.1's 998 octets too

/// A value as it may stand in a field: no control characters, and in the ASCII form nothing else.
std::string cleaned(std::string_view value, Form form) {
  std::string out(base::codec::utf8_prefix(base::codec::replace_invalid_utf8(value.substr(0, kMaxValue)), kMaxValue));
  for (char& c : out) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 32 || octet == 127) c = ' ';
    if (octet > 127 && form == Form::kAscii) c = '?';
  }
  return std::string(base::codec::trim_ascii(out));
}

/// Appends `name: value`, folded at spaces. RFC 5322 s2.2.3
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).push_back(':');
  std::size_t column = name.size() + 1;
  bool first = true;
  while (!value.empty()) {
    const auto end = std::min(value.find(' '), value.size());
    const auto word = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    if (word.empty()) continue;
    if (!first && column + 1 + word.size() > kMaxLine) {
      out += "\r\n";
      column = 0;
    }
    out.append(" ").append(word);
    column += 1 + word.size();
    first = false;
  }
  out += "\r\n";
}

/// RFC 6533 s3 utf-8-addr-unitext: what stands for UTF-8 where only ASCII may.
std::string unitext(std::string_view address_utf8) {
  std::string out;
  while (!address_utf8.empty()) {
    const auto character = base::codec::first_utf8_character(address_utf8);
    const auto octets = std::max<std::size_t>(character.octets, 1);
    if (octets == 1 && address_utf8.front() != '\\') {
      out.push_back(address_utf8.front());
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{{{:X}}}", static_cast<std::uint32_t>(character.code_point));
    }
    address_utf8.remove_prefix(octets);
  }
  return out;
}

std::string typed_address(std::string_view type, std::string_view address, Form form) {
  const std::string valid = base::codec::replace_invalid_utf8(address);
  if (base::codec::is_ascii(valid)) return fmt::format("{}; {}", type, cleaned(valid, form));
  return fmt::format("utf-8; {}", cleaned(form == Form::kGlobal ? valid : unitext(valid), form));
}

/// The reply as one line, its code and status once. RFC 3464 s2.3.6
std::string diagnostic(const wire::smtp::Reply& reply) {
  std::string out = std::to_string(reply.code);
  if (reply.status.klass != 0) out += ' ' + to_string(reply.status);
  return out + ' ' + reply.text;
}

void append_date(std::string& out, std::string_view name, const std::optional<SystemTime>& time) {
  if (time) append_field(out, name, base::codec::format_rfc5322_date(*time));
}

void append_recipient(std::string& out, const ReportedRecipient& recipient, Form form) {
  out += "\r\n";
  if (recipient.original)
    append_field(out, "Original-Recipient",
                 typed_address(cleaned(recipient.original->type, Form::kAscii), recipient.original->address, form));
  append_field(out, "Final-Recipient", typed_address("rfc822", recipient.address, form));
  append_field(out, "Action", to_string(recipient.action));
  append_field(out, "Status", to_string(status_of(recipient)));
  if (!recipient.remote_mta.empty()) append_field(out, "Remote-MTA", "dns; " + cleaned(recipient.remote_mta, form));
  if (recipient.reply) append_field(out, "Diagnostic-Code", "smtp; " + cleaned(diagnostic(*recipient.reply), form));
  append_date(out, "Last-Attempt-Date", recipient.last_attempt);
  if (recipient.action == Action::kDelayed) append_date(out, "Will-Retry-Until", recipient.will_retry_until);
}

}  // namespace

wire::smtp::EnhancedStatus status_of(const ReportedRecipient& recipient) {
  auto status = recipient.status;
  if (status.klass == 0 && recipient.reply) {
    status = recipient.reply->status;
    if (status.klass == 0) status.klass = static_cast<std::uint8_t>(recipient.reply->code / 100);
  }
  switch (recipient.action) {
    case Action::kFailed:  // class 4: given up while the trouble was still a temporary one
      if (status.klass != 4) status.klass = 5;
      break;
    case Action::kDelayed:
      status.klass = 4;
      break;
    case Action::kDelivered:
    case Action::kRelayed:
    case Action::kExpanded:
      status.klass = 2;
      break;
  }
  return status;
}

std::string status_fields(const Report& report, Form form) {
  std::string out;
  if (!report.envelope_id.empty()) append_field(out, "Original-Envelope-Id", cleaned(report.envelope_id, form));
  append_field(out, "Reporting-MTA", "dns; " + cleaned(report.reporting_mta, form));
  append_date(out, "Arrival-Date", report.arrived);
  for (const auto& recipient : report.recipients) append_recipient(out, recipient, form);
  return out;
}

}  // namespace veredus::rules::dsn
