#include "state/mailbox/keys.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/types/bytes.h"

namespace veredus::state::mailbox::keys {
namespace {

void put_time(std::string& out, SystemTime time) {
  put_be(out, static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count())));
}

template <class Number>
void put_number(std::string& out, Number number) {
  if constexpr (std::is_integral_v<Number>)
    put_be(out, number);
  else
    put_be(out, number.value);
}

template <class Number>
Number take_number(ByteReader& in) {
  if constexpr (std::is_integral_v<Number>)
    return *in.take_be<Number>();
  else
    return Number(*in.take_be<typename Number::rep>());
}

template <class... Number>
std::string with_numbers(std::string key, Number... numbers) {
  (put_number(key, numbers), ...);
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

template <class Number>
std::optional<Number> parse_number(std::string_view key, std::string_view prefix) {
  auto in = inside(key, prefix, sizeof(Number));
  if (!in) return std::nullopt;
  return take_number<Number>(*in);
}

template <class First, class Second>
std::optional<std::pair<First, Second>> parse_numbers(std::string_view key, std::string_view prefix) {
  auto in = inside(key, prefix, sizeof(First) + sizeof(Second));
  if (!in) return std::nullopt;
  const auto first = take_number<First>(*in);
  return std::pair(first, take_number<Second>(*in));
}

}  // namespace

std::string account() { return "a"; }
std::string mailbox(MailboxId mailbox) { return with_numbers("b", mailbox); }
std::string flag_page(MailboxId mailbox, std::uint32_t number) { return with_numbers("e", mailbox, number); }
std::string table_part(MailboxId mailbox, std::uint32_t part) { return with_numbers("v", mailbox, part); }
std::string sheet(MailboxId mailbox, std::uint32_t number, SheetColumn column) {
  return with_numbers("w", mailbox, number, static_cast<std::uint8_t>(column));
}
std::string after_table(MailboxId mailbox) {
  return table_part(mailbox, std::numeric_limits<std::uint32_t>::max()) + '\0';
}
std::string message(MailboxId mailbox, Uid uid) { return with_numbers("f", mailbox, uid); }
std::string email(EmailId email) { return with_numbers("m", email); }
std::string locations(EmailId email) { return with_numbers("l", email); }
std::string chunk(EmailId email, std::uint32_t index) { return with_numbers("x", email, index); }
std::string change(ModSeq modseq, MailboxId mailbox) { return with_numbers("c", modseq, mailbox); }
std::string staged(EmailId email) { return with_numbers("p", email); }
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

std::string thread_of(std::uint64_t message_hash) { return with_numbers("ti", message_hash); }

std::string thread_member(ThreadId thread, EmailId email) { return with_numbers("tm", thread, email); }

std::string subscription(std::string_view name) { return std::string("sn").append(name); }

std::string rights(MailboxId mailbox, AccountId to) { return with_numbers(all_rights(), mailbox, to); }

std::string sharer(AccountId owner) { return with_numbers(all_sharers(), owner); }

std::string annotation(AnnotationPlace place, std::string_view name) {
  return with_numbers(annotations_of(place.mailbox), place.reader).append(name);
}

std::string all_rights() { return "sa"; }
std::string all_sharers() { return "sh"; }
std::string all_annotations() { return "sm"; }
std::string annotations_of(MailboxId mailbox) { return with_numbers(all_annotations(), mailbox); }

std::string used_name(std::string_view name) { return std::string("n").append(name); }

std::string after(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<std::uint8_t>(prefix.back()) + 1);
  return prefix;
}

std::optional<MailboxId> parse_mailbox(std::string_view key) { return parse_number<MailboxId>(key, "b"); }

std::optional<std::pair<MailboxId, std::uint32_t>> parse_table_part(std::string_view key) {
  return parse_numbers<MailboxId, std::uint32_t>(key, "v");
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
  return parse_numbers<MailboxId, std::uint32_t>(key, "e");
}

std::optional<Location> parse_message(std::string_view key) {
  const auto at = parse_numbers<MailboxId, Uid>(key, "f");
  if (!at) return std::nullopt;
  return Location{at->first, at->second};
}

std::optional<EmailId> parse_email(std::string_view key) {
  if (key.empty() || std::string_view("mlp").find(key[0]) == std::string_view::npos) return std::nullopt;
  return parse_number<EmailId>(key, key.substr(0, 1));
}

std::optional<std::pair<EmailId, std::uint32_t>> parse_chunk(std::string_view key) {
  return parse_numbers<EmailId, std::uint32_t>(key, "x");
}

std::optional<std::pair<ModSeq, MailboxId>> parse_change(std::string_view key) {
  return parse_numbers<ModSeq, MailboxId>(key, "c");
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
  return parse_numbers<ThreadId, EmailId>(key, "tm");
}

std::optional<std::pair<MailboxId, AccountId>> parse_rights(std::string_view key) {
  return parse_numbers<MailboxId, AccountId>(key, all_rights());
}

std::optional<AccountId> parse_sharer(std::string_view key) { return parse_number<AccountId>(key, all_sharers()); }

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
