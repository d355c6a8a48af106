#include "io/engine/memory_engine.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "io/engine/counter.h"
#include "io/engine/limits.h"
#include "io/engine/row_walk.h"

namespace veredus::io::engine {
namespace {

const Value* find_row(const std::map<Key, Value, std::less<>>& rows, const Overlay& overlay, const Key& key) {
  if (const auto answer = overlay.find(key); answer.known) return answer.value;
  const auto row = rows.find(key);
  return row == rows.end() ? nullptr : &row->second;
}

}  // namespace

MemoryEngine::MemoryEngine(Options options)
    : commits_inline_(options.commits_inline),
      faults_(options.faults),
      leases_(options.clock != nullptr ? *options.clock : machine_clock_) {}

std::optional<StoreError> MemoryEngine::next_fault() {
  ++operations_;
  const bool fails =
      faults_.fail_at != 0 && (operations_ == faults_.fail_at || (faults_.then_all && operations_ > faults_.fail_at));
  return fails ? std::optional(faults_.error) : std::nullopt;
}

std::expected<Overlay, StoreError> MemoryEngine::prepare(const Stored& stored, const Batch& batch) {
  Overlay overlay;
  for (const auto& [key, value] : batch.expectations()) {
    const Value* found = find_row(stored.rows, overlay, key);
    if ((found != nullptr) != value.has_value() || (found != nullptr && *found != *value))
      return std::unexpected(StoreError::kConflict);
  }
  using Op = Batch::Change::Op;
  for (const auto& change : batch.changes()) {
    if (change.op == Op::kPut) overlay.put(change.key, change.value);
    if (change.op == Op::kErase) overlay.erase(change.key);
    if (change.op == Op::kEraseRange) overlay.erase_range(change.key, change.value);
    if (change.op == Op::kAdd) {
      const Value* found = find_row(stored.rows, overlay, change.key);
      const auto count = found != nullptr ? decode_counter(*found) : std::optional<std::int64_t>(0);
      if (!count) return std::unexpected(StoreError::kCorrupt);
      overlay.put(change.key, encode_counter(add_wrapping(*count, change.delta)));
    }
  }
  return overlay;
}

void MemoryEngine::apply(Stored& stored, const Overlay& overlay) {
  for (const auto& [low, high] : overlay.erased_ranges()) {
    if (!high.empty() && high <= low) continue;
    const auto end = high.empty() ? stored.rows.end() : stored.rows.lower_bound(high);
    stored.rows.erase(stored.rows.lower_bound(low), end);
  }
  for (const auto& [key, value] : overlay.rows()) {
    if (value)
      stored.rows.insert_or_assign(key, *value);
    else
      stored.rows.erase(key);
  }
}

std::expected<Committed, StoreError> MemoryEngine::commit_now(Partition partition, const Batch& batch) {
  VEREDUS_TRY(check_limits(batch));
  const std::scoped_lock lock(mutex_);
  const auto fault = next_fault();
  if (fault && !faults_.takes_effect) return std::unexpected(*fault);
  if (!health_.writable) return std::unexpected(StoreError::kUnavailable);
  static const Stored kNothing;
  const auto place = stored_.find(partition);
  const Stored& before = place == stored_.end() ? kNothing : place->second;
  if (batch.expected_lease() && !leases_.stands(partition, *batch.expected_lease()))
    return std::unexpected(StoreError::kFenced);
  if (batch.expected_version() && *batch.expected_version() != before.version)
    return std::unexpected(StoreError::kConflict);
  VEREDUS_TRY(const Overlay overlay, prepare(before, batch));
  Stored& stored = place == stored_.end() ? stored_[partition] : place->second;
  apply(stored, overlay);
  if (!batch.keeps_version()) ++stored.version.value;
  if (fault) return std::unexpected(*fault);
  return Committed{stored.version};
}

Engine::Result<Committed> MemoryEngine::commit(Partition partition, Batch batch, Durability) {
  if (!commits_inline_) co_await asio::post(asio::use_awaitable);
  auto committed = commit_now(partition, batch);
  if (committed && !batch.keeps_version()) watchers_.wake(partition, committed->version, batch.topics());
  co_return committed;
}

Engine::Result<std::vector<std::optional<Value>>> MemoryEngine::get(Partition partition, std::vector<Key> keys) {
  VEREDUS_CO_TRY(check_limits(keys));
  const std::scoped_lock lock(mutex_);
  if (const auto fault = next_fault()) co_return std::unexpected(*fault);
  std::vector<std::optional<Value>> values(keys.size());
  const auto place = stored_.find(partition);
  if (place == stored_.end()) co_return values;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto row = place->second.rows.find(keys[i]);
    if (row != place->second.rows.end()) values[i] = row->second;
  }
  co_return values;
}

Engine::Result<Page> MemoryEngine::scan(Partition partition, Key low, Key high, ScanOptions options) {
  Page page;
  VEREDUS_CO_TRY(page.more, walk_now(partition, low, high, options, keep_in(&page)));
  co_return page;
}

Engine::Result<bool> MemoryEngine::walk(Partition partition, Key low, Key high, ScanOptions options,
                                        RowVisitor visitor) {
  if (!commits_inline_)  // a real one's readers take now longer, now shorter
    for (auto pauses = 1 + operations() % 3; pauses > 0; --pauses) co_await asio::post(asio::use_awaitable);
  co_return walk_now(partition, low, high, options, visitor);
}

std::expected<bool, StoreError> MemoryEngine::walk_now(Partition partition, const Key& low, const Key& high,
                                                       const ScanOptions& options, const RowVisitor& visitor) {
  const std::scoped_lock lock(mutex_);
  if (const auto fault = next_fault()) return std::unexpected(*fault);
  const auto place = stored_.find(partition);
  if (place == stored_.end() || (!high.empty() && high <= low)) return false;
  const auto& rows = place->second.rows;
  const auto begin = rows.lower_bound(low);
  const auto end = high.empty() ? rows.end() : rows.lower_bound(high);
  RowWalk walk(options, visitor);
  const auto show = [&](const auto& row) {
    return walk.show(row.first, options.keys_only ? std::string_view() : std::string_view(row.second));
  };
  if (options.reverse) {
    for (auto it = end; it != begin;) {
      --it;
      if (!show(*it)) return true;
    }
  } else {
    for (auto it = begin; it != end; ++it)
      if (!show(*it)) return true;
  }
  return false;
}

Engine::Result<Version> MemoryEngine::version(Partition partition) {
  const std::scoped_lock lock(mutex_);
  if (const auto fault = next_fault()) co_return std::unexpected(*fault);
  const auto place = stored_.find(partition);
  co_return place == stored_.end() ? Version() : place->second.version;
}

Engine::Result<std::vector<std::uint64_t>> MemoryEngine::partitions(Kind kind, std::uint64_t from,
                                                                    std::uint32_t limit) {
  const std::scoped_lock lock(mutex_);
  if (const auto fault = next_fault()) co_return std::unexpected(*fault);
  std::vector<std::uint64_t> ids;
  for (auto it = stored_.lower_bound(Partition{kind, from}); it != stored_.end() && it->first.kind == kind; ++it) {
    if (ids.size() >= limit) break;
    if (!it->second.rows.empty()) ids.push_back(it->first.id);
  }
  co_return ids;
}

Engine::Result<Lease> MemoryEngine::acquire_lease(Partition partition, NodeId node, std::chrono::seconds ttl) {
  const std::scoped_lock lock(mutex_);
  if (const auto fault = next_fault()) co_return std::unexpected(*fault);
  if (!health_.writable) co_return std::unexpected(StoreError::kUnavailable);
  if (!leases_.may_take(partition, node)) co_return std::unexpected(StoreError::kFenced);
  auto& stored = stored_[partition];
  ++stored.epoch.value;
  co_return leases_.take(partition, node, stored.epoch, ttl);
}

Engine::Result<std::vector<Lease>> MemoryEngine::renew_leases(NodeId node, std::vector<Partition> partitions,
                                                              std::chrono::seconds ttl) {
  const std::scoped_lock lock(mutex_);
  if (const auto fault = next_fault()) co_return std::unexpected(*fault);
  co_return leases_.renew(node, partitions, ttl);
}

Engine::Result<void> MemoryEngine::release_lease(Lease lease) {
  const std::scoped_lock lock(mutex_);
  if (const auto fault = next_fault()) co_return std::unexpected(*fault);
  leases_.release(lease);
  co_return std::expected<void, StoreError>();
}

Subscription MemoryEngine::watch(Partition partition, Wakeup wakeup) {
  return watchers_.add(partition, std::move(wakeup));
}

Health MemoryEngine::health() const {
  const std::scoped_lock lock(mutex_);
  return health_;
}

Engine::Result<void> MemoryEngine::backup(std::string) { co_return std::unexpected(StoreError::kUnavailable); }

std::uint64_t MemoryEngine::operations() const {
  const std::scoped_lock lock(mutex_);
  return operations_;
}

void MemoryEngine::plan_faults(FaultPlan faults) {
  const std::scoped_lock lock(mutex_);
  faults_ = faults;
}

void MemoryEngine::report_health(Health health) {
  const std::scoped_lock lock(mutex_);
  health_ = std::move(health);
}

}  // namespace veredus::io::engine
