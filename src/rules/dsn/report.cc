#include "rules/dsn/report.h"

#include <algorithm>
#include <utility>

#include "base/codec/utf8.h"
#include "rules/dsn/human_part.h"
#include "rules/dsn/status_fields.h"
#include "wire/mime/builder.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message_id.h"

namespace veredus::rules::dsn {
namespace {

constexpr std::size_t kMaxTextLine = 998;  // RFC 5322 s2.1.1

/// The header block of a message, without the empty line that ends it.
std::string_view header_of(std::string_view message) {
  for (std::size_t at = 0; at < message.size();) {
    const auto end = message.find('\n', at);
    const auto line = message.substr(at, end - at);
    if (line.empty() || line == "\r") return message.substr(0, at);
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  return message;
}

/// Whether it can stand in a part as it is: no NUL, and no line that SMTP would not carry.
bool is_quotable(std::string_view message) {
  if (message.contains('\0')) return false;
  for (std::size_t at = 0; at < message.size();) {
    const auto end = std::min(message.find('\n', at), message.size());
    if (end - at > kMaxTextLine + 1) return false;
    at = end + 1;
  }
  return true;
}

/// RFC 3461 s4.3: RET speaks of failures alone; other reports return the header.
bool returns_whole(const Report& report) {
  if (!report.original_is_whole || !is_quotable(report.original)) return false;
  if (std::ranges::find(report.recipients, Action::kFailed, &ReportedRecipient::action) == report.recipients.end())
    return false;
  if (report.original_kind) return *report.original_kind == wire::smtp::DsnReturn::kFull;
  return report.original.size() <= kWholeByDefaultOctets;
}

wire::mime::BuiltPart quoted_original(const Report& report, std::string_view header, Form form) {
  wire::mime::BuiltPart part;
  if (returns_whole(report)) {
    part.type = form == Form::kGlobal ? "message/global" : "message/rfc822";
    part.content = report.original;
    part.description = "Your message";
  } else {
    part.type = form == Form::kGlobal ? "message/global-headers" : "text/rfc822-headers";  // RFC 6522 s4, RFC 6533 s6
    part.content = header;
    part.description = "The header of your message";
  }
  return part;
}

/// RFC 6533's forms are for messages that came with SMTPUTF8 and hold something that needs them.
Form form_of(const Report& report) {
  if (!report.smtputf8) return Form::kAscii;
  const bool ascii = base::codec::is_ascii(report.original) && base::codec::is_ascii(report.envelope_id) &&
                     std::ranges::all_of(report.recipients, [](const ReportedRecipient& recipient) {
                       return base::codec::is_ascii(recipient.address) &&
                              (!recipient.original || base::codec::is_ascii(recipient.original->address)) &&
                              (!recipient.reply || base::codec::is_ascii(recipient.reply->text));
                     });
  return ascii ? Form::kAscii : Form::kGlobal;
}

}  // namespace

std::string_view to_string(Action action) {
  switch (action) {
    case Action::kFailed:
      return "failed";
    case Action::kDelayed:
      return "delayed";
    case Action::kDelivered:
      return "delivered";
    case Action::kRelayed:
      return "relayed";
    case Action::kExpanded:
      return "expanded";
  }
  return "failed";
}

bool needs_smtputf8(const Report& report) {
  return !base::codec::is_ascii(report.to) || !base::codec::is_ascii(report.from);
}

std::string build_report(const Report& report) {
  const std::string_view header = header_of(report.original);
  const Form form = form_of(report);

  wire::mime::BuiltPart people = wire::mime::text_part(human_part(report, header));
  people.description = "What happened";
  wire::mime::BuiltPart machine{
      .type = form == Form::kGlobal ? "message/global-delivery-status" : "message/delivery-status",
      .content = status_fields(report, form)};
  machine.description = "The same for programs";
  std::vector<wire::mime::BuiltPart> parts;
  parts.push_back(std::move(people));
  parts.push_back(std::move(machine));
  if (!header.empty()) parts.push_back(quoted_original(report, header, form));
  wire::mime::BuiltPart whole = wire::mime::multipart("report", std::move(parts));
  whole.parameters.emplace_back("report-type", "delivery-status");  // RFC 6522 s3

  wire::mime::Builder builder(report.boundary_seed);
  builder.from({.name = "Mail Delivery System", .address = report.from});
  builder.to({{.name = "", .address = report.to}});
  builder.subject(subject_line(report, header));
  builder.date(report.date);
  builder.message_id(report.message_id);
  if (const auto id = wire::mime::find_field(header, "Message-ID"))
    builder.references(wire::mime::parse_message_ids(id->value, 1));
  builder.raw("Auto-Submitted", "auto-replied");  // RFC 3834 s5
  builder.body(std::move(whole));
  return builder.build();
}

}  // namespace veredus::rules::dsn
