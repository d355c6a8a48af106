#include "doors/imap/uid_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace veredus::doors::imap {
namespace {

using state::mailbox::UidRange;
using state::mailbox::UidSet;

UidMap map_of(const std::vector<std::uint32_t>& uids) {
  UidMap map;
  for (const auto uid : uids) map.append(Uid(uid));
  return map;
}

UidSet set_of(std::initializer_list<UidRange> ranges) {
  UidSet set;
  for (const auto& range : ranges) set.add(range);
  return set;
}

TEST(UidMap, GivesNumbersFromOneAndBack) {
  const auto map = map_of({3, 4, 5, 9, 20, 21});
  EXPECT_EQ(map.size(), 6u);
  EXPECT_EQ(map.uid(1), Uid(3));
  EXPECT_EQ(map.uid(4), Uid(9));
  EXPECT_EQ(map.uid(6), Uid(21));
  EXPECT_EQ(map.number(Uid(5)), 3u);
  EXPECT_EQ(map.number(Uid(21)), 6u);
  EXPECT_EQ(map.number(Uid(6)), std::nullopt);
  EXPECT_EQ(map.number(Uid(1)), std::nullopt);
  EXPECT_EQ(map.number(Uid(22)), std::nullopt);
  EXPECT_EQ(map.last(), Uid(21));
}

TEST(UidSets, AreLeftWithoutOthers) {
  using state::mailbox::kLastUid;
  UidSet some;
  for (const std::uint32_t uid : {1, 5, 6, 9}) some.add(Uid(uid));
  UidSet few;
  few.add(UidRange{Uid(4), Uid(6)});
  EXPECT_EQ(without(some, few), UidSet::of({Uid(1), Uid(9)}));
  EXPECT_EQ(without(few, some), UidSet(Uid(4)));
  EXPECT_EQ(without(some, UidSet()), some);
  EXPECT_TRUE(without(UidSet(), some).empty());
  UidSet most;
  for (const auto range : {UidRange{Uid(2), Uid(4)}, UidRange{Uid(7), Uid(8)}, UidRange{Uid(10), kLastUid}})
    most.add(range);
  EXPECT_EQ(without(UidSet::all(), some), most);
  EXPECT_EQ(without(UidSet::all(), UidSet(kLastUid)).ranges().back().last.value, kLastUid.value - 1);
}

TEST(UidMap, KnowsItsUidsInPieces) {
  const auto map = map_of({3, 4, 5, 9, 20, 21});
  EXPECT_EQ(map.uids(2, 5), set_of({{Uid(4), Uid(5)}, {Uid(9), Uid(9)}, {Uid(20), Uid(20)}}));
  EXPECT_EQ(map.only_known(set_of({{Uid(1), Uid(3)}, {Uid(5), Uid(20)}})),
            set_of({{Uid(3), Uid(3)}, {Uid(5), Uid(5)}, {Uid(9), Uid(9)}, {Uid(20), Uid(20)}}));
  EXPECT_TRUE(map.only_known(set_of({{Uid(6), Uid(8)}})).empty());
  EXPECT_TRUE(UidMap().all().empty());
}

TEST(UidMap, AgreesWithAListWhateverIsDoneToIt) {
  std::mt19937 random(7);
  UidMap map;
  std::vector<std::uint32_t> list;
  std::uint32_t next = 1;
  for (int step = 0; step < 400; ++step) {
    SCOPED_TRACE(step);
    if (random() % 3 != 0 || list.empty()) {
      for (auto count = random() % 9; count != 0; --count) {
        next += random() % 4 == 0 ? random() % 5 : 0;
        map.append(Uid(next));
        list.push_back(next++);
      }
    } else {
      UidSet gone;
      for (auto count = random() % 6; count != 0; --count) gone.add(Uid(static_cast<std::uint32_t>(random() % next)));
      map.remove(gone);
      std::erase_if(list, [&](std::uint32_t uid) { return gone.contains(Uid(uid)); });
    }
    ASSERT_EQ(map.size(), list.size());
    UidMap::Cursor cursor(map);
    for (std::size_t i = 0; i < list.size(); ++i) {
      ASSERT_EQ(map.uid(static_cast<std::uint32_t>(i + 1)), Uid(list[i]));
      ASSERT_EQ(map.number(Uid(list[i])), i + 1);
      ASSERT_EQ(cursor.number(Uid(list[i])), i + 1);
    }
    for (std::uint32_t uid = 1; uid < next; uid += 3)
      ASSERT_EQ(map.contains(Uid(uid)), std::ranges::binary_search(list, uid));
  }
}

}  // namespace
}  // namespace veredus::doors::imap
