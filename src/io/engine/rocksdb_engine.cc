#include "io/engine/rocksdb_engine.h"

#include <boost/asio/async_result.hpp>
#include <filesystem>
#include <utility>

#include "base/observe/log.h"
#include "io/engine/backup.h"
#include "io/engine/committer.h"
#include "io/engine/limits.h"

namespace veredus::io::engine {
namespace {

template <class T>
std::expected<T, StoreError> to_result(std::expected<T, ReadError> read) {
  if (read) return *std::move(read);
  return std::unexpected(to_store_error(read.error()));
}

}  // namespace

struct RocksDbEngine::Parts {
  Parts(RocksDbOptions chosen, std::shared_ptr<HealthGate> health, std::shared_ptr<Store> store)
      : options(std::move(chosen)),
        clock(options.clock != nullptr ? *options.clock : machine_clock),
        gate(std::move(health)),
        slot(std::move(store)),
        states(options.cached_partition_states),
        leases(clock),
        pool(options.reader_threads),
        committer({options, slot, states, leases, watchers, pool, gate}) {}

  /// Tries in memory, on this thread, then on a reader thread.
  template <class Work>
  asio::awaitable<std::invoke_result_t<Work&, const Store&, Tier>> read(Work work) {
    auto store = slot.get();
    if (!store) co_return std::unexpected(ReadError::kInputOutput);
    auto answer = work(*store, Tier::kMemory);
    if (answer || answer.error() != ReadError::kNotInMemory) co_return answer;
    auto job = [work = std::move(work), store = std::move(store)]() mutable {
      auto read = work(*store, Tier::kDisk);
      store.reset();
      return read;
    };
    cold_reads.fetch_add(1, std::memory_order_relaxed);
    co_return co_await pool.run(std::move(job));
  }

  /// On a reader thread at once.
  template <class Work>
  asio::awaitable<std::invoke_result_t<Work&, const Store&>> read_apart(Work work) {
    auto job = [this, work = std::move(work)]() -> std::invoke_result_t<Work&, const Store&> {
      const auto store = slot.get();
      if (!store) return std::unexpected(ReadError::kInputOutput);
      return work(*store);
    };
    co_return co_await pool.run(std::move(job));
  }

  asio::awaitable<void> pass(Request* request) {  // the caller's frame holds it until this returns
    if (committer.write_here(*request)) co_return;
    auto initiate = [this, request](auto handler) {
      request->completion = Completion(std::move(handler));
      committer.submit(*request);
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate, asio::use_awaitable);
  }

  RocksDbOptions options;
  MachineClock machine_clock;
  const Clock& clock;
  std::shared_ptr<HealthGate> gate;
  StoreSlot slot;
  StateCache states;
  LeaseTable leases;
  Watchers watchers;
  std::atomic<std::uint64_t> cold_reads = 0;
  ReadPool pool;
  Committer committer;  // stops first
};

RocksDbEngine::RocksDbEngine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RocksDbEngine::~RocksDbEngine() {
  parts_->committer.stop();
  parts_->pool.join();
}

std::expected<std::unique_ptr<RocksDbEngine>, OpenFailure> RocksDbEngine::open(Options options) {
  auto gate = std::make_shared<HealthGate>();
  VEREDUS_TRY(auto store, Store::open(options, Store::Mode::kReadWrite, std::make_shared<ErrorListener>(gate)));
  auto parts = std::make_unique<Parts>(std::move(options), std::move(gate), std::move(store));
  return std::unique_ptr<RocksDbEngine>(new RocksDbEngine(std::move(parts)));
}

Engine::Result<Committed> RocksDbEngine::commit(Partition partition, Batch batch, Durability durability) {
  VEREDUS_CO_TRY(check_limits(batch));
  Request request{.partition = partition, .batch = std::move(batch), .durability = durability};
  co_await parts_->pass(&request);
  if (request.error) co_return std::unexpected(*request.error);
  co_return Committed{request.state.version};
}

Engine::Result<std::vector<std::optional<Value>>> RocksDbEngine::get(Partition partition, std::vector<Key> keys) {
  VEREDUS_CO_TRY(check_limits(keys));
  auto work = [partition, keys = std::move(keys)](const Store& store, Tier tier) {
    return store.find_all(partition, keys, tier);
  };
  co_return to_result(co_await parts_->read(std::move(work)));
}

Engine::Result<Page> RocksDbEngine::scan(Partition partition, Key low, Key high, ScanOptions options) {
  auto work = [partition, low = std::move(low), high = std::move(high), options](const Store& store) {
    return store.scan(partition, low, high, options);
  };
  co_return to_result(co_await parts_->read_apart(std::move(work)));
}

Engine::Result<bool> RocksDbEngine::walk(Partition partition, Key low, Key high, ScanOptions options,
                                         RowVisitor visitor) {
  auto work = [partition, low = std::move(low), high = std::move(high), options, visitor = std::move(visitor)](
                  const Store& store) { return store.walk(partition, low, high, options, visitor); };
  co_return to_result(co_await parts_->read_apart(std::move(work)));
}

Engine::Result<Version> RocksDbEngine::version(Partition partition) {
  if (const auto state = parts_->states.find(partition)) co_return state->version;
  auto work = [partition](const Store& store, Tier tier) { return store.state(partition, tier); };
  const auto state = co_await parts_->read(std::move(work));
  if (!state) co_return std::unexpected(to_store_error(state.error()));
  co_return state->value_or(layout::PartitionState()).version;
}

Engine::Result<std::vector<std::uint64_t>> RocksDbEngine::partitions(Kind kind, std::uint64_t from,
                                                                     std::uint32_t limit) {
  auto work = [kind, from, limit](const Store& store) { return store.partitions(kind, from, limit); };
  co_return to_result(co_await parts_->read_apart(std::move(work)));
}

Engine::Result<Lease> RocksDbEngine::acquire_lease(Partition partition, NodeId node, std::chrono::seconds ttl) {
  Request request{.partition = partition, .claim = Request::Claim{.node = node, .ttl = ttl}};
  co_await parts_->pass(&request);
  if (request.error) co_return std::unexpected(*request.error);
  co_return request.lease;
}

Engine::Result<std::vector<Lease>> RocksDbEngine::renew_leases(NodeId node, std::vector<Partition> partitions,
                                                               std::chrono::seconds ttl) {
  co_return parts_->leases.renew(node, partitions, ttl);
}

Engine::Result<void> RocksDbEngine::release_lease(Lease lease) {
  parts_->leases.release(lease);
  co_return std::expected<void, StoreError>();
}

Subscription RocksDbEngine::watch(Partition partition, Wakeup wakeup) {
  return parts_->watchers.add(partition, std::move(wakeup));
}

Health RocksDbEngine::health() const { return parts_->gate->health(); }

Engine::Result<void> RocksDbEngine::backup(std::string directory) {
  auto job = [parts = parts_.get(), directory = std::move(directory)]() -> std::expected<void, StoreError> {
    const auto store = parts->slot.get();
    if (!store) return std::unexpected(StoreError::kUnavailable);
    const auto made = make_backup(*store, directory, parts->clock.now());
    if (made) return {};
    if (parts->options.log != nullptr) parts->options.log->error("engine.backup_failed", {{"reason", made.error()}});
    return std::unexpected(StoreError::kUnavailable);
  };
  co_return co_await parts_->pool.run(std::move(job));
}

EngineFigures RocksDbEngine::figures() const {
  auto figures = parts_->committer.figures();
  figures.cold_reads += parts_->cold_reads.load(std::memory_order_relaxed);
  return figures;
}

}  // namespace veredus::io::engine
