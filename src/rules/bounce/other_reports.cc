#include "rules/bounce/other_reports.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/codec/ascii.h"
#include "rules/arf/feedback.h"
#include "rules/bounce/text_blocks.h"

namespace veredus::rules::bounce {
namespace {

using base::codec::to_lower_ascii;

std::string first_address(std::string_view text) {
  auto found = find_addresses(text);
  return found.empty() ? std::string() : std::move(found.front());
}

BouncedRecipient complaint(std::string recipient, std::string_view type) {
  BouncedRecipient out;
  out.recipient = std::move(recipient);
  out.reason = Category::kFeedback;
  out.feedback_type = type;
  return out;
}

/// Subjects of automatic replies, in the languages of the mail programs that write them. Lower case, UTF-8; at the
/// front of the subject.
constexpr std::array kReplySubjects = std::to_array<std::string_view>({
    "automatic reply",
    "automatic response",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto:",
    "auto response",
    "auto-response",
    "autoresponse",
    "autoresponder",
    "auto respond",
    "out of office",
    "out of the office",
    "out-of-office",
    "away from my mail",
    "vacation",
    "on vacation",
    "i am away",
    "i'm away",
    "abwesenheit",
    "automatische antwort",
    "abwesend",
    "r\xc3\xa9ponse automatique",
    "absence du bureau",
    "respuesta autom\xc3\xa1tica",
    "fuera de la oficina",
    "risposta automatica",
    "fuori sede",
    "resposta autom\xc3\xa1tica",
    "automatisch antwoord",
    "afwezig",
    "automatiskt svar",
    "automatisk svar",
    "autosvar",
    "automaattinen vastaus",
    "odpowied\xc5\xba automatyczna",
    "\xd0\x90\xd0\xb2\xd1\x82\xd0\xbe\xd0\xbe\xd1\x82\xd0\xb2\xd0\xb5\xd1\x82",
    "\xe8\x87\xaa\xe5\x8b\x95\xe5\xbf\x9c\xe7\xad\x94",
    "\xe8\x87\xaa\xe5\x8a\xa8\xe7\xad\x94\xe5\xa4\x8d",
});

bool has_reply_subject(std::string_view header) {
  std::string subject = to_lower_ascii(field_value(header, "Subject"));
  for (const std::string_view prefix : {"re: ", "re:", "aw: "})
    if (subject.starts_with(prefix)) subject.erase(0, prefix.size());
  return std::ranges::any_of(kReplySubjects, [&](std::string_view s) { return subject.starts_with(s); });
}

/// Whether the header says that a program answered. RFC 3834 s5, and what came before it.
bool says_automatic(std::string_view header) {
  if (to_lower_ascii(field_value(header, "Auto-Submitted")).starts_with("auto-replied")) return true;
  if (to_lower_ascii(field_value(header, "Precedence")) == "auto_reply") return true;
  for (const std::string_view name :
       {"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response", "X-Vacation"})
    if (!field_value(header, name).empty()) return true;
  return to_lower_ascii(field_value(header, "X-AutoReply-From")).contains('@') ||
         to_lower_ascii(field_value(header, "Delivered-By-The-Vacation-Program")).contains("yes");
}

/// Machines whose automatic mail is no reply of a person's mailbox.
bool is_machine(std::string_view address) {
  const std::string local = to_lower_ascii(address.substr(0, address.find('@')));
  for (const std::string_view machine : {"postmaster", "mailer-daemon", "mailer_daemon", "root", "post_master"})
    if (local == machine) return true;
  return false;
}

}  // namespace

std::vector<BouncedRecipient> recognize_complaint(std::string_view message, const ReportParts& parts) {
  std::vector<BouncedRecipient> out;
  const auto feedback = arf::parse_feedback(message);
  if (feedback) {
    for (const auto& recipient : feedback->original_recipients)
      out.push_back(complaint(recipient, to_lower_ascii(feedback->type_word)));
    if (out.empty())
      out.push_back(complaint(first_address(field_value(parts.original, "To")), to_lower_ascii(feedback->type_word)));
    for (auto& entry : out) entry.remote_mta = feedback->reporting_mta;
    return out;
  }
  const std::string subject = to_lower_ascii(field_value(parts.header, "Subject"));
  if (feedback.error() == arf::FeedbackError::kNoFeedbackType || subject.starts_with("complaint about message from")) {
    if (!parts.has_original_part) return out;
    const std::string original_to = field_value(parts.original, "To");
    const std::string named = field_value(parts.original, "X-HmXmrOriginalRecipient");  // Microsoft's complaints
    out.push_back(complaint(first_address(named.empty() ? original_to : named), "abuse"));
  } else if (parts.text.contains("sent this email to unsubscribe from the message")) {  // Apple's mail program
    out.push_back(complaint(first_address(field_value(parts.header, "From")), "opt-out"));
  }
  return out;
}

std::vector<BouncedRecipient> recognize_auto_reply(const ReportParts& parts) {
  const std::string from = first_address(field_value(parts.header, "From"));
  if (from.empty() || is_machine(from)) return {};
  if (!says_automatic(parts.header) && !has_reply_subject(parts.header)) return {};
  BouncedRecipient reply;
  reply.recipient = from;
  reply.reason = Category::kVacation;
  reply.diagnostic = field_value(parts.header, "Subject");
  return {std::move(reply)};
}

}  // namespace veredus::rules::bounce
