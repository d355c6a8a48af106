#include "state/spool/spooled_message.h"

#include <algorithm>
#include <utility>

#include "base/types/bytes.h"

namespace veredus::state::spool {
namespace {

// On disk: the first octet of an envelope row. 1 had targets alone, without their parameters; 2 knew no junk.
constexpr std::uint8_t kFirstFormat = 1;
constexpr std::uint8_t kSecondFormat = 2;
constexpr std::uint8_t kFormat = 3;
enum SenderKind : std::uint8_t { kNullSender = 0, kNamedSender = 1 };  // on disk, do not renumber

void put_target(std::string& row, const SpooledTarget& target) {
  put_be(row, target.account.value);
  put_string(row, target.delivered_to);
  put_string(row, target.detail);
  put_notify(row, target.notify);
  put_original(row, target.original);
  put_varint(row, target.passage);
}

void put_remote(std::string& row, const SpooledRemote& remote) {
  put_string(row, remote.address);
  put_string(row, remote.route);
  put_notify(row, remote.notify);
  put_original(row, remote.original);
  put_varint(row, remote.passage);
}

void put_passage(std::string& row, const SpooledPassage& passage) {
  put_optional_string(row, passage.sender);
  put_string(row, passage.fields);
  put_be(row, static_cast<std::uint8_t>(passage.is_list));
}

/// What targets and remotes end with.
template <class Place>
bool take_parameters(ByteReader& reader, Place& place) {
  const auto notify = take_notify(reader);
  auto original = notify ? take_original(reader) : std::nullopt;
  const auto passage = original ? reader.take_varint() : std::nullopt;
  if (!passage || *passage > UINT32_MAX) return false;
  place.notify = *notify;
  place.original = *std::move(original);
  place.passage = static_cast<std::uint32_t>(*passage);
  return true;
}

std::optional<SpooledTarget> take_first_target(ByteReader& reader) {
  const auto account = reader.take_be<std::uint64_t>();
  const auto delivered_to = account ? reader.take_string() : std::nullopt;
  const auto detail = delivered_to ? reader.take_string() : std::nullopt;
  if (!detail) return std::nullopt;
  return SpooledTarget{
      .account = AccountId(*account), .delivered_to = std::string(*delivered_to), .detail = std::string(*detail)};
}

std::optional<SpooledTarget> take_target(ByteReader& reader) {
  auto target = take_first_target(reader);
  if (!target || !take_parameters(reader, *target)) return std::nullopt;
  return target;
}

std::optional<SpooledRemote> take_remote(ByteReader& reader) {
  const auto address = reader.take_string();
  const auto route = address ? reader.take_string() : std::nullopt;
  if (!route) return std::nullopt;
  SpooledRemote remote;
  remote.address = *address;
  remote.route = *route;
  if (!take_parameters(reader, remote)) return std::nullopt;
  return remote;
}

std::optional<SpooledPassage> take_passage(ByteReader& reader) {
  auto sender = take_optional_string(reader);
  const auto fields = sender ? reader.take_string() : std::nullopt;
  const auto is_list = fields ? take_flag(reader) : std::nullopt;
  if (!is_list) return std::nullopt;
  return SpooledPassage{.sender = *std::move(sender), .fields = std::string(*fields), .is_list = *is_list};
}

/// A count, then so many. False: malformed.
template <class T>
bool take_all(ByteReader& reader, std::optional<T> (*take)(ByteReader&), std::vector<T>& taken) {
  const auto count = reader.take_varint();
  if (!count || *count > reader.rest().size()) return false;
  taken.reserve(*count);
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto one = take(reader);
    if (!one) return false;
    taken.push_back(*std::move(one));
  }
  return true;
}

/// What the second format adds.
bool take_second(ByteReader& reader, SpooledMessage& message) {
  if (!take_all(reader, take_remote, message.remotes) || !take_all(reader, take_passage, message.passages))
    return false;
  auto mail = take_mail_parameters(reader);
  const auto submitted = mail ? take_flag(reader) : std::nullopt;
  if (!submitted) return false;
  const auto submitter = *submitted ? reader.take_be<std::uint64_t>() : std::optional<std::uint64_t>(0);
  const auto bulk = submitter ? take_flag(reader) : std::nullopt;
  const auto sender_key = bulk ? reader.take_be<std::uint64_t>() : std::nullopt;
  const auto pool = sender_key ? reader.take_string() : std::nullopt;
  if (!pool) return false;
  message.mail = *std::move(mail);
  if (*submitted) message.submitter = AccountId(*submitter);
  message.traffic = *bulk ? TrafficClass::kBulk : TrafficClass::kTransactional;
  message.sender_key = *sender_key;
  message.pool = *pool;
  return true;
}

/// What the third format adds.
bool take_third(ByteReader& reader, SpooledMessage& message) {
  const auto junk = take_flag(reader);
  message.junk = junk.value_or(false);
  return junk.has_value();
}

bool names_passages(const SpooledMessage& message) {
  const auto known = [&](const auto& place) { return place.passage <= message.passages.size(); };
  return std::ranges::all_of(message.targets, known) && std::ranges::all_of(message.remotes, known);
}

std::string key_of(char kind, const QueueId& id) {
  std::string key(1, kind);
  key.append(id.key());
  return key;
}

}  // namespace

std::string encode_spooled(const SpooledMessage& message) {
  std::string row;
  put_be(row, kFormat);
  put_time(row, message.received_at);
  put_be(row, message.octets);
  put_be(row, message.chunks);
  put_be(row, static_cast<std::uint8_t>(message.sender ? kNamedSender : kNullSender));
  put_string(row, message.sender.value_or(""));
  put_string(row, message.trace);
  put_varint(row, message.targets.size());
  for (const auto& target : message.targets) put_target(row, target);
  put_varint(row, message.remotes.size());
  for (const auto& remote : message.remotes) put_remote(row, remote);
  put_varint(row, message.passages.size());
  for (const auto& passage : message.passages) put_passage(row, passage);
  put_mail_parameters(row, message.mail);
  put_be(row, static_cast<std::uint8_t>(message.submitter.has_value()));
  if (message.submitter) put_be(row, message.submitter->value);
  put_be(row, static_cast<std::uint8_t>(message.traffic == TrafficClass::kBulk));
  put_be(row, message.sender_key);
  put_string(row, message.pool);
  put_be(row, static_cast<std::uint8_t>(message.junk));
  return row;
}

std::optional<SpooledMessage> decode_spooled(const QueueId& id, std::string_view row) {
  ByteReader reader(row);
  const auto format = reader.take_be<std::uint8_t>();
  if (format < kFirstFormat || format > kFormat) return std::nullopt;
  const auto received = take_time(reader);
  const auto octets = reader.take_be<std::uint64_t>();
  const auto chunks = reader.take_be<std::uint32_t>();
  const auto sender_kind = reader.take_be<std::uint8_t>();
  const auto sender = reader.take_string();
  const auto trace = sender ? reader.take_string() : std::nullopt;
  if (!received || !octets || !chunks || !sender_kind || *sender_kind > kNamedSender || !trace) return std::nullopt;
  SpooledMessage message;
  message.id = id;
  message.received_at = *received;
  if (*sender_kind == kNamedSender) message.sender = std::string(*sender);
  message.trace = std::string(*trace);
  message.octets = *octets;
  message.chunks = *chunks;
  bool read = format == kFirstFormat ? take_all(reader, take_first_target, message.targets)
                                     : take_all(reader, take_target, message.targets) && take_second(reader, message);
  if (format > kSecondFormat) read = read && take_third(reader, message);
  if (!read || !reader.empty() || !names_passages(message)) return std::nullopt;
  return message;
}

std::string envelope_key(const QueueId& id) { return key_of('e', id); }
std::string staging_key(const QueueId& id) { return key_of('p', id); }

std::string chunk_key(const QueueId& id, std::uint32_t chunk) {
  std::string key = key_of('x', id);
  put_be(key, chunk);
  return key;
}

}  // namespace veredus::state::spool
