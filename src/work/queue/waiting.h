#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "base/types/clock.h"
#include "state/spool/queue_entry.h"
#include "work/queue/due_heap.h"

namespace veredus::work::queue {

using state::spool::EntryId;

inline constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

/// Where a queued entry is in the course of things.
enum class Place : std::uint8_t {
  kFree,    // no entry: the slot may be used
  kLater,   // its next attempt is not due yet
  kSearch,  // due; its site is being found out
  kReady,   // due; in its lane
  kParked,  // due, but paused, braked or held
  kTaken,   // under way, or its result is being written
};
inline constexpr std::size_t kPlaces = 6;

/// One queued entry as it is kept in memory: what the scheduler decides by, and no more. 72 octets.
struct Waiting {
  EntryId id;
  std::uint64_t sender_key = 0;
  std::int64_t due = 0;              // milliseconds since 1970: the next attempt
  std::uint32_t notice = kNowhere;   // seconds since 2020: a delay notice is due; kNowhere: none
  std::uint32_t expires = kNowhere;  // seconds since 2020: it is given up
  Slot next = kNoSlot;               // in its list: the lane's, or the site's
  Slot previous = kNoSlot;
  Slot sibling = kNoSlot;  // a ring of the entries of one message; itself when alone
  std::uint32_t destination = kNowhere;
  std::uint32_t lane = kNowhere;  // while kReady
  std::uint32_t octets = 0;       // saturated
  std::uint16_t attempts = 0;
  std::uint16_t source = 0;  // egress
  std::uint8_t rank = 0;     // lower goes first
  Place place = Place::kFree;
  bool held = false;  // by an administrator or a brake; `due` is when a brake lets go
  bool sender_paused = false;
};
static_assert(sizeof(Waiting) <= 72);

/// Seconds since 2020 rounded up, and back; good until 2156.
[[nodiscard]] std::uint32_t to_seconds(SystemTime time);
[[nodiscard]] std::int64_t to_milliseconds(std::uint32_t seconds);

/// All queued entries of this node by slot, and their slots by id. Slots are kept in blocks, so growing copies nothing;
/// with its share of the index an entry takes some 90 octets. A plain value.
class WaitingEntries {
 public:
  /// A free slot for `id`, place kTaken, alone in its ring; kNoSlot: the id is there already.
  Slot add(const EntryId& id);
  void erase(Slot slot);
  [[nodiscard]] Slot find(const EntryId& id) const;
  /// The one way to change where an entry is: they are counted.
  void put(Slot slot, Place place);
  [[nodiscard]] std::size_t count(Place place) const { return counts_[static_cast<std::size_t>(place)]; }

  [[nodiscard]] Waiting& operator[](Slot slot) { return (*blocks_[slot / kBlock])[slot % kBlock]; }
  [[nodiscard]] const Waiting& operator[](Slot slot) const { return (*blocks_[slot / kBlock])[slot % kBlock]; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// One more than the highest slot ever used: for going through all.
  [[nodiscard]] Slot end() const { return end_; }

  /// Puts `slot`, which is alone, into the ring of `of`.
  void join_ring(Slot slot, Slot of);
  void leave_ring(Slot slot);

 private:
  static constexpr std::size_t kBlock = 4096;
  using Block = std::array<Waiting, kBlock>;

  [[nodiscard]] std::size_t home(const EntryId& id) const;
  void index(Slot slot);
  void unindex(Slot slot);
  void grow_index();

  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<Slot> index_;  // open addressing, linear; a power of two, at most 3/4 full
  std::size_t size_ = 0;
  std::array<std::size_t, kPlaces> counts_{};  // free slots are not counted
  Slot end_ = 0;
  Slot free_ = kNoSlot;  // a list through `next`
};

/// A list through `next` and `previous` of the entries. A plain value.
struct SlotList {
  Slot first = kNoSlot;
  Slot last = kNoSlot;
  std::uint32_t size = 0;

  void push_back(WaitingEntries& entries, Slot slot);
  void remove(WaitingEntries& entries, Slot slot);
  Slot pop_front(WaitingEntries& entries);
  [[nodiscard]] bool empty() const { return first == kNoSlot; }
};

}  // namespace veredus::work::queue
