#include "state/journal/block.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/bytes.h"

namespace veredus::state::journal {

using base::observe::JournalEvent;

namespace {

constexpr std::uint8_t kFormat = 1;  // on disk: the first octet of a block
constexpr char kBlockRow = 'x';      // large values, kept apart by the engine
constexpr char kIndexRow = 'i';

std::uint64_t milliseconds(SystemTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

SystemTime from_milliseconds(std::uint64_t count) {
  return SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(count)));
}

void put_event(std::string& block, const JournalEvent& event, SystemTime base) {
  put_varint(block, milliseconds(event.at) - milliseconds(base));
  put_string(block, event.message_id);
  put_string(block, event.kind);
  put_varint(block, event.details.size());
  for (const auto& [name, value] : event.details) {
    put_string(block, name);
    put_string(block, value);
  }
}

bool take_details(ByteReader& reader, JournalEvent& event) {
  const auto count = reader.take_varint();
  if (!count || *count > reader.rest().size()) return false;
  event.details.reserve(*count);
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto name = reader.take_string();
    const auto value = name ? reader.take_string() : std::nullopt;
    if (!value) return false;
    event.details.emplace_back(*name, *value);
  }
  return true;
}

std::optional<JournalEvent> take_event(ByteReader& reader, std::uint64_t base) {
  const auto later = reader.take_varint();
  const auto message_id = later ? reader.take_string() : std::nullopt;
  const auto kind = message_id ? reader.take_string() : std::nullopt;
  if (!kind) return std::nullopt;
  JournalEvent event{.at = from_milliseconds(base + *later), .message_id = std::string(*message_id)};
  event.kind = std::string(*kind);
  if (!take_details(reader, event)) return std::nullopt;
  return event;
}

/// The detail that holds a term; empty: it is the event's own message id or kind.
std::string_view detail_of(Term term) {
  switch (term) {
    case Term::kQueueId:
    case Term::kKind:
      return {};
    case Term::kMessageId:
      return kMessageIdDetail;
    case Term::kSender:
      return kSenderDetail;
    case Term::kRecipient:
      return kRecipientDetail;
  }
  return {};
}

std::uint64_t fnv1a(std::uint64_t hash, char octet) {
  return (hash ^ static_cast<std::uint8_t>(octet)) * 0x100000001B3;
}

/// Without what may stand around an address or a Message-ID.
std::string_view bare(std::string_view value) { return base::codec::trim_ascii(value, "<> \t\r\n"); }

}  // namespace

std::uint64_t day_of(SystemTime time) {
  const auto days = std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
  return days < 0 ? 0 : static_cast<std::uint64_t>(days);
}

std::string block_key(const BlockName& name) {
  std::string key(1, kBlockRow);
  put_be(key, milliseconds(name.first));
  put_be(key, name.sequence);
  return key;
}

std::string index_key(std::uint64_t term, const BlockName& name) {
  std::string key = index_low(term, name.first);
  put_be(key, name.sequence);
  return key;
}

std::string index_low(std::uint64_t term, SystemTime from) {
  std::string key(1, kIndexRow);
  put_be(key, term);
  put_be(key, milliseconds(from));
  return key;
}

std::string index_high(std::uint64_t term) {
  std::string key(1, kIndexRow);
  put_be(key, term);
  return key + std::string(13, '\xFF');  // longer than time and sequence
}

std::optional<BlockName> block_of_index(std::uint64_t day, std::string_view key) {
  ByteReader reader(key);
  if (reader.take_be<std::uint8_t>() != static_cast<std::uint8_t>(kIndexRow)) return std::nullopt;
  const auto term = reader.take_be<std::uint64_t>();
  const auto first = reader.take_be<std::uint64_t>();
  const auto sequence = reader.take_be<std::uint32_t>();
  if (!term || !first || !sequence || !reader.empty()) return std::nullopt;
  return BlockName{.day = day, .first = from_milliseconds(*first), .sequence = *sequence};
}

std::string encode_block(std::span<const JournalEvent> events) {
  SystemTime base = SystemTime::max();
  for (const auto& event : events) base = std::min(base, event.at);
  std::string block;
  put_be(block, kFormat);
  put_be(block, milliseconds(base));
  put_varint(block, events.size());
  for (const auto& event : events) put_event(block, event, base);
  return block;
}

std::optional<std::vector<JournalEvent>> decode_block(std::string_view block) {
  ByteReader reader(block);
  if (reader.take_be<std::uint8_t>() != kFormat) return std::nullopt;
  const auto base = reader.take_be<std::uint64_t>();
  const auto count = reader.take_varint();
  if (!base || !count || *count > block.size()) return std::nullopt;
  std::vector<JournalEvent> events;
  events.reserve(*count);
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto event = take_event(reader, *base);
    if (!event) return std::nullopt;
    events.push_back(std::move(*event));
  }
  if (!reader.empty()) return std::nullopt;
  return events;
}

std::string normal_form(std::string_view value) { return base::codec::to_lower_ascii(bare(value)); }

std::uint64_t term_hash(Term term, std::string_view value) {
  const char kind = static_cast<char>('0' + static_cast<int>(term));
  std::uint64_t hash = fnv1a(0xCBF29CE484222325, kind);
  for (const char octet : bare(value)) hash = fnv1a(hash, base::codec::to_lower_ascii(octet));
  return hash;
}

std::vector<std::uint64_t> terms_of(std::span<const JournalEvent> events) {
  std::vector<std::uint64_t> terms;
  terms.reserve(4 * events.size());
  for (const auto& event : events) {
    if (!event.message_id.empty()) terms.push_back(term_hash(Term::kQueueId, event.message_id));
    terms.push_back(term_hash(Term::kKind, event.kind));
    for (const Term term : {Term::kMessageId, Term::kSender, Term::kRecipient})
      for (const auto& [name, value] : event.details)
        if (name == detail_of(term) && !value.empty()) terms.push_back(term_hash(term, value));
  }
  std::ranges::sort(terms);
  terms.erase(std::ranges::unique(terms).begin(), terms.end());
  return terms;
}

bool has_term(const JournalEvent& event, Term term, std::string_view value) {
  if (term == Term::kQueueId) return normal_form(event.message_id) == value;
  if (term == Term::kKind) return normal_form(event.kind) == value;
  return std::ranges::any_of(event.details, [&](const auto& detail) {
    return detail.first == detail_of(term) && normal_form(detail.second) == value;
  });
}

}  // namespace veredus::state::journal
