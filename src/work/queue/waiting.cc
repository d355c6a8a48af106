#include "work/queue/waiting.h"

#include <algorithm>
#include <functional>

#include "base/types/result.h"

namespace veredus::work::queue {
namespace {

constexpr std::int64_t kSecondsFrom = 1'577'836'800;  // 2020-01-01T00:00:00Z
constexpr std::size_t kFirstIndex = 1024;

}  // namespace

std::uint32_t to_seconds(SystemTime time) {
  const std::int64_t milliseconds = time.time_since_epoch().count();
  const std::int64_t seconds = milliseconds / 1000 + (milliseconds % 1000 > 0 ? 1 : 0) - kSecondsFrom;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, kNowhere - 1));
}

std::int64_t to_milliseconds(std::uint32_t seconds) { return (std::int64_t{seconds} + kSecondsFrom) * 1000; }

std::size_t WaitingEntries::home(const EntryId& id) const { return std::hash<EntryId>{}(id) & (index_.size() - 1); }

void WaitingEntries::index(Slot slot) {
  std::size_t at = home((*this)[slot].id);
  while (index_[at] != kNoSlot) at = (at + 1) & (index_.size() - 1);
  index_[at] = slot;
}

void WaitingEntries::grow_index() {
  std::vector<Slot> old(index_.empty() ? kFirstIndex : index_.size() * 2, kNoSlot);
  old.swap(index_);
  for (const Slot slot : old)
    if (slot != kNoSlot) index(slot);
}

/// Linear probing without tombstones: what follows the gap and is not at home moves up.
void WaitingEntries::unindex(Slot slot) {
  const std::size_t mask = index_.size() - 1;
  std::size_t gap = home((*this)[slot].id);
  while (index_[gap] != slot) gap = (gap + 1) & mask;
  for (std::size_t at = (gap + 1) & mask; index_[at] != kNoSlot; at = (at + 1) & mask) {
    const std::size_t wants = home((*this)[index_[at]].id);
    if (((at - wants) & mask) < ((at - gap) & mask)) continue;  // the gap lies before its home
    index_[gap] = index_[at];
    gap = at;
  }
  index_[gap] = kNoSlot;
}

Slot WaitingEntries::find(const EntryId& id) const {
  if (index_.empty()) return kNoSlot;
  for (std::size_t at = home(id); index_[at] != kNoSlot; at = (at + 1) & (index_.size() - 1))
    if ((*this)[index_[at]].id == id) return index_[at];
  return kNoSlot;
}

Slot WaitingEntries::add(const EntryId& id) {
  if (find(id) != kNoSlot) return kNoSlot;
  if ((size_ + 1) * 4 > index_.size() * 3) grow_index();
  Slot slot = free_;
  if (slot != kNoSlot) {
    free_ = (*this)[slot].next;
  } else {
    slot = end_++;
    if (slot / kBlock == blocks_.size()) blocks_.push_back(std::make_unique<Block>());
  }
  Waiting& entry = (*this)[slot];
  entry = Waiting{};
  entry.id = id;
  entry.sibling = slot;
  put(slot, Place::kTaken);
  index(slot);
  ++size_;
  return slot;
}

void WaitingEntries::put(Slot slot, Place place) {
  Waiting& entry = (*this)[slot];
  if (entry.place != Place::kFree) --counts_[static_cast<std::size_t>(entry.place)];
  if (place != Place::kFree) ++counts_[static_cast<std::size_t>(place)];
  entry.place = place;
}

void WaitingEntries::erase(Slot slot) {
  VEREDUS_CHECK((*this)[slot].place != Place::kFree);
  leave_ring(slot);
  unindex(slot);
  Waiting& entry = (*this)[slot];
  put(slot, Place::kFree);
  entry.next = free_;
  free_ = slot;
  --size_;
}

void WaitingEntries::join_ring(Slot slot, Slot of) {
  (*this)[slot].sibling = (*this)[of].sibling;
  (*this)[of].sibling = slot;
}

void WaitingEntries::leave_ring(Slot slot) {
  Slot before = slot;
  while ((*this)[before].sibling != slot) before = (*this)[before].sibling;
  (*this)[before].sibling = (*this)[slot].sibling;
  (*this)[slot].sibling = slot;
}

void SlotList::push_back(WaitingEntries& entries, Slot slot) {
  entries[slot].next = kNoSlot;
  entries[slot].previous = last;
  (last == kNoSlot ? first : entries[last].next) = slot;
  last = slot;
  ++size;
}

void SlotList::remove(WaitingEntries& entries, Slot slot) {
  const Slot before = entries[slot].previous;
  const Slot after = entries[slot].next;
  (before == kNoSlot ? first : entries[before].next) = after;
  (after == kNoSlot ? last : entries[after].previous) = before;
  entries[slot].next = entries[slot].previous = kNoSlot;
  --size;
}

Slot SlotList::pop_front(WaitingEntries& entries) {
  const Slot slot = first;
  if (slot != kNoSlot) remove(entries, slot);
  return slot;
}

}  // namespace veredus::work::queue
