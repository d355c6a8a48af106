#include "doors/imap/selected.h"

#include <gtest/gtest.h>

namespace veredus::doors::imap {
namespace {

using state::mailbox::MailboxChanges;
using state::mailbox::UidRange;
using state::mailbox::UidSet;

Selected view(std::uint32_t messages, std::uint64_t seen = 10) {
  UidMap uids;
  for (std::uint32_t uid = 1; uid <= messages; ++uid) uids.append(Uid(uid));
  return {Selected::Place{}, std::move(uids), ModSeq(seen)};
}

MailboxChanges expunge(std::initializer_list<std::uint32_t> uids, std::uint64_t up_to) {
  MailboxChanges changes;
  for (const auto uid : uids) {
    changes.expunged.add(Uid(uid));
    changes.expunged_emails.emplace_back(Uid(uid), EmailId(uid * 10));
  }
  changes.up_to = ModSeq(up_to);
  return changes;
}

TEST(Selected, KeepsItsNumbersUntilExpungesAreTold) {
  auto selected = view(5);
  selected.note(expunge({2, 4}, 11));
  EXPECT_EQ(selected.exists(), 5u) << "EXISTS never shrinks by itself";
  EXPECT_EQ(selected.uids().number(Uid(5)), 5u);
  EXPECT_EQ(selected.ghosts().at(Uid(2)), EmailId(20)) << "still readable";
  const auto gone = selected.take_expunged();
  EXPECT_EQ(gone.size(), 2u);
  EXPECT_EQ(selected.exists(), 3u);
  EXPECT_EQ(selected.uids().number(Uid(5)), 3u);
  EXPECT_FALSE(selected.has_expunged());
}

TEST(Selected, KnowsBelowWhatExpungesWait) {
  auto selected = view(5);
  EXPECT_EQ(selected.before_expunged(), ModSeq(10));
  selected.note(expunge({2}, 12));
  selected.note(expunge({4}, 14));
  EXPECT_EQ(selected.before_expunged(), ModSeq(10));
  selected.take_expunged();
  EXPECT_EQ(selected.before_expunged(), ModSeq(14));
  UidSet present(Uid(1));
  selected.note_present(present);
  selected.note(expunge({}, 16));
  EXPECT_EQ(selected.before_expunged(), ModSeq(14));
}

TEST(Selected, ShowsWhatArrivedOnlyWhenTold) {
  auto selected = view(2);
  MailboxChanges changes;
  changes.arrived = {Uid(3), Uid(4)};
  changes.up_to = ModSeq(12);
  selected.note(changes);
  EXPECT_EQ(selected.exists(), 2u);
  EXPECT_TRUE(selected.has_arrived());
  selected.note(expunge({4}, 13));
  EXPECT_FALSE(selected.has_expunged()) << "came and went: never shown";
  selected.take_arrived();
  EXPECT_EQ(selected.exists(), 3u);
  EXPECT_EQ(selected.seen(), ModSeq(13));
}

TEST(Selected, TellsFlagsOfOthersAndNotItsOwn) {
  auto selected = view(4);
  selected.note_own_flags(UidSet(Uid(2)), ModSeq(11));
  selected.note_own_flags(UidSet(Uid(3)), ModSeq(11));
  MailboxChanges changes;
  selected.note_own_flags(UidSet(Uid(4)), ModSeq(11));
  changes.changed = {Uid(1), Uid(2), Uid(3), Uid(4), Uid(9)};
  changes.changed_at = {ModSeq(12), ModSeq(11), ModSeq(12), ModSeq(), ModSeq(12)};
  changes.up_to = ModSeq(12);
  selected.note(changes);
  EXPECT_EQ(selected.take_changed(), (std::vector<Uid>{Uid(1), Uid(3), Uid(4)}))
      << "not what it did itself, unless somebody changed it after, or in the same commit; nor what is not in the view";
}

TEST(Selected, PassesOverWhatItAloneDid) {
  auto selected = view(4);
  const auto seen = selected.seen();
  EXPECT_TRUE(selected.pass_over(seen, ModSeq(seen.value + 5)));
  EXPECT_EQ(selected.seen(), ModSeq(seen.value + 5));
  EXPECT_FALSE(selected.pass_over(ModSeq(seen.value + 6), ModSeq(seen.value + 7))) << "something happened in between";
  EXPECT_EQ(selected.seen(), ModSeq(seen.value + 5));
}

TEST(Selected, FindsExpungesByAbsenceWhereTheLogEnds) {
  auto selected = view(4);
  UidSet present;
  present.add(UidRange{Uid(1), Uid(2)});
  present.add(Uid(9));
  selected.note_present(present);
  EXPECT_EQ(selected.ghosts().size(), 2u);
  EXPECT_EQ(selected.take_expunged().size(), 2u);
  EXPECT_EQ(selected.exists(), 2u);
}

TEST(Selected, CountsRecentOfWhatIsShown) {
  auto selected = view(3);
  UidSet recent;
  recent.add(UidRange{Uid(2), Uid(3)});
  selected.note_recent(recent);
  EXPECT_EQ(selected.recent_count(), 2u);
  EXPECT_TRUE(selected.is_recent(Uid(3)));
  selected.note(expunge({3}, 11));
  selected.take_expunged();
  EXPECT_EQ(selected.recent_count(), 1u);
}

}  // namespace
}  // namespace veredus::doors::imap
