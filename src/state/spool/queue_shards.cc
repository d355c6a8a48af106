#include "state/spool/queue_shards.h"

#include <numeric>
#include <utility>

#include "base/types/result.h"
#include "io/net/task_group.h"
#include "state/spool/queue_operations.h"
#include "state/spool/shard_line.h"

namespace veredus::state::spool {

using io::engine::Batch;
using io::engine::Durability;
using io::engine::Engine;
using io::engine::Epoch;
using io::engine::Kind;
using io::engine::Partition;
using io::engine::StoreError;

namespace {

constexpr Shard kPauseShard = 0;  // pauses are few and are read together

Partition partition_of(Shard shard) { return {.kind = Kind::kQueue, .id = shard}; }

}  // namespace

QueueShards::QueueShards(Engine& engine, const Clock& clock, Options options)
    : engine_(engine), clock_(clock), options_(options) {
  for (Shard shard = 0; shard < kShards; ++shard) {
    lines_[shard] = std::make_unique<ShardLine>(engine, partition_of(shard), options.turn_octets,
                                                [this, shard] { return epoch_of(shard); });
  }
}

QueueShards::~QueueShards() = default;

std::expected<Epoch, StoreError> QueueShards::epoch_of(Shard shard) const {
  const std::scoped_lock lock(mutex_);
  if (!leases_[shard]) return std::unexpected(StoreError::kFenced);
  return leases_[shard]->epoch;
}

bool QueueShards::holds(Shard shard) const { return epoch_of(shard).has_value(); }

void QueueShards::keep(const io::engine::Lease& lease) {
  const std::scoped_lock lock(mutex_);
  leases_[lease.partition.id] = lease;
}

asio::awaitable<void> QueueShards::take(Shard shard, std::vector<Status>* outcomes) {
  const auto lease = co_await engine_.acquire_lease(partition_of(shard), options_.node, options_.lease_ttl);
  if (lease) {
    keep(*lease);
    (*outcomes)[shard] = Status();
  } else {
    (*outcomes)[shard] = std::unexpected(lease.error());
  }
}

QueueShards::Result<void> QueueShards::take_all(std::vector<Shard> shards) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);  // the tasks work on what is here
  std::vector<Status> outcomes(kShards);
  for (const Shard shard : shards) outcomes[shard] = std::unexpected(StoreError::kUnavailable);
  io::net::TaskGroup group(co_await asio::this_coro::executor);
  for (const Shard shard : shards) group.spawn(take(shard, &outcomes));
  co_await group.join();
  co_await asio::this_coro::throw_if_cancelled(throws);
  for (const Shard shard : shards)
    if (!outcomes[shard]) co_return outcomes[shard];
  co_return Status();
}

QueueShards::Result<void> QueueShards::acquire() {
  std::vector<Shard> all(kShards);
  std::iota(all.begin(), all.end(), Shard{0});
  co_return co_await take_all(std::move(all));
}

QueueShards::Result<std::vector<Shard>> QueueShards::renew() {
  std::vector<Partition> partitions;
  partitions.reserve(kShards);
  for (Shard shard = 0; shard < kShards; ++shard) partitions.push_back(partition_of(shard));
  VEREDUS_CO_TRY(const auto renewed, co_await engine_.renew_leases(options_.node, partitions, options_.lease_ttl));
  std::array<bool, kShards> held{};
  for (const auto& lease : renewed) {
    held[lease.partition.id] = true;
    keep(lease);
  }
  std::vector<Shard> lost;
  {
    const std::scoped_lock lock(mutex_);
    for (Shard shard = 0; shard < kShards; ++shard) {
      if (held[shard]) continue;
      leases_[shard].reset();
      lost.push_back(shard);
    }
  }
  if (!lost.empty()) static_cast<void>(co_await take_all(lost));  // those another node works are asked for again later
  std::erase_if(lost, [this](Shard shard) { return !holds(shard); });
  co_return lost;
}

QueueShards::Result<void> QueueShards::release() {
  std::array<std::optional<io::engine::Lease>, kShards> leases;
  {
    const std::scoped_lock lock(mutex_);
    leases.swap(leases_);
  }
  for (const auto& lease : leases)
    if (lease) VEREDUS_CO_TRY(co_await engine_.release_lease(*lease));
  co_return Status();
}

QueueShards::Result<void> QueueShards::write(Shard shard, Batch batch, Durability durability) {
  VEREDUS_CO_TRY(const auto epoch, epoch_of(shard));
  batch.expect_lease(epoch).keep_version();
  VEREDUS_CO_TRY(co_await engine_.commit(partition_of(shard), std::move(batch), durability));
  co_return Status();
}

QueueShards::Result<void> QueueShards::stage(Shard shard, QueueId message, std::uint32_t chunk, std::string octets) {
  Batch batch;
  if (chunk == 0) {
    std::string since;
    put_time(since, clock_.now());
    batch.put(queue_keys::staged(message), std::move(since));
  }
  batch.put(queue_keys::chunk(message, chunk), std::move(octets));
  co_return co_await write(shard, std::move(batch), Durability::kRelaxed);
}

QueueShards::Result<void> QueueShards::discard(Shard shard, QueueId message) {
  DiscardOperation operation(message);
  co_return co_await lines_[shard]->perform(&operation);
}

QueueShards::Result<std::vector<SharedEntry>> QueueShards::enqueue(Shard shard, Enqueue enqueue) {
  VEREDUS_CHECK(!enqueue.entries.empty());
  EnqueueOperation operation(std::move(enqueue), clock_.now() + options_.dedupe_life);
  VEREDUS_CO_TRY(co_await lines_[shard]->perform(&operation));
  co_return std::move(operation.stored);
}

QueueShards::Result<void> QueueShards::mark(Shard shard, std::vector<AttemptMark> marks) {
  VEREDUS_CO_TRY(const auto epoch, epoch_of(shard));
  Batch batch;
  for (auto& mark : marks) {
    mark.epoch = epoch.value;
    batch.put(queue_keys::mark(mark.id), encode_mark(mark));
  }
  co_return co_await write(shard, std::move(batch), Durability::kRelaxed);
}

QueueShards::Result<std::vector<SharedEntry>> QueueShards::settle(Shard shard, std::vector<Settlement> settlements) {
  SettleOperation operation(std::move(settlements));
  VEREDUS_CO_TRY(co_await lines_[shard]->perform(&operation));
  co_return std::move(operation.stored);
}

QueueShards::Result<EntryPage> QueueShards::change(Shard shard, QueueQuery query, QueueChange change,
                                                   std::optional<EntryId> after, std::uint32_t limit) {
  VEREDUS_CO_TRY(auto found, co_await find(shard, query, after, limit));
  if (found.entries.empty()) co_return found;
  std::vector<EntryId> ids;
  ids.reserve(found.entries.size());
  for (const auto& entry : found.entries) ids.push_back(entry.id);
  ChangeOperation operation(std::move(query), std::move(change), std::move(ids));
  VEREDUS_CO_TRY(co_await lines_[shard]->perform(&operation));
  found.entries = std::move(operation.changed);
  co_return found;
}

QueueShards::Result<void> QueueShards::put_destinations(Shard shard, std::vector<DestinationState> states) {
  Batch batch;
  for (const auto& state : states) batch.put(queue_keys::destination(state.domain), encode_destination(state));
  co_return co_await write(shard, std::move(batch), Durability::kRelaxed);
}

QueueShards::Result<void> QueueShards::forget_destinations(Shard shard, std::vector<std::string> domains) {
  Batch batch;
  for (const auto& domain : domains) batch.erase(queue_keys::destination(domain));
  co_return co_await write(shard, std::move(batch), Durability::kRelaxed);
}

QueueShards::Result<void> QueueShards::put_pause(Pause pause) {
  Batch batch;
  batch.put(queue_keys::pause(pause.of, pause.subject), encode_pause(pause));
  co_return co_await write(kPauseShard, std::move(batch), Durability::kSynced);
}

QueueShards::Result<bool> QueueShards::erase_pause(PauseOf of, std::string subject) {
  const std::vector<io::engine::Key> keys{queue_keys::pause(of, subject)};
  VEREDUS_CO_TRY(const auto values, co_await engine_.get(partition_of(kPauseShard), keys));
  if (!values[0]) co_return false;
  Batch batch;
  batch.erase(keys[0]);
  VEREDUS_CO_TRY(co_await write(kPauseShard, std::move(batch), Durability::kSynced));
  co_return true;
}

}  // namespace veredus::state::spool
