#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "base/types/clock.h"
#include "io/engine/engine.h"
#include "io/engine/lease_table.h"
#include "io/engine/overlay.h"
#include "io/engine/watchers.h"

namespace veredus::io::engine {

/// Which operation fails, and how. Operations are counted from 1, each call of commit, get, scan, walk, version,
/// partitions and of the three lease calls being one.
struct FaultPlan {
  std::uint64_t fail_at = 0;  // 0: none fails
  StoreError error = StoreError::kUnavailable;
  bool then_all = false;      // every operation after it fails too
  bool takes_effect = false;  // the failing operation is done nevertheless: what kUnknownOutcome may mean
};

struct MemoryEngineOptions {
  const Clock* clock = nullptr;  // for leases; null: the machine's. Must outlive the engine
  bool commits_inline = false;   // false: a commit or a walk suspends its caller, as a real one does, and others run
  FaultPlan faults;
};

/// The contract in memory, for unit tests and for trying things out: nothing survives the object. backup() answers
/// kUnavailable.
class MemoryEngine final : public Engine {
 public:
  using Options = MemoryEngineOptions;
  explicit MemoryEngine(Options options = {});

  Result<Committed> commit(Partition partition, Batch batch, Durability durability) override;
  Result<std::vector<std::optional<Value>>> get(Partition partition, std::vector<Key> keys) override;
  Result<Page> scan(Partition partition, Key low, Key high, ScanOptions options) override;
  Result<bool> walk(Partition partition, Key low, Key high, ScanOptions options, RowVisitor visitor) override;
  Result<Version> version(Partition partition) override;
  Result<std::vector<std::uint64_t>> partitions(Kind kind, std::uint64_t from, std::uint32_t limit) override;
  Result<Lease> acquire_lease(Partition partition, NodeId node, std::chrono::seconds ttl) override;
  Result<std::vector<Lease>> renew_leases(NodeId node, std::vector<Partition> partitions,
                                          std::chrono::seconds ttl) override;
  Result<void> release_lease(Lease lease) override;
  [[nodiscard]] Subscription watch(Partition partition, Wakeup wakeup) override;
  [[nodiscard]] Health health() const override;
  Result<void> backup(std::string directory) override;

  /// Operations so far, for loops that let each fail in turn.
  [[nodiscard]] std::uint64_t operations() const;
  void plan_faults(FaultPlan faults);
  /// While not writable, commits and leases answer kUnavailable.
  void report_health(Health health);

 private:
  struct Stored {
    Version version;
    Epoch epoch;
    std::map<Key, Value, std::less<>> rows;
  };

  /// Counts one operation; its error if this one is to fail. Call with the lock held.
  std::optional<StoreError> next_fault();
  std::expected<bool, StoreError> walk_now(Partition partition, const Key& low, const Key& high,
                                           const ScanOptions& options, const RowVisitor& visitor);
  std::expected<Committed, StoreError> commit_now(Partition partition, const Batch& batch);
  static std::expected<Overlay, StoreError> prepare(const Stored& stored, const Batch& batch);
  static void apply(Stored& stored, const Overlay& overlay);

  MachineClock machine_clock_;
  bool commits_inline_;
  mutable std::mutex mutex_;
  std::uint64_t operations_ = 0;
  FaultPlan faults_;
  Health health_;
  std::map<Partition, Stored> stored_;
  LeaseTable leases_;
  Watchers watchers_;
};

}  // namespace veredus::io::engine
