#include "rules/bounce/recognize.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "rules/bounce/bounce_signs.h"
#include "rules/bounce/judgement.h"
#include "rules/bounce/other_reports.h"
#include "rules/bounce/report_parts.h"
#include "rules/bounce/status_groups.h"
#include "rules/bounce/text_blocks.h"
#include "wire/mime/message_id.h"

namespace veredus::rules::bounce {
namespace {

using base::codec::iequals_ascii;

constexpr std::size_t kMaxRecipients = 256;
constexpr int kMaxMessages = 256;  // of one mailbox file

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
  const std::string_view text = parts.text;
  const auto preamble = text.substr(0, text.find(blocks.front().recipient));  // a reason for all stands above them
  std::vector<BouncedRecipient> out;
  for (const auto& block : blocks) {
    BouncedRecipient recipient;
    recipient.recipient = block.recipient;
    Judgement judgement(block.recipient, {}, {});
    judgement.set_step(joined(block.paragraphs));
    if (blocks.size() == 1) judgement.set_step(parts.text);
    consider_paragraphs(judgement, block.paragraphs);
    if (blocks.size() == 1 || block.paragraphs.empty()) judgement.consider(parts.text);
    judgement.consider(preamble);
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
  const Likeness likeness = likeness_to_bounce(parts);
  if (likeness != Likeness::kNone) {
    auto bounced = from_text(parts);
    const bool gives_reason = std::ranges::any_of(
        bounced, [](const BouncedRecipient& recipient) { return recipient.reason != Category::kUndefined; });
    if (likeness == Likeness::kSure || gives_reason) return bounced;
  }
  return parts.is_receipt ? std::vector<BouncedRecipient>() : recognize_auto_reply(parts);
}

/// Where the next message of a mailbox file begins (RFC 4155); message.size(): it is one message.
std::size_t next_in_mailbox(std::string_view message) {
  if (!message.starts_with("From ")) return message.size();
  for (const std::string_view separator : {"\n\nFrom ", "\r\n\r\nFrom ", "--\nFrom ", "--\r\nFrom "}) {
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
  for (int i = 0; i < kMaxMessages && report.recipients.size() < kMaxRecipients; ++i) {
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
