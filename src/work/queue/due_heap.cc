#include "work/queue/due_heap.h"

#include <algorithm>

namespace veredus::work::queue {
namespace {

constexpr std::size_t kArity = 4;

}  // namespace

void DueHeap::reserve(std::size_t slots) {
  items_.reserve(slots);
  places_.reserve(slots);
}

void DueHeap::set(std::size_t at, Item item) {
  items_[at] = item;
  places_[item.slot] = static_cast<std::uint32_t>(at);
}

void DueHeap::rise(std::size_t at) {
  const Item item = items_[at];
  while (at > 0) {
    const std::size_t parent = (at - 1) / kArity;
    if (items_[parent].due <= item.due) break;
    set(at, items_[parent]);
    at = parent;
  }
  set(at, item);
}

void DueHeap::sink(std::size_t at) {
  const Item item = items_[at];
  while (true) {
    const std::size_t first = at * kArity + 1;
    if (first >= items_.size()) break;
    const std::size_t end = std::min(first + kArity, items_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < end; ++child)
      if (items_[child].due < items_[least].due) least = child;
    if (items_[least].due >= item.due) break;
    set(at, items_[least]);
    at = least;
  }
  set(at, item);
}

void DueHeap::put(Slot slot, std::int64_t due) {
  if (slot >= places_.size()) places_.resize(std::size_t{slot} + 1, kNowhere);
  if (places_[slot] == kNowhere) {
    items_.push_back({due, slot});
    rise(items_.size() - 1);
    return;
  }
  const std::size_t at = places_[slot];
  items_[at].due = due;
  rise(at);
  sink(places_[slot]);
}

bool DueHeap::remove(Slot slot) {
  if (!contains(slot)) return false;
  const std::size_t at = places_[slot];
  places_[slot] = kNowhere;
  const Item last = items_.back();
  items_.pop_back();
  if (at == items_.size()) return true;
  set(at, last);
  rise(at);
  sink(places_[last.slot]);
  return true;
}

std::optional<Slot> DueHeap::take_due(std::int64_t now) {
  if (items_.empty() || items_.front().due > now) return std::nullopt;
  const Slot slot = items_.front().slot;
  remove(slot);
  return slot;
}

std::optional<std::int64_t> DueHeap::next_due() const {
  if (items_.empty()) return std::nullopt;
  return items_.front().due;
}

}  // namespace veredus::work::queue
