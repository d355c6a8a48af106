#include "rules/bounce/check_report.h"

#include <fmt/format.h>

#include <iterator>

#include "base/codec/utf8.h"
#include "rules/bounce/classify.h"
#include "rules/bounce/recognize.h"
#include "rules/bounce/reply_codes.h"
#include "wire/mime/json_text.h"

namespace veredus::rules::bounce {
namespace {

void append_pair(std::string& out, std::string_view name, std::string_view value) {
  if (!out.ends_with('{')) out += ", ";
  wire::mime::append_json_string(out, name);
  out += ": ";
  wire::mime::append_json_string(out, base::codec::replace_invalid_utf8(value));
}

void append_flag(std::string& out, std::string_view name, bool value) {
  out += fmt::format(", \"{}\": {}", name, value);
}

std::string code_text(const ReplyCodes& codes) { return codes.code == 0 ? std::string() : std::to_string(codes.code); }

std::string status_text(const ReplyCodes& codes) {
  return codes.status.klass == 0 ? std::string() : to_string(codes.status);
}

void append_recipient(std::string& out, const BouncedRecipient& recipient) {
  out += '{';
  append_pair(out, "recipient", recipient.recipient);
  append_pair(out, "status", recipient.status);
  append_pair(out, "reply", recipient.reply);
  append_pair(out, "reason", to_string(recipient.reason));
  append_flag(out, "hard", recipient.hard);
  append_pair(out, "action", recipient.action);
  append_pair(out, "diagnostic", recipient.diagnostic);
  append_pair(out, "remote_mta", recipient.remote_mta);
  append_pair(out, "original_recipient", recipient.original_recipient);
  append_pair(out, "feedback_type", recipient.feedback_type);
  out += '}';
}

std::string_view or_dash(std::string_view text) { return text.empty() ? std::string_view("-") : text; }

}  // namespace

std::string check_bounce_json(std::string_view message) {
  std::string out = "[";
  for (const auto& recipient : recognize(message).recipients) {
    if (out.size() > 1) out += ", ";
    append_recipient(out, recipient);
  }
  return out + ']';
}

std::string check_reply_json(std::string_view text) {
  const auto codes = find_reply_codes(text);
  const auto known = classify_text(text);
  std::string out = "{";
  append_pair(out, "reply", code_text(codes));
  append_pair(out, "status", status_text(codes));
  append_pair(out, "reason", to_string(known.category));
  append_flag(out, "hard", known.hard);
  append_pair(out, "provider", known.provider);
  append_pair(out, "happened", what_happened(known.category));
  append_pair(out, "advice", what_to_do(known.category));
  return out + '}';
}

std::string check_bounce_text(std::string_view message) {
  const auto report = recognize(message);
  if (report.recipients.empty()) return "no bounce, complaint, delivery notice or automatic reply\n";
  std::string out;
  for (const auto& recipient : report.recipients) {
    fmt::format_to(std::back_inserter(out), "{}: {} ({}) reply {} status {}\n", or_dash(recipient.recipient),
                   to_string(recipient.reason), recipient.hard ? "hard" : "soft", or_dash(recipient.reply),
                   or_dash(recipient.status));
    if (!recipient.diagnostic.empty())
      fmt::format_to(std::back_inserter(out), "  {}\n", base::codec::utf8_prefix(recipient.diagnostic, 300));
  }
  return out;
}

std::string check_reply_text(std::string_view text) {
  const auto known = classify_text(text);
  return fmt::format("{} ({}): {} {}\n", to_string(known.category), known.hard ? "hard" : "soft",
                     what_happened(known.category), what_to_do(known.category));
}

}  // namespace veredus::rules::bounce
