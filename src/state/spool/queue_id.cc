#include "state/spool/queue_id.h"

#include <algorithm>

#include "base/codec/base32.h"

namespace veredus::state::spool {

QueueId QueueId::make(std::uint64_t stamp, std::uint16_t origin) {
  QueueId id;
  for (std::size_t i = 0; i < 8; ++i) id.octets[i] = static_cast<std::uint8_t>(stamp >> (56 - 8 * i));
  id.octets[8] = static_cast<std::uint8_t>(origin >> 8);
  id.octets[9] = static_cast<std::uint8_t>(origin);
  return id;
}

std::uint64_t QueueId::stamp() const {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | octets[i];
  return value;
}

SystemTime QueueId::made_at() const {
  return kQueueIdEpoch + std::chrono::milliseconds(stamp() >> kQueueIdSequenceBits);
}

std::string to_string(const QueueId& id) { return base::codec::base32_encode(id.key()); }

std::optional<QueueId> parse_queue_id(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  const auto octets = base::codec::base32_decode(text);
  if (!octets) return std::nullopt;
  return queue_id_of_key(*octets);
}

std::optional<QueueId> queue_id_of_key(std::string_view key) {
  QueueId id;
  if (key.size() != id.octets.size()) return std::nullopt;
  std::ranges::transform(key, id.octets.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return id;
}

}  // namespace veredus::state::spool
