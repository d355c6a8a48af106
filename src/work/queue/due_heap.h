#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace veredus::work::queue {

/// One queued entry's place in memory: an index, used again after the entry has gone.
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = std::numeric_limits<Slot>::max();

/// What is due when: a 4-ary heap of slots by time. Each slot is in it once at most; 20 octets a slot. A plain value.
class DueHeap {
 public:
  /// Puts a slot in, or moves it when it is there. Milliseconds since 1970.
  void put(Slot slot, std::int64_t due);
  /// False: it was not there.
  bool remove(Slot slot);
  /// Takes the earliest slot that is due at `now`.
  std::optional<Slot> take_due(std::int64_t now);

  [[nodiscard]] std::optional<std::int64_t> next_due() const;
  [[nodiscard]] bool contains(Slot slot) const { return slot < places_.size() && places_[slot] != kNowhere; }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  void reserve(std::size_t slots);

 private:
  struct Item {
    std::int64_t due;
    Slot slot;
  };
  static constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

  void rise(std::size_t at);
  void sink(std::size_t at);
  void set(std::size_t at, Item item);

  std::vector<Item> items_;
  std::vector<std::uint32_t> places_;  // of each slot in items_
};

}  // namespace veredus::work::queue
