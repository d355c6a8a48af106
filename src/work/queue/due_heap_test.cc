#include "work/queue/due_heap.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace veredus::work::queue {
namespace {

TEST(DueHeap, GivesTheEarliestFirstAndNothingBeforeItsTime) {
  DueHeap heap;
  heap.put(7, 300);
  heap.put(1, 100);
  heap.put(4, 200);
  EXPECT_EQ(heap.next_due(), 100);
  EXPECT_EQ(heap.take_due(99), std::nullopt);
  EXPECT_EQ(heap.take_due(250), Slot{1});
  EXPECT_EQ(heap.take_due(250), Slot{4});
  EXPECT_EQ(heap.take_due(250), std::nullopt);
  EXPECT_EQ(heap.size(), 1U);
}

TEST(DueHeap, MovesAndRemovesSlotsWhereverTheyStand) {
  DueHeap heap;
  for (Slot slot = 0; slot < 50; ++slot) heap.put(slot, 1000 + slot);
  heap.put(49, 1);
  heap.put(0, 5000);
  EXPECT_TRUE(heap.remove(25));
  EXPECT_FALSE(heap.remove(25));
  EXPECT_FALSE(heap.contains(25));
  EXPECT_EQ(heap.take_due(10), Slot{49});
  EXPECT_EQ(heap.take_due(2000), Slot{1});
  EXPECT_EQ(heap.size(), 47U);
}

TEST(DueHeap, DoesWhatAnOrderedSetDoes) {
  std::mt19937 random(7);
  DueHeap heap;
  std::map<Slot, std::int64_t> model;
  for (int step = 0; step < 20'000; ++step) {
    const auto slot = static_cast<Slot>(random() % 500);
    switch (random() % 3) {
      case 0:
        heap.put(slot, static_cast<std::int64_t>(random() % 1000));
        model[slot] = -1;
        break;
      case 1:
        ASSERT_EQ(heap.remove(slot), model.erase(slot) == 1);
        break;
      default: {
        const auto least = heap.next_due();
        const auto taken = heap.take_due(1000);
        ASSERT_EQ(taken.has_value(), !model.empty());
        if (taken) {
          ASSERT_EQ(model.erase(*taken), 1U);
          if (heap.next_due()) ASSERT_LE(*least, *heap.next_due());
        }
      }
    }
    ASSERT_EQ(heap.size(), model.size());
  }
}

}  // namespace
}  // namespace veredus::work::queue
