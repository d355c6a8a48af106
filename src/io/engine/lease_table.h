#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "base/types/clock.h"
#include "io/engine/engine.h"

namespace veredus::io::engine {

/// Who holds which lease in this process: an engine that one process alone may open starts with none held, and keeps
/// only the epochs on disk. Thread-safe. Time is the clock's steady time.
class LeaseTable {
 public:
  /// The clock must outlive the table.
  explicit LeaseTable(const Clock& clock) : clock_(clock) {}

  /// Whether `node` may take the lease now: it is free, expired, or its own.
  [[nodiscard]] bool may_take(Partition partition, NodeId node) const;
  Lease take(Partition partition, NodeId node, Epoch epoch, std::chrono::seconds ttl);
  std::vector<Lease> renew(NodeId node, const std::vector<Partition>& partitions, std::chrono::seconds ttl);
  void release(const Lease& lease);
  /// Whether the lease taken with `epoch` still stands: neither released nor taken by another. One that expired stands
  /// until then, since nobody else can have acted on it.
  [[nodiscard]] bool stands(Partition partition, Epoch epoch) const;

 private:
  struct Holding {
    NodeId node;
    Epoch epoch;
    SteadyTime good_until;
  };

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<Partition, Holding> holdings_;
};

}  // namespace veredus::io::engine
