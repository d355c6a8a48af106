#include "state/mailbox/keys.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/types/bytes.h"

namespace veredus::state::mailbox::keys {
namespace {

void put_time(std::string& out, SystemTime time) {
  put_be(out, static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count())));
}

template <class Id>
std::string with_id(char type, Id id) {
  std::string key(1, type);
  put_be(key, id.value);
  return key;
}

std::string with_octets(std::string key, const std::array<std::uint8_t, 16>& octets) {
  for (const auto octet : octets) key.push_back(static_cast<char>(octet));
  return key;
}

/// What follows the prefix, when the key has it and the whole length given.
std::optional<ByteReader> inside(std::string_view key, std::string_view prefix, std::size_t octets) {
  if (key.size() != prefix.size() + octets || !key.starts_with(prefix)) return std::nullopt;
  return ByteReader(key.substr(prefix.size()));
}

}  // namespace

std::string account() { return "a"; }
std::string mailbox(MailboxId mailbox) { return with_id('b', mailbox); }
std::string flag_page(MailboxId mailbox, std::uint32_t number) {
  auto key = with_id('e', mailbox);
  put_be(key, number);
  return key;
}
std::string table_part(MailboxId mailbox, std::uint32_t part) {
  auto key = with_id('v', mailbox);
  put_be(key, part);
  return key;
}
std::string sheet(MailboxId mailbox, std::uint32_t number, SheetColumn column) {
  auto key = with_id('w', mailbox);
  put_be(key, number);
  put_be(key, static_cast<std::uint8_t>(column));
  return key;
}
std::string after_table(MailboxId mailbox) {
  return table_part(mailbox, std::numeric_limits<std::uint32_t>::max()) + '\0';
}
std::string message(MailboxId mailbox, Uid uid) {
  auto key = with_id('f', mailbox);
  put_be(key, uid.value);
  return key;
}
std::string email(EmailId email) { return with_id('m', email); }
std::string locations(EmailId email) { return with_id('l', email); }
std::string chunk(EmailId email, std::uint32_t index) {
  auto key = with_id('x', email);
  put_be(key, index);
  return key;
}
std::string change(ModSeq modseq, MailboxId mailbox) {
  auto key = with_id('c', modseq);
  put_be(key, mailbox.value);
  return key;
}
std::string staged(EmailId email) { return with_id('p', email); }
std::string dedupe(const std::array<std::uint8_t, 16>& k) { return with_octets("k", k); }

std::string due_email(SystemTime at, EmailId email) {
  std::string key = "g";
  put_time(key, at);
  key.push_back(static_cast<char>(Due::kEmail));
  put_be(key, email.value);
  return key;
}

std::string due_dedupe(SystemTime at, const std::array<std::uint8_t, 16>& k) {
  std::string key = "g";
  put_time(key, at);
  key.push_back(static_cast<char>(Due::kDedupe));
  return with_octets(std::move(key), k);
}

std::string thread_of(std::uint64_t message_hash) {
  std::string key = "ti";
  put_be(key, message_hash);
  return key;
}

std::string thread_member(ThreadId thread, EmailId email) {
  std::string key = "tm";
  put_be(key, thread.value);
  put_be(key, email.value);
  return key;
}

std::string subscription(std::string_view name) { return std::string("sn").append(name); }

std::string rights(MailboxId mailbox, AccountId to) {
  auto key = all_rights();
  put_be(key, mailbox.value);
  put_be(key, to.value);
  return key;
}

std::string sharer(AccountId owner) {
  auto key = all_sharers();
  put_be(key, owner.value);
  return key;
}

std::string annotation(AnnotationPlace place, std::string_view name) {
  auto key = annotations_of(place.mailbox);
  put_be(key, place.reader.value);
  return key.append(name);
}

std::string all_rights() { return "sa"; }
std::string all_sharers() { return "sh"; }
std::string all_annotations() { return "sm"; }
std::string annotations_of(MailboxId mailbox) {
  auto key = all_annotations();
  put_be(key, mailbox.value);
  return key;
}

std::string used_name(std::string_view name) { return std::string("n").append(name); }

std::string after(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<std::uint8_t>(prefix.back()) + 1);
  return prefix;
}

std::optional<MailboxId> parse_mailbox(std::string_view key) {
  auto in = inside(key, "b", 4);
  if (!in) return std::nullopt;
  return MailboxId(*in->take_be<std::uint32_t>());
}

std::optional<std::pair<MailboxId, std::uint32_t>> parse_table_part(std::string_view key) {
  auto in = inside(key, "v", 8);
  if (!in) return std::nullopt;
  const MailboxId mailbox(*in->take_be<std::uint32_t>());
  return std::pair(mailbox, *in->take_be<std::uint32_t>());
}

std::optional<SheetKey> parse_sheet(std::string_view key) {
  auto in = inside(key, "w", 9);
  if (!in) return std::nullopt;
  SheetKey found{MailboxId(*in->take_be<std::uint32_t>()), *in->take_be<std::uint32_t>(), SheetColumn()};
  const auto column = static_cast<SheetColumn>(*in->take_be<std::uint8_t>());
  if (std::ranges::find(kSheetColumns, column) == kSheetColumns.end()) return std::nullopt;
  found.column = column;
  return found;
}

std::optional<std::pair<MailboxId, std::uint32_t>> parse_flag_page(std::string_view key) {
  auto in = inside(key, "e", 8);
  if (!in) return std::nullopt;
  const MailboxId mailbox(*in->take_be<std::uint32_t>());
  return std::pair(mailbox, *in->take_be<std::uint32_t>());
}

std::optional<Location> parse_message(std::string_view key) {
  auto in = inside(key, "f", 8);
  if (!in) return std::nullopt;
  Location at;
  at.mailbox = MailboxId(*in->take_be<std::uint32_t>());
  at.uid = Uid(*in->take_be<std::uint32_t>());
  return at;
}

std::optional<EmailId> parse_email(std::string_view key) {
  if (key.empty() || std::string_view("mlp").find(key[0]) == std::string_view::npos) return std::nullopt;
  auto in = inside(key, key.substr(0, 1), 8);
  if (!in) return std::nullopt;
  return EmailId(*in->take_be<std::uint64_t>());
}

std::optional<std::pair<EmailId, std::uint32_t>> parse_chunk(std::string_view key) {
  auto in = inside(key, "x", 12);
  if (!in) return std::nullopt;
  const EmailId email(*in->take_be<std::uint64_t>());
  return std::pair(email, *in->take_be<std::uint32_t>());
}

std::optional<std::pair<ModSeq, MailboxId>> parse_change(std::string_view key) {
  auto in = inside(key, "c", 12);
  if (!in) return std::nullopt;
  const ModSeq modseq(*in->take_be<std::uint64_t>());
  return std::pair(modseq, MailboxId(*in->take_be<std::uint32_t>()));
}

std::optional<DueKey> parse_due(std::string_view key) {
  if (key.size() < 10 || key[0] != 'g') return std::nullopt;
  ByteReader in(key.substr(1));
  DueKey due{};
  due.at = SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(*in.take_be<std::uint64_t>())));
  due.what = static_cast<Due>(*in.take_be<std::uint8_t>());
  if (due.what == Due::kEmail && in.rest().size() == 8) {
    due.email = EmailId(*in.take_be<std::uint64_t>());
    return due;
  }
  if (due.what != Due::kDedupe || in.rest().size() != due.dedupe.size()) return std::nullopt;
  std::transform(in.rest().begin(), in.rest().end(), due.dedupe.begin(),
                 [](char octet) { return static_cast<std::uint8_t>(octet); });
  return due;
}

std::optional<std::pair<ThreadId, EmailId>> parse_thread_member(std::string_view key) {
  auto in = inside(key, "tm", 16);
  if (!in) return std::nullopt;
  const ThreadId thread(*in->take_be<std::uint64_t>());
  return std::pair(thread, EmailId(*in->take_be<std::uint64_t>()));
}

std::optional<std::pair<MailboxId, AccountId>> parse_rights(std::string_view key) {
  auto in = inside(key, all_rights(), 12);
  if (!in) return std::nullopt;
  const MailboxId mailbox(*in->take_be<std::uint32_t>());
  return std::pair(mailbox, AccountId(*in->take_be<std::uint64_t>()));
}

std::optional<AccountId> parse_sharer(std::string_view key) {
  auto in = inside(key, all_sharers(), 8);
  if (!in) return std::nullopt;
  return AccountId(*in->take_be<std::uint64_t>());
}

std::optional<AnnotationKey> parse_annotation(std::string_view key) {
  const auto prefix = all_annotations();
  if (!key.starts_with(prefix)) return std::nullopt;
  ByteReader in(key.substr(prefix.size()));
  const auto mailbox = in.take_be<std::uint32_t>();
  const auto reader = in.take_be<std::uint64_t>();
  if (!mailbox || !reader || in.empty()) return std::nullopt;
  return AnnotationKey{{MailboxId(*mailbox), AccountId(*reader)}, in.rest()};
}

}  // namespace veredus::state::mailbox::keys
