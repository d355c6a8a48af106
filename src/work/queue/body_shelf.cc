#include "work/queue/body_shelf.h"

#include <utility>

namespace veredus::work::queue {

using state::spool::QueueId;

void BodyShelf::drop(const QueueId& message) {
  const auto found = kept_.find(message);
  if (found == kept_.end()) return;
  octets_ -= found->second->size();
  kept_.erase(found);
}

void BodyShelf::put(const QueueId& message, Octets octets, SteadyTime now) {
  if (octets == nullptr || octets->size() > options_.message_octets) return;
  const std::scoped_lock lock(mutex_);
  while (!order_.empty() && (order_.front().since + options_.life < now || !kept_.contains(order_.front().message))) {
    drop(order_.front().message);
    order_.pop_front();
  }
  if (octets_ + octets->size() > options_.octets) return;
  const std::size_t size = octets->size();
  if (!kept_.try_emplace(message, std::move(octets)).second) return;
  octets_ += size;
  order_.push_back({.message = message, .since = now});
}

BodyShelf::Octets BodyShelf::take(const QueueId& message, bool last) {
  const std::scoped_lock lock(mutex_);
  const auto found = kept_.find(message);
  if (found == kept_.end()) return nullptr;
  Octets octets = found->second;
  if (last) drop(message);
  return octets;
}

}  // namespace veredus::work::queue
