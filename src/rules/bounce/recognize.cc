#include "rules/bounce/recognize.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "rules/bounce/classify.h"
#include "rules/bounce/other_reports.h"
#include "rules/bounce/reply_codes.h"
#include "rules/bounce/report_parts.h"
#include "rules/bounce/session_step.h"
#include "rules/bounce/status_groups.h"
#include "rules/bounce/text_blocks.h"
#include "wire/mime/message_id.h"

namespace veredus::rules::bounce {
namespace {

using base::codec::iequals_ascii;
using base::codec::to_lower_ascii;
using base::codec::trim_ascii;

constexpr std::size_t kMaxDiagnostic = 2000;
constexpr std::size_t kMaxRecipients = 256;

/// Subjects of bounces. Lower case, anywhere in the subject.
constexpr std::array kSubjects = std::to_array<std::string_view>({
    "undeliver",
    "undelivered",
    "non-deliver",
    "nondeliver",
    "not deliver",
    "could not be delivered",
    "delivery status notification",
    "delivery notification",
    "delivery failure",
    "delivery has failed",
    "delivery failed",
    "delivery error",
    "delivery report",
    "delivery problem",
    "failed delivery",
    "failure delivery",
    "failed mail",
    "failure notice",
    "mail failure",
    "mail error",
    "mail system error",
    "message delivery has failed",
    "returned mail",
    "returned email",
    "return receipt",
    "returned to sender",
    "delayed mail",
    "delayed 24 hours",
    "warning: message",
    "warning: could not send",
    "error sending your mail",
    "unzustellbar",
    "non remis",
    "no entregado",
    "you are not member",
    "are not member",
    "\xe3\x82\xa8\xe3\x83\xa9\xe3\x83\xbc\xe9\x80\x9a\xe7\x9f\xa5",
});

/// What reports say to people. Lower case.
constexpr std::array kReportWords = std::to_array<std::string_view>({
    "could not be delivered",
    "couldn't be delivered",
    "not be delivered",
    "was not delivered",
    "wasn't able to deliver",
    "were unable to deliver",
    "unable to deliver",
    "error delivering your mail",
    "did not reach the following",
    "did not reach some or all",
    "did not receive this message",
    "could not deliver",
    "trouble delivering",
    "deliver mail to",
    "delivery to the following",
    "delevery to the following",
    "delivery failed",
    "delivery has failed",
    "not yet been delivered",
    "had permanent fatal errors",
    "had delivery errors",
    "had delivery problems",
    "had transient non-fatal errors",
    "transcript of session follows",
    "failure reasons",
    "attempting to deliver a message",
    "a message is delayed",
    "incorrectly constructed",
    "rejected by a remote mail server",
    "unknown user",
    "invalid final delivery userid",
    "your message to",
    "cannot be delivered",
    "error message below",
    "you are not a member",
    "was not relayed",
    "google groups",
});

bool contains_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

/// How much speaks for a message that is no standard report being a bounce.
struct Signs {
  bool daemon = false;     // From: a mail system
  bool null_path = false;  // Return-Path: <>
  bool subject = false;
  bool words = false;
  bool failed_field = false;  // X-Failed-Recipients
};

Signs signs_of(const ReportParts& parts) {
  Signs signs;
  const std::string from = to_lower_ascii(field_value(parts.header, "From"));
  constexpr std::array kDaemons = std::to_array<std::string_view>(
      {"mailer-daemon", "mailer_daemon", "postmaster", "post_master", "mail delivery s", "mail.delivery.system",
       "mail deliver system", "mail system", "ndr administrator", "system administrator", "maildaemon"});
  signs.daemon = contains_any(from, kDaemons);
  const std::string path = to_lower_ascii(field_value(parts.header, "Return-Path"));
  signs.null_path = path == "<>" || path.starts_with("<mailer-daemon") || path == "<mailer-daemon>";
  signs.subject = contains_any(to_lower_ascii(field_value(parts.header, "Subject")), kSubjects);
  std::string lower = to_lower_ascii(parts.text);
  std::ranges::replace(lower, '\n', ' ');
  signs.words = contains_any(lower, kReportWords);
  signs.failed_field = !field_value(parts.header, "X-Failed-Recipients").empty();
  return signs;
}

bool is_bounce(const Signs& signs) {
  if (signs.failed_field) return true;
  if (signs.subject && (signs.daemon || signs.null_path || signs.words)) return true;
  return (signs.daemon || signs.null_path) && signs.words;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kMaxDiagnostic)) {
    const bool space = static_cast<unsigned char>(c) <= 32;
    if (!space || (!out.empty() && out.back() != ' ')) out.push_back(space ? ' ' : c);
  }
  return base::codec::replace_invalid_utf8(trim_ascii(out));
}

constexpr int kSurest = 5;

/// How sure a classification is; larger is surer. That time was over says the least of what words can say.
int sureness(const Classification& classification) {
  switch (classification.basis) {
    case Basis::kWords:
      return classification.category == Category::kExpired ? kSurest - 1 : kSurest;
    case Basis::kStatus:
      return 3;
    case Basis::kStep:
      return 2;
    case Basis::kCode:
      return 1;
    case Basis::kNothing:
      return 0;
  }
  return 0;
}

/// What a remote server said, where the reporting one quotes it behind words of its own: `5.1.0 - Unknown address error
/// 550-'5.7.1 … Access denied'`. Empty: not so.
std::string_view quoted_reply(std::string_view text) {
  for (auto at = text.find("-'"); at != std::string_view::npos; at = text.find("-'", at + 2)) {
    if (at < 3 || find_reply_codes(text.substr(at - 3, 4)).code < 400) continue;
    const auto end = text.rfind('\'');
    if (end > at + 2) return text.substr(at + 2, end - at - 2);
  }
  return {};
}

/// Reads the reason of one recipient out of what is said of it, from the closest words to the widest.
class Judgement {
 public:
  Judgement(std::string_view recipient, wire::smtp::EnhancedStatus status, std::string_view remote_mta)
      : around_{.remote_mta = remote_mta, .recipient = recipient, .command = {}, .hearsay = true, .status = status} {}

  void set_step(std::string_view text) {
    if (around_.command.empty()) around_.command = find_step(text);
  }

  /// Takes `text` into account unless something closer was as sure.
  void consider(std::string_view text) {
    const auto quoted = quoted_reply(text);
    if (quoted.empty()) {
      consider_text(text);
      return;
    }
    const auto codes = find_reply_codes(text);
    if (codes_.code == 0) codes_.code = codes.code;
    if (codes.status.subject != 0) around_.status = codes.status;
    consider_text(quoted);
  }

  [[nodiscard]] bool settled() const { return sureness(best_) == kSurest; }

  void write(BouncedRecipient& out) const {
    const auto best = diagnostic_.empty() ? classify_text("", around_) : best_;
    auto status = codes_.status;
    if (status.klass == 0 || (status.subject == 0 && around_.status.subject != 0)) status = around_.status;
    out.reason = best.category;
    out.hard = best.hard;
    if (status.klass != 0) out.status = to_string(status);
    if (codes_.code != 0) out.reply = std::to_string(codes_.code);
    out.diagnostic = one_line(diagnostic_);
  }

 private:
  void consider_text(std::string_view text) {
    if (trim_ascii(text).empty() || sureness(best_) == kSurest) return;
    const auto classification = classify_text(text, around_);
    if (!diagnostic_.empty() && sureness(classification) <= sureness(best_)) return;
    if (diagnostic_.empty() || classification.basis == Basis::kWords) diagnostic_ = text;
    const auto codes = find_reply_codes(text);
    if (codes_.code == 0) codes_.code = codes.code;
    if (codes_.status.klass == 0 || (codes_.status.subject == 0 && codes.status.subject != 0))
      codes_.status = codes.status.klass != 0 ? codes.status : codes_.status;
    best_ = classification;
  }

  Circumstances around_;
  Classification best_;
  ReplyCodes codes_;
  std::string diagnostic_;
};

void consider_paragraphs(Judgement& judgement, const std::vector<std::string>& paragraphs) {
  std::string text;
  for (const auto& paragraph : paragraphs) {
    if (!text.empty()) text.push_back('\n');
    text += paragraph;
    judgement.consider(text);
    if (judgement.settled()) return;
  }
}

std::string joined(const std::vector<std::string>& paragraphs) {
  std::string out;
  for (const auto& paragraph : paragraphs) out.append(paragraph).push_back('\n');
  return out;
}

const TextBlock* block_of(const std::vector<TextBlock>& blocks, std::string_view recipient) {
  const auto found =
      std::ranges::find_if(blocks, [&](const TextBlock& b) { return iequals_ascii(b.recipient, recipient); });
  return found == blocks.end() ? nullptr : &*found;
}

std::string sender_of_original(const ReportParts& parts) {
  const auto found = find_addresses(field_value(parts.header, "To"));
  return found.empty() ? std::string() : found.front();
}

bool is_good_news(std::string_view action) {
  return action == "delivered" || action == "relayed" || action == "expanded" || action == "deliverable";
}

BouncedRecipient from_group(const StatusGroup& group, const ReportParts& parts, const std::vector<TextBlock>& blocks,
                            bool only_one) {
  BouncedRecipient out;
  out.recipient = group.recipient;
  out.original_recipient = group.original_recipient;
  out.action = group.action;
  out.remote_mta = group.remote_mta;
  const TextBlock* const block = block_of(blocks, group.recipient);
  Judgement judgement(group.recipient, group.status, group.remote_mta);
  judgement.set_step(group.diagnostic);
  if (block != nullptr) judgement.set_step(joined(block->paragraphs));
  if (only_one) judgement.set_step(parts.text);
  const bool program = group.diagnostic_type == "x-unix";
  judgement.consider(program ? "x-unix; " + group.diagnostic : group.diagnostic);
  if (block != nullptr) consider_paragraphs(judgement, block->paragraphs);
  if (only_one) judgement.consider(parts.text);
  judgement.write(out);
  if (is_good_news(group.action)) {
    out.reason = Category::kDelivered;
    out.hard = false;
  }
  return out;
}

std::vector<BouncedRecipient> from_status(const StatusReport& report, const ReportParts& parts) {
  const auto blocks = find_blocks(parts.text, sender_of_original(parts));
  std::vector<BouncedRecipient> out;
  for (const auto& group : report.groups) {
    const bool seen = std::ranges::any_of(out, [&](const BouncedRecipient& r) {
      return !r.recipient.empty() && iequals_ascii(r.recipient, group.recipient);
    });
    if (!seen) out.push_back(from_group(group, parts, blocks, report.groups.size() == 1));
  }
  return out;
}

/// Recipients of a bounce that has no fields for programs.
std::vector<TextBlock> named_recipients(const ReportParts& parts) {
  auto blocks = find_blocks(parts.text, sender_of_original(parts));
  for (const auto& address : find_addresses(field_value(parts.header, "X-Failed-Recipients"))) {
    if (block_of(blocks, address) != nullptr) continue;
    // Exim may name it by its local part alone.
    blocks.push_back({.recipient = address, .paragraphs = {}});
  }
  if (!blocks.empty()) return blocks;
  const auto to = find_addresses(field_value(parts.original, "To"));
  blocks.push_back({.recipient = to.empty() ? std::string() : to.front(), .paragraphs = {}});
  return blocks;
}

std::vector<BouncedRecipient> from_text(const ReportParts& parts) {
  const auto blocks = named_recipients(parts);
  std::vector<BouncedRecipient> out;
  for (const auto& block : blocks) {
    BouncedRecipient recipient;
    recipient.recipient = block.recipient;
    Judgement judgement(block.recipient, {}, {});
    judgement.set_step(joined(block.paragraphs));
    if (blocks.size() == 1) judgement.set_step(parts.text);
    consider_paragraphs(judgement, block.paragraphs);
    if (blocks.size() == 1 || block.paragraphs.empty()) judgement.consider(parts.text);
    judgement.write(recipient);
    out.push_back(std::move(recipient));
  }
  return out;
}

StatusReport status_of(const ReportParts& parts) {
  StatusReport report;
  for (const auto& part : parts.status) {
    auto read = read_status(part);
    if (report.envelope_id.empty()) report.envelope_id = std::move(read.envelope_id);
    for (auto& group : read.groups) report.groups.push_back(std::move(group));
  }
  std::erase_if(report.groups, [](const StatusGroup& group) { return group.recipient.empty(); });
  return report;
}

/// The same fields where they stand in text: broken MIME, and reports handed on by people and programs.
StatusReport status_in_text(const ReportParts& parts) {
  if (!parts.uncut_text.contains("Final-Recipient:")) return {};
  StatusReport report = read_status(parts.uncut_text);
  std::erase_if(report.groups, [](const StatusGroup& group) { return group.recipient.empty(); });
  return report;
}

std::vector<BouncedRecipient> recognize_parts(std::string_view message, const ReportParts& parts,
                                              BounceReport& report) {
  StatusReport status = status_of(parts);
  if (status.groups.empty()) {
    if (auto complaints = recognize_complaint(message, parts); !complaints.empty()) return complaints;
    if (auto notices = recognize_ses_notice(parts); !notices.empty()) return notices;
    status = status_in_text(parts);
  }
  report.envelope_id = status.envelope_id;
  if (!status.groups.empty()) return from_status(status, parts);
  if (is_bounce(signs_of(parts))) return from_text(parts);
  return recognize_auto_reply(parts);
}

/// Where the next message of a mailbox file begins (RFC 4155); message.size(): it is one message.
std::size_t next_in_mailbox(std::string_view message) {
  if (!message.starts_with("From ")) return message.size();
  for (const std::string_view separator : {"\n\nFrom ", "\r\n\r\nFrom ", "--\nFrom "}) {
    for (auto at = message.find(separator); at != std::string_view::npos; at = message.find(separator, at + 1)) {
      const auto begin = at + separator.size() - 5;
      const auto line = message.substr(begin, message.find('\n', begin) - begin);
      const bool dated = std::ranges::count(line, ':') == 2 && line.size() < 200;
      if (dated) return begin;
    }
  }
  return message.size();
}

void add(BounceReport& report, BounceReport more) {
  if (report.recipients.empty()) {
    report = std::move(more);
    return;
  }
  for (auto& recipient : more.recipients) report.recipients.push_back(std::move(recipient));
}

BounceReport recognize_one(std::string_view message) {
  const ReportParts parts = take_apart(message);
  BounceReport report;
  report.recipients = recognize_parts(message, parts, report);
  if (report.recipients.empty()) return {};
  const auto ids = wire::mime::parse_message_ids(field_value(parts.original, "Message-ID"), 1);
  if (!ids.empty()) report.original_message_id = ids.front();
  return report;
}

}  // namespace

BounceReport recognize(std::string_view message) {
  BounceReport report;
  while (report.recipients.size() < kMaxRecipients) {
    const auto end = next_in_mailbox(message);
    if (end == message.size()) break;
    add(report, recognize_one(message.substr(0, end)));
    message.remove_prefix(end);
  }
  add(report, recognize_one(message));
  if (report.recipients.size() > kMaxRecipients) report.recipients.resize(kMaxRecipients);
  return report;
}

}  // namespace veredus::rules::bounce
