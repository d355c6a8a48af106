#include "work/queue/fair_share.h"

#include <gtest/gtest.h>

#include <map>

namespace veredus::work::queue {
namespace {

class FairShareTest : public testing::Test {
 protected:
  Slot add(std::uint64_t sender, std::uint8_t rank = 0, std::uint32_t octets = 2000) {
    EntryId id;
    for (std::size_t i = 0; i < 8; ++i) id.octets[i] = static_cast<std::uint8_t>(count_ >> (8 * i));
    ++count_;
    const Slot slot = entries_.add(id);
    entries_[slot].sender_key = sender;
    entries_[slot].rank = rank;
    entries_[slot].octets = octets;
    share_.put(entries_, slot);
    return slot;
  }
  std::uint64_t next_sender() { return entries_[share_.take(entries_)].sender_key; }

  WaitingEntries entries_;
  FairShare share_;

 private:
  std::uint64_t count_ = 0;
};

TEST_F(FairShareTest, KeepsTheOrderOfOneSender) {
  const Slot a = add(1);
  const Slot b = add(1);
  const Slot c = add(1);
  EXPECT_EQ(share_.take(entries_), a);
  EXPECT_EQ(share_.take(entries_), b);
  EXPECT_EQ(share_.take(entries_), c);
  EXPECT_EQ(share_.take(entries_), kNoSlot);
  EXPECT_TRUE(share_.empty());
}

TEST_F(FairShareTest, AMillionOfOneSenderDoesNotDelayAnothersOneMessage) {
  for (int i = 0; i < 10'000; ++i) add(1);
  for (int i = 0; i < 100; ++i) next_sender();
  add(2);
  int before = 0;
  while (next_sender() != 2) ++before;
  EXPECT_LE(before, 16);
}

TEST_F(FairShareTest, SharesByOctetsNotByMessages) {
  for (int i = 0; i < 2000; ++i) add(1, 0, 2'000);
  for (int i = 0; i < 2000; ++i) add(2, 0, 100'000);
  std::map<std::uint64_t, std::uint64_t> octets;
  for (int i = 0; i < 1500; ++i) {
    const auto& entry = entries_[share_.take(entries_)];
    octets[entry.sender_key] += entry.octets + 4096;
  }
  EXPECT_NEAR(static_cast<double>(octets[1]) / static_cast<double>(octets[2]), 1.0, 0.1);
}

TEST_F(FairShareTest, LowerRanksGoFirstAndHigherOnesDoNotStarve) {
  for (int i = 0; i < 100; ++i) add(1, 40);
  for (int i = 0; i < 100; ++i) add(2, 9);
  int bulk = 0;
  for (int i = 0; i < 80; ++i) bulk += next_sender() == 1 ? 1 : 0;
  EXPECT_EQ(bulk, 10);
}

TEST_F(FairShareTest, RemovesFromTheMiddle) {
  const Slot a = add(1);
  const Slot b = add(1);
  const Slot c = add(2);
  share_.remove(entries_, b);
  share_.remove(entries_, c);
  EXPECT_EQ(share_.size(), 1U);
  EXPECT_EQ(share_.senders(), 1U);
  EXPECT_EQ(share_.take(entries_), a);
  EXPECT_TRUE(share_.empty());
}

}  // namespace
}  // namespace veredus::work::queue
