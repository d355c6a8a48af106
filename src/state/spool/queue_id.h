#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"

namespace veredus::state::spool {

/// The name one received message has everywhere: in replies, Received, logs, the journal. 80 bits, in order of time,
/// big-endian: milliseconds since 2020-01-01T00:00:00Z (44), a number within them (20), and one that tells programs
/// running at the same time apart (16).
struct QueueId {
  std::array<std::uint8_t, 10> octets{};

  /// `stamp` is the first 64 bits.
  [[nodiscard]] static QueueId make(std::uint64_t stamp, std::uint16_t origin);
  [[nodiscard]] std::uint64_t stamp() const;
  [[nodiscard]] SystemTime made_at() const;
  /// The 10 octets as they stand in keys.
  [[nodiscard]] std::string_view key() const { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

  friend auto operator<=>(const QueueId&, const QueueId&) = default;
};

/// What people see: 16 characters of lower-case base32.
[[nodiscard]] std::string to_string(const QueueId& id);
/// Reads back what to_string wrote, in either case; nullopt for anything else.
[[nodiscard]] std::optional<QueueId> parse_queue_id(std::string_view text);
/// Reads back QueueId::key().
[[nodiscard]] std::optional<QueueId> queue_id_of_key(std::string_view key);

inline constexpr int kQueueIdSequenceBits = 20;
inline constexpr SystemTime kQueueIdEpoch{std::chrono::milliseconds{1'577'836'800'000}};

}  // namespace veredus::state::spool

template <>
struct std::hash<veredus::state::spool::QueueId> {
  std::size_t operator()(const veredus::state::spool::QueueId& id) const noexcept {
    return std::hash<std::string_view>{}(id.key());
  }
};
