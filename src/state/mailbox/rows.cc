#include "state/mailbox/rows.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "state/mailbox/row_fields.h"

namespace veredus::state::mailbox::rows {
namespace {

constexpr std::uint8_t kUtf8Header = 32;   // beside the flags of an f row
constexpr std::uint8_t kUnended = 64;      // so too
constexpr std::uint8_t kHasFlagPages = 1;  // of a b row
constexpr std::size_t kSettledAt = 1;      // thread8, mailbox4, uid4 of an m row, after the version

std::size_t octets_of(const std::vector<std::string>& strings) {
  std::size_t octets = 5;
  for (const auto& string : strings) octets += string.size() + 5;
  return octets;
}

std::size_t octets_of(const EmailContent& content) {
  std::size_t octets = 64 + content.envelope.size() + content.bodystructure.size() + content.body.size() +
                       content.part_table.size() + content.preview.size() + content.subject_utf8.size() +
                       content.message_id.size() + octets_of(content.in_reply_to) + octets_of(content.references);
  for (const auto& field : content.fields) octets += field.name.size() + field.value.size() + 10;
  return octets;
}

/// On disk, do not renumber.
enum ContentBits : std::uint8_t { kDated = 1, kFieldsComplete = 2, kHasAttachment = 4, kAllContentBits = 7 };

void put_content(std::string& out, const EmailContent& content) {
  const int bits = (content.date ? kDated : 0) | (content.fields_complete ? kFieldsComplete : 0) |
                   (content.has_attachment ? kHasAttachment : 0);
  put_be(out, static_cast<std::uint8_t>(bits));
  put_time(out, content.date.value_or(SystemTime()));
  for (const auto* part : {&content.envelope, &content.bodystructure, &content.body, &content.part_table,
                           &content.preview, &content.subject_utf8, &content.message_id})
    put_string(out, *part);
  put_strings(out, content.in_reply_to);
  put_strings(out, content.references);
  put_varint(out, content.fields.size());
  for (const auto& field : content.fields) {
    put_string(out, field.name);
    put_string(out, field.value);
  }
}

void take_content(Fields& in, EmailView& email) {
  const auto bits = in.enumerator<std::uint8_t>(0, kAllContentBits);
  const auto date = in.time();
  if ((bits & kDated) != 0) email.date = date;
  email.fields_complete = (bits & kFieldsComplete) != 0;
  email.has_attachment = (bits & kHasAttachment) != 0;
  for (auto* part : {&email.envelope, &email.bodystructure, &email.body, &email.part_table, &email.preview,
                     &email.subject_utf8, &email.message_id})
    *part = in.view();
  email.in_reply_to = in.strings_view(1);
  email.references = in.strings_view(1);
  email.fields = in.strings_view(2);
}

std::vector<std::string> strings_of(const StringsView& view) {
  std::vector<std::string> strings;
  strings.reserve(view.size());
  view.for_each([&](std::string_view string) { strings.emplace_back(string); });
  return strings;
}

EmailContent content_of(const EmailView& email) {
  EmailContent content;
  content.envelope = email.envelope;
  content.bodystructure = email.bodystructure;
  content.body = email.body;
  content.part_table = email.part_table;
  content.preview = email.preview;
  content.subject_utf8 = email.subject_utf8;
  content.message_id = email.message_id;
  content.in_reply_to = strings_of(email.in_reply_to);
  content.references = strings_of(email.references);
  content.fields.reserve(email.fields.size() / 2);
  email.fields.for_each_pair([&](std::string_view name, std::string_view value) {
    content.fields.push_back({std::string(name), std::string(value)});
  });
  content.fields_complete = email.fields_complete;
  content.has_attachment = email.has_attachment;
  content.date = email.date;
  return content;
}

/// Without what can be read from the message again, until it fits a row.
EmailContent shortened(const EmailContent& content) {
  EmailContent fitting = content;
  fitting.fields.clear();
  fitting.fields_complete = false;
  for (auto* part : {&fitting.part_table, &fitting.bodystructure, &fitting.body, &fitting.envelope})
    if (octets_of(fitting) > kEmailRowOctets) part->clear();
  for (auto* ids : {&fitting.references, &fitting.in_reply_to})
    if (octets_of(fitting) > kEmailRowOctets) ids->clear();
  for (auto* part : {&fitting.subject_utf8, &fitting.preview, &fitting.message_id})
    if (octets_of(fitting) > kEmailRowOctets) part->clear();
  return fitting;
}

}  // namespace

std::string encode(const AccountRow& row) {
  auto out = begin(41);
  put_be(out, row.next_mailbox.value);
  put_be(out, row.last_uid_validity.value);
  put_be(out, row.last_email.value);
  put_be(out, row.usage.octets);
  put_be(out, row.usage.messages);
  put_be(out, row.log_floor.value);
  return out;
}

Decoded<AccountRow> decode_account(std::string_view octets) {
  Fields in(octets);
  AccountRow row;
  row.next_mailbox = in.id<MailboxId>();
  row.last_uid_validity = in.id<UidValidity>();
  row.last_email = in.id<EmailId>();
  row.usage.octets = in.number<std::uint64_t>();
  row.usage.messages = in.number<std::uint64_t>();
  row.log_floor = in.id<ModSeq>();
  return in.finish(row);
}

std::string encode(const MailboxRow& row) {
  auto out = begin(81 + row.name.size() + octets_of(row.keywords), 2);
  put_be(out, static_cast<std::uint8_t>(row.state));
  put_be(out, static_cast<std::uint8_t>(row.special_use));
  put_be(out, row.uid_validity.value);
  put_be(out, row.uid_next.value);
  put_be(out, row.first_recent.value);
  put_be(out, row.created_modseq.value);
  put_be(out, row.highest_modseq.value);
  put_be(out, row.deleted_modseq.value);
  put_be(out, row.counts.messages);
  put_be(out, row.counts.unseen);
  put_be(out, row.counts.deleted);
  put_be(out, row.counts.octets);
  put_be(out, row.has_flag_pages ? kHasFlagPages : std::uint8_t{0});
  put_string(out, row.name);
  put_strings(out, row.keywords);
  return out;
}

Decoded<MailboxRow> decode_mailbox(std::string_view octets) {
  Fields in(octets, 2);
  MailboxRow row;
  row.state = in.enumerator(MailboxState::kAlive, MailboxState::kGoing);
  row.special_use = in.enumerator(SpecialUse::kNone, SpecialUse::kImportant);
  row.uid_validity = in.id<UidValidity>();
  row.uid_next = in.id<Uid>();
  row.first_recent = in.id<Uid>();
  row.created_modseq = in.id<ModSeq>();
  row.highest_modseq = in.id<ModSeq>();
  row.deleted_modseq = in.id<ModSeq>();
  row.counts.messages = in.number<std::uint32_t>();
  row.counts.unseen = in.number<std::uint32_t>();
  row.counts.deleted = in.number<std::uint32_t>();
  row.counts.octets = in.number<std::uint64_t>();
  if (in.version() >= 2) row.has_flag_pages = in.enumerator<std::uint8_t>(0, kHasFlagPages) == kHasFlagPages;
  row.name = in.string();
  row.keywords = in.strings();
  if (row.keywords.size() > kKeywords) return std::unexpected(MailboxError::kCorrupt);
  return in.finish(std::move(row));
}

std::string encode(const Message& message) {
  auto out = begin(70);
  put_be(out, message.body.email.value);
  put_be(out, message.modseq.value);
  put_be(out, message.created_modseq.value);
  put_be(out, static_cast<std::uint8_t>(message.flags.bits() | (message.utf8_header ? kUtf8Header : 0) |
                                        (message.unended ? kUnended : 0)));
  put_be(out, message.keywords.high());
  put_be(out, message.keywords.low());
  put_time(out, message.internal_date);
  put_time(out, message.saved_at);
  put_be(out, message.body.octets);
  put_be(out, message.body.first_octets);
  return out;
}

Decoded<Message> decode_message(Uid uid, std::string_view octets) {
  Fields in(octets);
  Message message;
  message.uid = uid;
  message.body.email = in.id<EmailId>();
  message.modseq = in.id<ModSeq>();
  message.created_modseq = in.id<ModSeq>();
  const auto flags = in.octet();
  message.flags = FlagSet::from_bits(flags);
  message.utf8_header = (flags & kUtf8Header) != 0;
  message.unended = (flags & kUnended) != 0;
  const auto high = in.number<std::uint64_t>();
  message.keywords = KeywordSet(in.number<std::uint64_t>(), high);
  message.internal_date = in.time();
  message.saved_at = in.time();
  message.body.octets = in.number<std::uint64_t>();
  message.body.first_octets = in.number<std::uint32_t>();
  if (message.flags.bits() != (flags & ~(kUtf8Header | kUnended))) return std::unexpected(MailboxError::kCorrupt);
  return in.finish(message);
}

std::string encode(const EmailRow& row) {
  auto out = begin(48 + std::min(octets_of(row.content), kEmailRowOctets));
  put_be(out, row.thread.value);
  put_location(out, row.home);
  put_time(out, row.received_at);
  put_be(out, row.octets);
  put_be(out, row.first_octets);
  if (octets_of(row.content) > kEmailRowOctets)
    put_content(out, shortened(row.content));
  else
    put_content(out, row.content);
  return out;
}

void settle_email(std::string& encoded, ThreadId thread, Location home) {
  std::string settled;
  put_be(settled, thread.value);
  put_location(settled, home);
  encoded.replace(kSettledAt, settled.size(), settled);
}

Decoded<EmailView> view_email(std::string_view octets) {
  Fields in(octets);
  EmailView email;
  email.thread = in.id<ThreadId>();
  email.home = in.location();
  email.received_at = in.time();
  email.octets = in.number<std::uint64_t>();
  email.first_octets = in.number<std::uint32_t>();
  take_content(in, email);
  return in.finish(email);
}

Decoded<EmailRow> decode_email(std::string_view octets) {
  VEREDUS_TRY(const auto view, view_email(octets));
  EmailRow row;
  row.thread = view.thread;
  row.home = view.home;
  row.received_at = view.received_at;
  row.octets = view.octets;
  row.first_octets = view.first_octets;
  row.content = content_of(view);
  return row;
}

std::string encode(const DedupeRow& row) {
  auto out = begin(29, row.source_flags ? 2 : 1);
  put_time(out, row.expiry);
  put_be(out, row.email.value);
  put_location(out, row.at);
  put_be(out, row.uid_validity.value);
  if (!row.source_flags) return out;
  put_be(out, row.source_flags->flags.bits());
  put_strings(out, row.source_flags->keywords);
  return out;
}

Decoded<DedupeRow> decode_dedupe(std::string_view octets) {
  Fields in(octets, 2);
  DedupeRow row;
  row.expiry = in.time();
  row.email = in.id<EmailId>();
  row.at = in.location();
  row.uid_validity = in.id<UidValidity>();
  if (in.version() == 1) return in.finish(std::move(row));
  auto& source = row.source_flags.emplace();
  source.flags = FlagSet::from_bits(in.octet());
  source.keywords = in.strings();
  return in.finish(std::move(row));
}

std::string encode_locations(const std::vector<Location>& locations) {
  auto out = begin(3 + locations.size() * 8);
  put_varint(out, locations.size());
  for (const auto& at : locations) put_location(out, at);
  return out;
}

Decoded<std::vector<Location>> decode_locations(std::string_view octets) {
  Fields in(octets);
  std::vector<Location> locations(in.count(8));
  for (auto& at : locations) at = in.location();
  return in.finish(std::move(locations));
}

std::string encode(const StagedRow& row) {
  auto out = begin(17);
  put_time(out, row.expiry);
  put_be(out, row.octets);
  return out;
}

Decoded<StagedRow> decode_staged(std::string_view octets) {
  Fields in(octets);
  StagedRow row;
  row.expiry = in.time();
  row.octets = in.number<std::uint64_t>();
  return in.finish(row);
}

std::string encode_thread(ThreadId thread) {
  auto out = begin(9);
  put_be(out, thread.value);
  return out;
}

Decoded<ThreadId> decode_thread(std::string_view octets) {
  Fields in(octets);
  const auto thread = in.id<ThreadId>();
  return in.finish(thread);
}

std::string encode_used_name(UidValidity uid_validity) {
  auto out = begin(5);
  put_be(out, uid_validity.value);
  return out;
}

Decoded<UidValidity> decode_used_name(std::string_view octets) {
  Fields in(octets);
  const auto uid_validity = in.id<UidValidity>();
  return in.finish(uid_validity);
}

std::string encode_rights(Rights rights) {
  auto out = begin(3);
  put_be(out, rights.bits());
  return out;
}

Decoded<Rights> decode_rights(std::string_view octets) {
  Fields in(octets);
  const auto bits = in.number<std::uint16_t>();
  const auto rights = Rights::from_bits(bits);
  if (rights.bits() != bits || rights.empty()) return std::unexpected(MailboxError::kCorrupt);
  return in.finish(rights);
}

std::string encode_sharer(SystemTime noted) {
  auto out = begin(9);
  put_time(out, noted);
  return out;
}

Decoded<SystemTime> decode_sharer(std::string_view octets) {
  Fields in(octets);
  const auto noted = in.time();
  return in.finish(noted);
}

std::string encode_annotation(std::string_view value) {
  auto out = begin(6 + value.size());
  put_string(out, value);
  return out;
}

Decoded<std::string> decode_annotation(std::string_view octets) {
  Fields in(octets);
  auto value = in.string();
  return in.finish(std::move(value));
}

std::string encode_mark() { return begin(1); }

}  // namespace veredus::state::mailbox::rows
