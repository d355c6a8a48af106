#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "state/spool/queue_id.h"
#include "state/spool/spooled_message.h"

namespace veredus::state::spool {

constexpr std::uint32_t kSlots = 16;
/// Which slot a message is in. On disk, do not change.
[[nodiscard]] std::uint32_t slot_of(const QueueId& id);

/// The intake: messages that are accepted and still have several places to go. 16 slots, each one partition under a
/// lease: who holds it fans its messages out. Thread-safe. Rows: docs/formats/intake.md.
class Spool {
 public:
  struct Options {
    NodeId node{1};
    std::chrono::seconds lease_ttl{15};
    std::chrono::hours staging_life{24};  // how long chunks may wait for their message before they are swept
  };
  template <class T>
  using Result = asio::awaitable<std::expected<T, io::engine::StoreError>>;

  /// `engine` and `clock` must outlive it. Takes no lease yet.
  Spool(io::engine::Engine& engine, const Clock& clock, Options options);

  /// Takes the leases of all slots: after a crash this fences off whatever was before. kFenced: another node works one.
  Result<void> acquire();
  /// To be called well within lease_ttl, again and again. Takes lost leases back when they are free.
  Result<void> renew();
  Result<void> release();

  /// Keeps one chunk of a message that is still arriving (relaxed). Chunks count from 0; all but the last have
  /// kChunkOctets.
  Result<void> stage(QueueId id, std::uint32_t chunk, std::string octets);
  /// Makes the message durable, in one synced commit. `last` is its last chunk, not staged; the others were. kConflict:
  /// what was staged is gone, or this commit was made before.
  Result<void> commit(SpooledMessage message, std::string last);
  /// Erases what was staged of a message that will not come (relaxed).
  Result<void> discard(QueueId id);

  /// Ids of messages waiting in a slot, after `after` (nullopt: from the first), oldest first.
  Result<std::vector<QueueId>> waiting(std::uint32_t slot, std::optional<QueueId> after, std::uint32_t limit);
  /// nullopt: no longer there, or never was.
  Result<std::optional<SpooledMessage>> read(QueueId id);
  /// kCorrupt: the chunk is missing.
  Result<std::string> read_chunk(QueueId id, std::uint32_t chunk);
  /// Some targets have it: writes down the ones that are left (relaxed).
  Result<void> keep_remaining(SpooledMessage message);
  /// Every target has it: erases the message (relaxed: doing a finished fan-out again changes nothing).
  Result<void> finish(QueueId id);

  /// Erases staged chunks whose message never came. Answers how many messages.
  Result<std::size_t> sweep();

 private:
  [[nodiscard]] static io::engine::Partition partition_of(const QueueId& id);
  /// A batch that stands only as long as the slot's lease does.
  [[nodiscard]] std::expected<io::engine::Batch, io::engine::StoreError> leased_batch(const QueueId& id) const;
  Result<std::size_t> sweep_slot(std::uint32_t slot);
  Result<void> take(std::uint32_t slot);
  void keep(const io::engine::Lease& lease);

  io::engine::Engine& engine_;
  const Clock& clock_;
  Options options_;
  mutable std::mutex mutex_;
  std::array<std::optional<io::engine::Lease>, kSlots> leases_;
};

}  // namespace veredus::state::spool
