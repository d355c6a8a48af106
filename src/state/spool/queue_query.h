#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "state/spool/queue_entry.h"

namespace veredus::state::spool {

/// Which entries are meant: those for which everything given holds. Addresses are compared without regard to case; one
/// that begins with `@` means every address of that domain.
struct QueueQuery {
  std::optional<QueueId> message;
  std::optional<EntryId> entry;
  std::optional<std::string> sender;  // empty: the null reverse-path
  std::optional<std::string> recipient;
  std::optional<std::string> domain;  // of the destination: lower case, A-labels
  std::optional<AccountId> submitter;
  std::optional<std::string> route;   // empty: by MX
  std::optional<std::string> reason;  // part of a recipient's last reply or of why it is held
  std::optional<SystemTime> accepted_before;
  std::optional<bool> held;
};
[[nodiscard]] bool matches(const QueueQuery& query, const QueueEntry& entry);
/// nullopt: all shards have to be looked at.
[[nodiscard]] std::optional<Shard> only_shard(const QueueQuery& query);

/// What an administrator, or a brake, does to entries.
struct QueueChange {
  enum class Kind : std::uint8_t {
    kRetry,    // due at `due_at`; held ones stay held
    kHold,     // with `hold` and `reason`
    kRelease,  // no longer held, due at `due_at`
    kDrop,     // erased, without a word to the sender
    kBounce,   // expires at `due_at` and is due then: the queue reports it to the sender as failed
    kReroute,  // `route` from now on, due at `due_at`
  };
  Kind kind = Kind::kRetry;
  SystemTime due_at{};
  Hold hold = Hold::kAdministrator;
  std::string reason;
  std::string route;
};
/// Makes the change; false: it changes nothing (held already, not held, same route). Not for kDrop.
[[nodiscard]] bool apply(const QueueChange& change, QueueEntry& entry);

}  // namespace veredus::state::spool
