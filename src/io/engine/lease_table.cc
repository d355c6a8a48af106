#include "io/engine/lease_table.h"

namespace veredus::io::engine {

bool LeaseTable::may_take(Partition partition, NodeId node) const {
  const std::scoped_lock lock(mutex_);
  const auto held = holdings_.find(partition);
  return held == holdings_.end() || held->second.node == node || held->second.good_until <= clock_.steady_now();
}

Lease LeaseTable::take(Partition partition, NodeId node, Epoch epoch, std::chrono::seconds ttl) {
  const std::scoped_lock lock(mutex_);
  const auto good_until = clock_.steady_now() + ttl;
  holdings_.insert_or_assign(partition, Holding{.node = node, .epoch = epoch, .good_until = good_until});
  return {.partition = partition, .epoch = epoch, .good_until = good_until};
}

std::vector<Lease> LeaseTable::renew(NodeId node, const std::vector<Partition>& partitions, std::chrono::seconds ttl) {
  const std::scoped_lock lock(mutex_);
  const auto now = clock_.steady_now();
  std::vector<Lease> renewed;
  for (const auto& partition : partitions) {
    const auto held = holdings_.find(partition);
    if (held == holdings_.end() || held->second.node != node || held->second.good_until <= now) continue;
    held->second.good_until = now + ttl;
    renewed.push_back({.partition = partition, .epoch = held->second.epoch, .good_until = now + ttl});
  }
  return renewed;
}

void LeaseTable::release(const Lease& lease) {
  const std::scoped_lock lock(mutex_);
  const auto held = holdings_.find(lease.partition);
  if (held != holdings_.end() && held->second.epoch == lease.epoch) holdings_.erase(held);
}

bool LeaseTable::stands(Partition partition, Epoch epoch) const {
  const std::scoped_lock lock(mutex_);
  const auto held = holdings_.find(partition);
  return held != holdings_.end() && held->second.epoch == epoch;
}

}  // namespace veredus::io::engine
