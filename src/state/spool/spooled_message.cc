#include "state/spool/spooled_message.h"

#include <utility>

#include "base/types/bytes.h"

namespace veredus::state::spool {
namespace {

constexpr std::uint8_t kFormat = 1;                                    // on disk: the first octet of an envelope row
enum SenderKind : std::uint8_t { kNullSender = 0, kNamedSender = 1 };  // on disk, do not renumber

void put_target(std::string& row, const SpooledTarget& target) {
  put_be(row, target.account.value);
  put_string(row, target.delivered_to);
  put_string(row, target.detail);
}

std::optional<SpooledTarget> take_target(ByteReader& reader) {
  const auto account = reader.take_be<std::uint64_t>();
  const auto delivered_to = account ? reader.take_string() : std::nullopt;
  const auto detail = delivered_to ? reader.take_string() : std::nullopt;
  if (!detail) return std::nullopt;
  return SpooledTarget{
      .account = AccountId(*account), .delivered_to = std::string(*delivered_to), .detail = std::string(*detail)};
}

std::optional<std::vector<SpooledTarget>> take_targets(ByteReader& reader) {
  const auto count = reader.take_varint();
  if (!count || *count > reader.rest().size()) return std::nullopt;
  std::vector<SpooledTarget> targets;
  targets.reserve(*count);
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto target = take_target(reader);
    if (!target) return std::nullopt;
    targets.push_back(std::move(*target));
  }
  return targets;
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
  put_be(row, static_cast<std::uint64_t>(message.received_at.time_since_epoch().count()));
  put_be(row, message.octets);
  put_be(row, message.chunks);
  put_be(row, static_cast<std::uint8_t>(message.sender ? kNamedSender : kNullSender));
  put_string(row, message.sender.value_or(""));
  put_string(row, message.trace);
  put_varint(row, message.targets.size());
  for (const auto& target : message.targets) put_target(row, target);
  return row;
}

std::optional<SpooledMessage> decode_spooled(const QueueId& id, std::string_view row) {
  ByteReader reader(row);
  if (reader.take_be<std::uint8_t>() != kFormat) return std::nullopt;
  const auto received = reader.take_be<std::uint64_t>();
  const auto octets = reader.take_be<std::uint64_t>();
  const auto chunks = reader.take_be<std::uint32_t>();
  const auto sender_kind = reader.take_be<std::uint8_t>();
  const auto sender = reader.take_string();
  const auto trace = sender ? reader.take_string() : std::nullopt;
  auto targets = trace ? take_targets(reader) : std::nullopt;
  if (!received || !octets || !chunks || !sender_kind || *sender_kind > kNamedSender) return std::nullopt;
  if (!targets || !reader.empty()) return std::nullopt;
  SpooledMessage message;
  message.id = id;
  message.received_at = SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(*received)));
  if (*sender_kind == kNamedSender) message.sender = std::string(*sender);
  message.trace = std::string(*trace);
  message.octets = *octets;
  message.chunks = *chunks;
  message.targets = *std::move(targets);
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
