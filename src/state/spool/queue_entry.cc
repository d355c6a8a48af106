#include "state/spool/queue_entry.h"

#include <algorithm>
#include <utility>

#include "base/codec/base32.h"
#include "base/crypto/digest.h"
#include "base/types/bytes.h"

namespace veredus::state::spool {
namespace {

constexpr std::size_t kRecipientRoom = 64;     // lengths, bits and counts, more than enough
constexpr std::size_t kEntryRoom = 16 * 1024;  // the same, and what an administrator may write: a route, a reason
constexpr std::uint8_t kFormat = 1;            // on disk: the first octet of an entry row
// On disk, do not renumber.
enum EntryBit : std::uint8_t { kSharesBody = 1, kBulkTraffic = 2, kHasSubmitter = 4, kAllBits = 7 };

constexpr std::size_t kMessageOctets = 10;
constexpr std::size_t kMessageCharacters = 16;
constexpr std::size_t kRestCharacters = 10;

void put_recipient(std::string& row, const QueuedRecipient& recipient) {
  put_string(row, recipient.address);
  put_notify(row, recipient.notify);
  put_original(row, recipient.original);
  put_varint(row, recipient.attempts);
  put_string(row, std::string_view(recipient.last_reply).substr(0, kMaxLastReplyOctets));
}

std::optional<QueuedRecipient> take_recipient(ByteReader& reader) {
  const auto address = reader.take_string();
  auto notify = address ? take_notify(reader) : std::nullopt;
  auto original = notify ? take_original(reader) : std::nullopt;
  const auto attempts = original ? reader.take_varint() : std::nullopt;
  const auto last_reply = attempts ? reader.take_string() : std::nullopt;
  if (!last_reply || *attempts > UINT16_MAX) return std::nullopt;
  QueuedRecipient recipient;
  recipient.address = *address;
  recipient.notify = *notify;
  recipient.original = *std::move(original);
  recipient.attempts = static_cast<std::uint16_t>(*attempts);
  recipient.last_reply = *last_reply;
  return recipient;
}

bool take_recipients(ByteReader& reader, std::vector<QueuedRecipient>& recipients) {
  const auto count = reader.take_varint();
  if (!count || *count > reader.rest().size()) return false;
  recipients.reserve(*count);
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto recipient = take_recipient(reader);
    if (!recipient) return false;
    recipients.push_back(*std::move(recipient));
  }
  return true;
}

/// Reads into `to`; false: nothing fits there.
template <class T, class From>
bool keep(T& to, std::optional<From> value) {
  if (value) to = T(*std::move(value));
  return value.has_value();
}

bool take_times(ByteReader& reader, QueueEntry& entry) {
  return keep(entry.accepted_at, take_time(reader)) && keep(entry.due_at, take_time(reader)) &&
         keep(entry.expires_at, take_time(reader)) && keep(entry.delay_notice_at, take_optional_time(reader));
}

bool take_counts(ByteReader& reader, QueueEntry& entry) {
  const auto attempts = reader.take_varint();
  const auto uncertain = reader.take_varint();
  if (!attempts || *attempts > UINT32_MAX || !uncertain || *uncertain > UINT16_MAX) return false;
  entry.attempts = static_cast<std::uint32_t>(*attempts);
  entry.uncertain = static_cast<std::uint16_t>(*uncertain);
  return true;
}

bool take_state(ByteReader& reader, QueueEntry& entry) {
  const auto bits = reader.take_be<std::uint8_t>();
  const auto hold = reader.take_be<std::uint8_t>();
  if (!bits || *bits > kAllBits || !hold || *hold > static_cast<std::uint8_t>(Hold::kBrake)) return false;
  entry.shares_body = (*bits & kSharesBody) != 0;
  entry.traffic = (*bits & kBulkTraffic) != 0 ? TrafficClass::kBulk : TrafficClass::kTransactional;
  entry.hold = static_cast<Hold>(*hold);
  if (!keep(entry.hold_reason, reader.take_string())) return false;
  if ((*bits & kHasSubmitter) == 0) return true;
  const auto account = reader.take_be<std::uint64_t>();
  if (account) entry.submitter = AccountId(*account);
  return account.has_value();
}

}  // namespace

Shard shard_of(std::string_view domain) {
  std::uint32_t hash = 0x811C9DC5;  // FNV-1a
  for (const char c : domain) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x01000193;
  return (hash ^ hash >> 16) % kShards;
}

EntryId EntryId::make(const QueueId& message, std::string_view domain, std::string_view route, std::uint32_t part) {
  std::string rest;
  put_string(rest, domain);
  put_string(rest, route);
  put_varint(rest, part);
  const auto digest = base::crypto::sha256(rest);
  EntryId id;
  const auto to = std::ranges::copy(message.octets, id.octets.begin()).out;
  std::transform(digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(id.octets.size() - kMessageOctets), to,
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return id;
}

QueueId EntryId::message() const {
  QueueId message;
  std::copy_n(octets.begin(), kMessageOctets, message.octets.begin());
  return message;
}

std::string to_string(const EntryId& id) {
  auto text = base::codec::base32_encode(id.key().substr(0, kMessageOctets));
  text.push_back('-');
  text.append(base::codec::base32_encode(id.key().substr(kMessageOctets)));
  return text;
}

std::optional<EntryId> parse_entry_id(std::string_view text) {
  if (text.size() != kMessageCharacters + 1 + kRestCharacters || text[kMessageCharacters] != '-') return std::nullopt;
  auto octets = base::codec::base32_decode(text.substr(0, kMessageCharacters));
  const auto rest = base::codec::base32_decode(text.substr(kMessageCharacters + 1));
  if (!octets || !rest) return std::nullopt;
  return entry_id_of_key(octets->append(*rest));
}

std::optional<EntryId> entry_id_of_key(std::string_view key) {
  EntryId id;
  if (key.size() != id.octets.size()) return std::nullopt;
  std::ranges::transform(key, id.octets.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return id;
}

std::string_view to_string(Hold hold) {
  switch (hold) {
    case Hold::kNone:
      return "none";
    case Hold::kAdministrator:
      return "administrator";
    case Hold::kBrake:
      return "brake";
  }
  return "unknown";
}

std::size_t row_octets(const QueuedRecipient& recipient) {
  std::size_t octets = kRecipientRoom + recipient.address.size() + kMaxLastReplyOctets;
  if (recipient.original) octets += recipient.original->type.size() + recipient.original->address.size();
  return octets;
}

std::size_t row_octets_without_recipients(const QueueEntry& entry) {
  return kEntryRoom + entry.domain.size() + entry.route.size() + entry.pool.size() +
         entry.sender.value_or(std::string()).size() + entry.hold_reason.size() + entry.mail.envelope_id.size() +
         entry.trace.size();
}

std::string encode_queue_entry(const QueueEntry& entry) {
  std::string row;
  row.reserve(256 + entry.trace.size());
  put_be(row, kFormat);
  put_string(row, entry.domain);
  put_string(row, entry.route);
  put_string(row, entry.pool);
  put_optional_string(row, entry.sender);
  put_varint(row, entry.recipients.size());
  for (const auto& recipient : entry.recipients) put_recipient(row, recipient);
  put_time(row, entry.accepted_at);
  put_time(row, entry.due_at);
  put_time(row, entry.expires_at);
  put_optional_time(row, entry.delay_notice_at);
  put_varint(row, entry.attempts);
  put_varint(row, entry.uncertain);
  put_be(row, static_cast<std::uint8_t>((entry.shares_body ? kSharesBody : 0) |
                                        (entry.traffic == TrafficClass::kBulk ? kBulkTraffic : 0) |
                                        (entry.submitter ? kHasSubmitter : 0)));
  put_be(row, static_cast<std::uint8_t>(entry.hold));
  put_string(row, entry.hold_reason);
  if (entry.submitter) put_be(row, entry.submitter->value);
  put_be(row, entry.sender_key);
  put_mail_parameters(row, entry.mail);
  put_varint(row, entry.octets);
  put_varint(row, entry.chunks);
  put_string(row, entry.trace);
  return row;
}

std::optional<QueueEntry> decode_queue_entry(const EntryId& id, std::string_view row) {
  ByteReader reader(row);
  if (reader.take_be<std::uint8_t>() != kFormat) return std::nullopt;
  QueueEntry entry;
  entry.id = id;
  const bool read = keep(entry.domain, reader.take_string()) && keep(entry.route, reader.take_string()) &&
                    keep(entry.pool, reader.take_string()) && keep(entry.sender, take_optional_string(reader)) &&
                    take_recipients(reader, entry.recipients) && take_times(reader, entry) &&
                    take_counts(reader, entry) && take_state(reader, entry) &&
                    keep(entry.sender_key, reader.take_be<std::uint64_t>()) &&
                    keep(entry.mail, take_mail_parameters(reader)) && keep(entry.octets, reader.take_varint());
  const auto chunks = read ? reader.take_varint() : std::nullopt;
  if (!chunks || *chunks > UINT32_MAX || !keep(entry.trace, reader.take_string()) || !reader.empty())
    return std::nullopt;
  entry.chunks = static_cast<std::uint32_t>(*chunks);
  return entry;
}

}  // namespace veredus::state::spool
