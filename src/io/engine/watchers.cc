#include "io/engine/watchers.h"

#include <utility>

namespace veredus::io::engine {

Watchers::Watchers() : registry_(std::make_shared<Registry>()) {}

Subscription Watchers::add(Partition partition, Wakeup wakeup) {
  auto shared = std::make_shared<const Wakeup>(std::move(wakeup));
  const std::scoped_lock lock(registry_->mutex);
  const auto place = registry_->wakeups.emplace(partition, std::move(shared));
  registry_->count.fetch_add(1, std::memory_order_release);
  const auto end_watch = [registry = registry_, place](const void*) {
    const std::scoped_lock ending(registry->mutex);
    registry->wakeups.erase(place);
    registry->count.fetch_sub(1, std::memory_order_release);
  };
  return Subscription(std::shared_ptr<void>(registry_.get(), end_watch));
}

void Watchers::wake(Partition partition, Version version, const std::vector<Topic>& topics) const {
  if (registry_->count.load(std::memory_order_acquire) == 0) return;
  std::vector<std::shared_ptr<const Wakeup>> called;
  {
    const std::scoped_lock lock(registry_->mutex);
    const auto [begin, end] = registry_->wakeups.equal_range(partition);
    for (auto it = begin; it != end; ++it) called.push_back(it->second);
  }
  for (const auto& wakeup : called) (*wakeup)(partition, version, topics);
}

}  // namespace veredus::io::engine
