#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "base/types/ids.h"

namespace veredus::state::spool {

/// The name one received message has everywhere: in replies, Received, logs, the journal. 80 bits, in order of time:
/// the message's EmailId (8 octets, big-endian), then 2 octets that tell programs running at the same time apart.
struct QueueId {
  std::array<std::uint8_t, 10> octets{};

  [[nodiscard]] static QueueId make(EmailId email, std::uint16_t origin);
  /// The id every account stores this message under.
  [[nodiscard]] EmailId email() const;
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

/// When an id was made: the upper 44 bits of an EmailId are milliseconds since 2020-01-01T00:00:00Z.
[[nodiscard]] SystemTime time_of(EmailId email);
inline constexpr int kEmailIdSequenceBits = 20;
inline constexpr SystemTime kEmailIdEpoch{std::chrono::milliseconds{1'577'836'800'000}};

}  // namespace veredus::state::spool

template <>
struct std::hash<veredus::state::spool::QueueId> {
  std::size_t operator()(const veredus::state::spool::QueueId& id) const noexcept {
    return std::hash<std::string_view>{}(id.key());
  }
};
