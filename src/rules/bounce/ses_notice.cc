#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/codec/ascii.h"
#include "rules/bounce/classify.h"
#include "rules/bounce/other_reports.h"
#include "rules/bounce/reply_codes.h"

namespace veredus::rules::bounce {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxRecipients = 256;

/// JSON on lines that a mail server broke: sendmail puts "!", a line end and a space into a line of over 990 octets,
/// others the line end and the space alone. Neither can stand in JSON otherwise but as white space.
std::string rejoined(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("!\n ")) {
      i += 2;
    } else if (text.substr(i).starts_with("\n ")) {
      i += 1;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

/// The first JSON object in `text`; what follows it is left.
std::optional<json::object> read_object(std::string_view text) {
  const auto begin = text.find('{');
  if (begin == std::string_view::npos) return std::nullopt;
  json::stream_parser parser;
  boost::system::error_code error;
  parser.write_some(text.data() + begin, text.size() - begin, error);
  if (error || !parser.done()) return std::nullopt;
  json::value value = parser.release();
  if (!value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

const json::object* object_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

/// What SES says beside the reply. Source: its page "Amazon SNS notification contents".
Category category_of_subtype(std::string_view type, std::string_view subtype) {
  if (subtype == "NoEmail") return Category::kUserUnknown;
  if (subtype == "Suppressed" || subtype == "OnAccountSuppressionList") return Category::kSuppressed;
  if (subtype == "MailboxFull") return Category::kMailboxFull;
  if (subtype == "MessageTooLarge") return Category::kMessageTooBig;
  if (subtype == "ContentRejected" || subtype == "AttachmentRejected") return Category::kContentError;
  return type == "Permanent" ? Category::kOnHold : Category::kUndefined;
}

void add_bounce(std::vector<BouncedRecipient>& out, const json::object& bounce) {
  const auto* const recipients = array_of(bounce, "bouncedRecipients");
  if (recipients == nullptr) return;
  const auto type = text_of(bounce, "bounceType");
  const auto subtype = text_of(bounce, "bounceSubType");
  for (const auto& value : *recipients) {
    const auto* const entry = value.if_object();
    if (entry == nullptr || out.size() >= kMaxRecipients) continue;
    BouncedRecipient recipient;
    recipient.recipient = text_of(*entry, "emailAddress");
    recipient.action = text_of(*entry, "action");
    recipient.diagnostic = text_of(*entry, "diagnosticCode");
    const auto status = parse_status(text_of(*entry, "status"));
    const auto codes = find_reply_codes(recipient.diagnostic);
    const auto known = classify_text(recipient.diagnostic, {.recipient = recipient.recipient, .status = status});
    const auto by_subtype = category_of_subtype(type, subtype);
    recipient.reason = known.basis == Basis::kNothing || known.basis == Basis::kCode ? by_subtype : known.category;
    recipient.hard = recipient.reason == known.category ? known.hard : is_hard(recipient.reason);
    const auto best = codes.status.klass != 0 ? codes.status : status;
    if (best.klass != 0) recipient.status = to_string(best);
    if (codes.code != 0) recipient.reply = std::to_string(codes.code);
    out.push_back(std::move(recipient));
  }
}

void add_complaint(std::vector<BouncedRecipient>& out, const json::object& complaint) {
  const auto* const recipients = array_of(complaint, "complainedRecipients");
  if (recipients == nullptr) return;
  auto type = text_of(complaint, "complaintFeedbackType");
  if (type.empty()) type = "abuse";
  for (const auto& value : *recipients) {
    const auto* const entry = value.if_object();
    if (entry == nullptr || out.size() >= kMaxRecipients) continue;
    BouncedRecipient recipient;
    recipient.recipient = text_of(*entry, "emailAddress");
    recipient.reason = Category::kFeedback;
    recipient.feedback_type = type;
    out.push_back(std::move(recipient));
  }
}

void add_delivery(std::vector<BouncedRecipient>& out, const json::object& delivery) {
  const auto* const recipients = array_of(delivery, "recipients");
  if (recipients == nullptr) return;
  const auto reply = text_of(delivery, "smtpResponse");
  const auto codes = find_reply_codes(reply);
  for (const auto& value : *recipients) {
    if (!value.is_string() || out.size() >= kMaxRecipients) continue;
    BouncedRecipient recipient;
    recipient.recipient = std::string(value.get_string());
    recipient.reason = Category::kDelivered;
    recipient.action = "delivered";
    recipient.diagnostic = reply;
    recipient.remote_mta = text_of(delivery, "reportingMTA");
    if (codes.status.klass != 0) recipient.status = to_string(codes.status);
    if (codes.code != 0) recipient.reply = std::to_string(codes.code);
    out.push_back(std::move(recipient));
  }
}

}  // namespace

std::vector<BouncedRecipient> recognize_ses_notice(const ReportParts& parts) {
  if (!parts.uncut_text.contains("otificationType") && !parts.uncut_text.contains("eventType")) return {};
  auto notice = read_object(rejoined(parts.uncut_text));
  if (notice && notice->contains("Message")) notice = read_object(text_of(*notice, "Message"));  // SNS's envelope
  std::vector<BouncedRecipient> out;
  if (!notice) return out;
  if (const auto* const bounce = object_of(*notice, "bounce")) add_bounce(out, *bounce);
  if (const auto* const complaint = object_of(*notice, "complaint")) add_complaint(out, *complaint);
  if (const auto* const delivery = object_of(*notice, "delivery")) add_delivery(out, *delivery);
  return out;
}

}  // namespace veredus::rules::bounce
