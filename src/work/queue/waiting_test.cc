#include "work/queue/waiting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>

namespace veredus::work::queue {
namespace {

using namespace std::chrono_literals;

EntryId entry_id(std::uint64_t number) {
  EntryId id;
  for (std::size_t i = 0; i < 8; ++i) id.octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

TEST(WaitingEntries, FindsWhatItHoldsAndTakesNothingTwice) {
  std::mt19937 random(3);
  WaitingEntries entries;
  std::map<std::uint64_t, Slot> model;
  for (int step = 0; step < 50'000; ++step) {
    const std::uint64_t number = random() % 3000;
    const auto known = model.find(number);
    ASSERT_EQ(entries.find(entry_id(number)), known == model.end() ? kNoSlot : known->second);
    if (random() % 2 == 0) {
      const Slot slot = entries.add(entry_id(number));
      ASSERT_EQ(slot == kNoSlot, known != model.end());
      if (slot != kNoSlot) model[number] = slot;
    } else if (known != model.end()) {
      entries.erase(known->second);
      model.erase(known);
    }
    ASSERT_EQ(entries.size(), model.size());
  }
  EXPECT_LE(entries.end(), 3000U);
}

TEST(WaitingEntries, AreCountedByPlace) {
  WaitingEntries entries;
  const Slot a = entries.add(entry_id(1));
  const Slot b = entries.add(entry_id(2));
  EXPECT_EQ(entries.count(Place::kTaken), 2U);
  entries.put(a, Place::kReady);
  entries.put(b, Place::kLater);
  entries.put(b, Place::kReady);
  EXPECT_EQ(entries.count(Place::kTaken), 0U);
  EXPECT_EQ(entries.count(Place::kReady), 2U);
  entries.erase(a);
  EXPECT_EQ(entries.count(Place::kReady), 1U);
  EXPECT_EQ(entries.count(Place::kFree), 0U);
  entries.add(entry_id(3));
  EXPECT_EQ(entries.count(Place::kTaken), 1U);
}

TEST(WaitingEntries, EntriesOfOneMessageStandInARing) {
  WaitingEntries entries;
  const Slot a = entries.add(entry_id(1));
  const Slot b = entries.add(entry_id(2));
  const Slot c = entries.add(entry_id(3));
  entries.join_ring(b, a);
  entries.join_ring(c, a);
  std::size_t length = 1;
  for (Slot at = entries[a].sibling; at != a; at = entries[at].sibling) ++length;
  EXPECT_EQ(length, 3U);
  entries.erase(b);
  EXPECT_EQ(entries[a].sibling, c);
  EXPECT_EQ(entries[c].sibling, a);
  entries.erase(a);
  EXPECT_EQ(entries[c].sibling, c);
}

TEST(SlotList, TakesOutWhateverIsAskedFor) {
  WaitingEntries entries;
  SlotList list;
  Slot slots[5];
  for (std::uint64_t i = 0; i < 5; ++i) {
    slots[i] = entries.add(entry_id(i));
    list.push_back(entries, slots[i]);
  }
  list.remove(entries, slots[2]);
  list.remove(entries, slots[0]);
  list.remove(entries, slots[4]);
  EXPECT_EQ(list.size, 2U);
  EXPECT_EQ(list.pop_front(entries), slots[1]);
  EXPECT_EQ(list.pop_front(entries), slots[3]);
  EXPECT_EQ(list.pop_front(entries), kNoSlot);
  EXPECT_TRUE(list.empty());
}

TEST(ToSeconds, RoundsUpAndComesBack) {
  const SystemTime time{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 1500ms};
  EXPECT_EQ(to_milliseconds(to_seconds(time)), time.time_since_epoch().count() + 500);
  EXPECT_EQ(to_seconds(SystemTime{}), 0U);
}

}  // namespace
}  // namespace veredus::work::queue
