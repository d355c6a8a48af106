#include "io/engine/state_cache.h"

#include <utility>

namespace veredus::io::engine {

std::optional<layout::PartitionState> StateCache::find(Partition partition) const {
  const std::scoped_lock lock(mutex_);
  if (const auto found = young_.find(partition); found != young_.end()) return found->second;
  auto kept = old_.extract(partition);
  if (kept.empty()) return std::nullopt;
  return young_.insert(std::move(kept)).position->second;
}

void StateCache::store(Partition partition, layout::PartitionState state) {
  States forgotten;  // freed outside the lock
  const std::scoped_lock lock(mutex_);
  young_.insert_or_assign(partition, state);
  if (young_.size() < generation_size_) return;
  forgotten = std::exchange(old_, std::exchange(young_, {}));
}

void StateCache::clear() {
  const std::scoped_lock lock(mutex_);
  young_.clear();
  old_.clear();
}

}  // namespace veredus::io::engine
