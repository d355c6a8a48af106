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
#include "state/spool/queue_entry.h"
#include "state/spool/queue_query.h"
#include "state/spool/queue_rows.h"

namespace veredus::state::spool {

class ShardLine;

using SharedEntry = std::shared_ptr<const QueueEntry>;

/// One message for one shard. All its entries there come in one call, whatever their number.
struct Enqueue {
  std::vector<QueueEntry> entries;  // 1..; of one message, different ids, all of this shard
  std::string last_chunk;           // the message's last chunk, not staged; the others were
  bool once = false;                // entries that were enqueued before (within dedupe_life) are left out
};

/// What became of one attempt. The entry as stored may have been held, rerouted or dropped meanwhile: that stands.
struct Settlement {
  EntryId id;
  std::uint32_t chunks = 0;
  bool shares_body = false;
  std::optional<QueueEntry> left;  // what is left to do; nullopt: nothing, the entry is erased
  std::vector<OutboxItem> outbox;

  [[nodiscard]] static Settlement done(const QueueEntry& entry);
  [[nodiscard]] static Settlement again(QueueEntry left);
};

struct LoadedEntry {
  QueueEntry entry;
  std::optional<AttemptMark> mark;  // present: the attempt before has no result; it was perhaps sent
};

struct LoadedPage {
  std::vector<LoadedEntry> entries;
  std::vector<EntryId> damaged;  // rows that cannot be read; they stay
  std::optional<EntryId> next;   // go on after it; nullopt: that was all
};

struct EntryPage {
  std::vector<QueueEntry> entries;
  std::optional<EntryId> next;  // go on after it; nullopt: that was all
};

/// The queue's 256 shards: entries by destination, under leases. Everything written asks that the shard's lease stands.
/// What comes to one shard while a commit of it is under way is merged into the next one. Thread-safe. Rows:
/// docs/formats/queue.md.
///
/// Errors everywhere: those of the store. kFenced: the shard's lease is not ours. After kUnknownOutcome and
/// kUnavailable everything here may be repeated as it was.
class QueueShards {
 public:
  struct Options {
    NodeId node{1};
    std::chrono::seconds lease_ttl{15};
    std::chrono::hours staging_life{24};        // how long chunks may wait for their message before they are swept
    std::chrono::hours dedupe_life{7 * 24};     // how long `once` remembers
    std::size_t turn_octets = 4 * 1024 * 1024;  // of one merged commit, roughly
  };
  template <class T>
  using Result = asio::awaitable<std::expected<T, io::engine::StoreError>>;

  /// `engine` and `clock` must outlive it. Takes no lease yet.
  QueueShards(io::engine::Engine& engine, const Clock& clock, Options options);
  ~QueueShards();

  // Leases.
  /// Takes the leases of all shards, concurrently: after a crash this fences off whatever was before. kFenced: another
  /// node works at least one; those that were free are taken.
  Result<void> acquire();
  /// To be called well within lease_ttl, again and again; one step for all. Answers the shards that were lost and taken
  /// back meanwhile: their entries are to be loaded again.
  Result<std::vector<Shard>> renew();
  Result<void> release();
  [[nodiscard]] bool holds(Shard shard) const;

  // A message comes.
  /// Keeps one chunk of a message that is still arriving (relaxed). Chunks count from 0; all but the last have
  /// kChunkOctets.
  Result<void> stage(Shard shard, QueueId message, std::uint32_t chunk, std::string octets);
  /// Erases what was staged of a message that will not come (relaxed). What entries hold stays.
  Result<void> discard(Shard shard, QueueId message);
  /// Makes a message durable in one synced commit. Answers the entries as stored; with `once` those that are new.
  /// kConflict: what was staged is gone.
  Result<std::vector<SharedEntry>> enqueue(Shard shard, Enqueue enqueue);

  // It is worked.
  /// A shard's entries after `after` (nullopt: from the first), oldest message first: for taking it over.
  Result<LoadedPage> load(Shard shard, std::optional<EntryId> after, std::uint32_t limit);
  /// One answer for each id, in order; nullopt: no longer there.
  Result<std::vector<std::optional<QueueEntry>>> read(Shard shard, std::vector<EntryId> ids);
  /// kCorrupt: the chunk is missing. (Its entry may have been dropped meanwhile.)
  Result<std::string> read_chunk(Shard shard, QueueId message, std::uint32_t chunk);
  /// Chunk 0 of each message, in one read; nullopt: missing.
  Result<std::vector<std::optional<std::string>>> read_first_chunks(Shard shard, std::vector<QueueId> messages);
  /// Before the final dot (relaxed).
  Result<void> mark(Shard shard, std::vector<AttemptMark> marks);
  /// After the reply (synced): entries, marks, outbox and, with the last entry, the body, in one commit. One answer for
  /// each, in order: the entry as stored now, null when it is no longer there.
  Result<std::vector<SharedEntry>> settle(Shard shard, std::vector<Settlement> settlements);

  // Outbox.
  /// The first items of a shard.
  Result<std::vector<OutboxItem>> outbox(Shard shard, std::uint32_t limit);
  /// They were submitted (relaxed: submitting them again is seen).
  Result<void> outbox_done(Shard shard, std::vector<QueueId> ids);

  // Administration.
  /// Looks at up to `limit` entries after `after` and answers those that match.
  Result<EntryPage> find(Shard shard, QueueQuery query, std::optional<EntryId> after, std::uint32_t limit);
  /// The same, and changes them (synced). Answers exactly those that were changed, as they are now; the dropped ones as
  /// they were.
  Result<EntryPage> change(Shard shard, QueueQuery query, QueueChange change, std::optional<EntryId> after,
                           std::uint32_t limit);

  // What outlives a restart besides entries.
  Result<std::vector<DestinationState>> destinations(Shard shard);
  /// In the shard of each one's domain; relaxed.
  Result<void> put_destinations(Shard shard, std::vector<DestinationState> states);
  Result<void> forget_destinations(Shard shard, std::vector<std::string> domains);
  Result<std::vector<Pause>> pauses();
  Result<void> put_pause(Pause pause);
  /// Answers whether it was there.
  Result<bool> erase_pause(PauseOf of, std::string subject);

  /// Erases staged chunks whose message never came, and what `once` need not remember any more. Answers how many rows.
  Result<std::size_t> sweep();

 private:
  using Status = std::expected<void, io::engine::StoreError>;

  asio::awaitable<void> take(Shard shard, std::vector<Status>* outcomes);
  /// Takes the leases of these shards at the same time; the first error, if any.
  Result<void> take_all(std::vector<Shard> shards);
  void keep(const io::engine::Lease& lease);
  [[nodiscard]] std::expected<io::engine::Epoch, io::engine::StoreError> epoch_of(Shard shard) const;
  /// Commits what conflicts with nothing, outside the shard's turns.
  Result<void> write(Shard shard, io::engine::Batch batch, io::engine::Durability durability);
  Result<std::size_t> sweep_staged(Shard shard);
  Result<std::size_t> sweep_dedupe(Shard shard);

  io::engine::Engine& engine_;
  const Clock& clock_;
  Options options_;
  mutable std::mutex mutex_;
  std::array<std::optional<io::engine::Lease>, kShards> leases_;
  std::array<std::unique_ptr<ShardLine>, kShards> lines_;
};

}  // namespace veredus::state::spool
