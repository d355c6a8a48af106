#include "rules/dsn/human_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/codec/date.h"
#include "base/codec/utf8.h"
#include "rules/dsn/advice.h"
#include "rules/dsn/status_fields.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"

namespace veredus::rules::dsn {
namespace {

constexpr std::size_t kMaxLine = 76;
constexpr std::size_t kMaxSubject = 200;
constexpr std::size_t kMaxReply = 900;
constexpr std::size_t kMaxNamed = 100;  // recipients named for people; the machine's part names all

std::string field_text(std::string_view header, std::string_view name, std::size_t max_octets) {
  const auto field = wire::mime::find_field(header, name);
  if (!field) return {};
  const std::string text = wire::mime::decode_header(field->value);
  return std::string(base::codec::utf8_prefix(text, max_octets));
}

/// Words on lines of at most kMaxLine octets, each after `indent`. A word too long stays in one piece.
void append_wrapped(std::string& out, std::string_view indent, std::string_view text) {
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) out.append(indent).append(line).push_back('\n');
    line.clear();
  };
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" \n"), text.size());
    const auto word = text.substr(0, end);
    const bool breaks = end < text.size() && text[end] == '\n';
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > kMaxLine) flush();
    if (!line.empty() && !word.empty()) line.push_back(' ');
    line.append(word);
    if (breaks) flush();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  flush();
}

std::string_view label(Action action) {
  switch (action) {
    case Action::kFailed:
      return "Not delivered";
    case Action::kDelayed:
      return "Delayed";
    case Action::kDelivered:
      return "Delivered";
    case Action::kRelayed:
      return "Passed on";
    case Action::kExpanded:
      return "Sent on to several addresses";
  }
  return "Report";
}

/// What stands above the recipients that share `action`.
std::string_view introduction(Action action) {
  switch (action) {
    case Action::kFailed:
      return "It could not be delivered to the following address. No further attempt will be made:";
    case Action::kDelayed:
      return "It has not been delivered to the following address yet. This is only a notice: you need not send the "
             "message again, the server keeps trying:";
    case Action::kDelivered:
      return "It was delivered to the mailbox of:";
    case Action::kRelayed:
      return "It was handed on to a mail server that does not report back. It probably arrived, but you will get no "
             "further notice about:";
    case Action::kExpanded:
      return "It was sent on to the several addresses that stand behind the following one. You will get no further "
             "notice about them:";
  }
  return "";
}

std::string reply_text(const ReportedRecipient& recipient) {
  std::string text = std::to_string(recipient.reply->code) + ' ';
  if (recipient.reply->status.klass != 0) text += to_string(recipient.reply->status) + ' ';
  text += recipient.reply->text;
  const std::string valid = base::codec::replace_invalid_utf8(text);
  return std::string(base::codec::utf8_prefix(valid, kMaxReply));
}

void append_reason(std::string& out, const ReportedRecipient& recipient) {
  constexpr std::string_view kIndent = "    ";
  append_wrapped(out, kIndent,
                 recipient.explanation.empty() ? what_happened(recipient) : std::string_view(recipient.explanation));
  if (recipient.reply) {
    append_wrapped(out, kIndent,
                   recipient.remote_mta.empty() ? "The receiving server said:" : recipient.remote_mta + " said:");
    append_wrapped(out, "      ", reply_text(recipient));
  }
  if (recipient.action == Action::kFailed) append_wrapped(out, kIndent, what_to_do(recipient));
  if (recipient.action == Action::kDelayed && recipient.will_retry_until)
    append_wrapped(
        out, kIndent,
        "The server keeps trying until " + base::codec::format_rfc5322_date(*recipient.will_retry_until) + '.');
}

void append_recipients(std::string& out, const Report& report, Action action) {
  std::size_t named = 0;
  for (const auto& recipient : report.recipients) {
    if (recipient.action != action) continue;
    if (named == 0) {
      out.push_back('\n');
      append_wrapped(out, "", introduction(action));
    }
    if (++named > kMaxNamed) continue;
    const std::string address = base::codec::replace_invalid_utf8(recipient.address);
    out.append("\n  ").append(address).append("\n");
    if (recipient.original && recipient.original->address != recipient.address)
      append_wrapped(out, "    ",
                     "(you wrote to " + base::codec::replace_invalid_utf8(recipient.original->address) + ')');
    if (action == Action::kFailed || action == Action::kDelayed) append_reason(out, recipient);
  }
  if (named > kMaxNamed)
    append_wrapped(out, "  ", fmt::format("… and {} more; the report for programs names them all.", named - kMaxNamed));
}

/// From the worst to the best.
constexpr std::array kActions = {Action::kFailed, Action::kDelayed, Action::kRelayed, Action::kExpanded,
                                 Action::kDelivered};

}  // namespace

std::string subject_line(const Report& report, std::string_view original_header) {
  const auto* const worst = std::ranges::find_if(kActions, [&](Action action) {
    return std::ranges::find(report.recipients, action, &ReportedRecipient::action) != report.recipients.end();
  });
  const std::string_view what = label(worst == kActions.end() ? Action::kFailed : *worst);
  const std::string subject = field_text(original_header, "Subject", kMaxSubject);
  return subject.empty() ? std::string(what) : fmt::format("{}: {}", what, subject);
}

std::string human_part(const Report& report, std::string_view original_header) {
  std::string out;
  append_wrapped(out, "", fmt::format("This is the mail server {}, writing about your message", report.reporting_mta));
  const std::string subject = field_text(original_header, "Subject", kMaxSubject);
  const std::string date = field_text(original_header, "Date", kMaxLine);
  if (!subject.empty() || !date.empty()) out.push_back('\n');
  if (!subject.empty()) append_wrapped(out, "  ", "Subject: " + subject);
  if (!date.empty()) append_wrapped(out, "  ", "Date: " + date);
  for (const Action action : kActions) append_recipients(out, report, action);
  out.push_back('\n');
  append_wrapped(
      out, "",
      fmt::format("Below stand a report for programs and what was quoted of your message. If you need help, show "
                  "all of it to your mail administrator: {}",
                  report.from));
  return out;
}

}  // namespace veredus::rules::dsn
