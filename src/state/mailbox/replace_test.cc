#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/mailboxes_fixture.h"

/// Mailboxes::replace: a message comes in and another goes, in one commit.
namespace veredus::state::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MailboxesReplace : public test::MailboxesTest {
 protected:
  NewMessage draft(std::string octets, MailboxId mailbox = kInbox) const {
    auto made = message(std::move(octets));
    made.mailbox = mailbox;
    return made;
  }
  auto replace(NewMessage made, Location replaced, QuotaLimits limits = {}) {
    return run(mailboxes->replace(kAccount, std::move(made), replaced, limits));
  }
  MailboxId special(SpecialUse use) { return must(mailboxes->special(kAccount, use)).id; }
  std::vector<std::string> bodies(MailboxId mailbox = kInbox) {
    std::vector<std::string> found;
    for (const auto& one : all(mailbox)) found.push_back(body(one.body));
    return found;
  }
};

TEST_F(MailboxesReplace, BringsOneInAndTakesTheOtherOutInOneCommit) {
  const auto other = append(draft("zero"));
  const auto old = append(draft("one"));
  const auto before = must(mailboxes->highest_modseq(kAccount));
  const auto replaced = replace(draft("two"), old.at);
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->outcome, AppendOutcome::kStored);
  EXPECT_EQ(replaced->at, (Location{kInbox, Uid(3)}));
  EXPECT_EQ(replaced->modseq, ModSeq(before.value + 1));
  EXPECT_EQ(must(mailboxes->highest_modseq(kAccount)), replaced->modseq);
  EXPECT_THAT(bodies(), ElementsAre("zero", "two"));
  EXPECT_EQ(all().back().modseq, replaced->modseq);
  const auto changes = must(mailboxes->changes(kAccount, kInbox, before, 1000));
  EXPECT_THAT(changes.arrived, ElementsAre(Uid(3)));
  EXPECT_EQ(changes.expunged, UidSet(Uid(2)));
  EXPECT_EQ(status().counts, (MailboxCounts{2, 2, 0, 7}));
  EXPECT_EQ(must(mailboxes->usage(kAccount)), (QuotaUsage{7, 2}));
  EXPECT_THAT(must(mailboxes->email(kAccount, old.email)).locations, IsEmpty());
  EXPECT_NE(replaced->email, old.email);  // RFC 8508 s4.6
  expect_verified();
}

TEST_F(MailboxesReplace, TakesTheOtherOutOfAnotherMailbox) {
  const auto drafts = special(SpecialUse::kDrafts);
  const auto sent = special(SpecialUse::kSent);
  append(draft("kept", drafts));
  const auto old = append(draft("draft", drafts));
  must(mailboxes->table(kAccount, drafts));  // it is in memory now
  const auto replaced = replace(draft("letter", sent), old.at);
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->at, (Location{sent, Uid(1)}));
  EXPECT_THAT(bodies(drafts), ElementsAre("kept"));
  EXPECT_THAT(bodies(sent), ElementsAre("letter"));
  const auto table = must(mailboxes->table(kAccount, drafts));
  EXPECT_EQ(table->size(), 1U);
  EXPECT_EQ(table->find(old.at.uid), nullptr);
  EXPECT_EQ(status(drafts).highest_modseq, replaced->modseq);
  EXPECT_EQ(status(sent).highest_modseq, replaced->modseq);
  expect_verified();
}

TEST_F(MailboxesReplace, TheTableOfTheSameMailboxIsRightAfterwards) {
  auto old = append(draft("0")).at;
  must(mailboxes->table(kAccount, kInbox));
  for (int i = 1; i < 5; ++i) {
    const auto replaced = replace(draft(std::to_string(i)), old);
    ASSERT_TRUE(replaced);
    old = replaced->at;
    const auto table = must(mailboxes->table(kAccount, kInbox));
    EXPECT_EQ(table->size(), 1U);
    EXPECT_NE(table->find(old.uid), nullptr);
  }
  expect_verified();
}

TEST_F(MailboxesReplace, LeavesTheCopiesOfWhatItTakesOut) {
  const auto old = append(draft("one"));
  const auto trash = special(SpecialUse::kTrash);
  must(mailboxes->copy(kAccount, kInbox, UidSet(old.at.uid), trash, {}));
  ASSERT_TRUE(replace(draft("two"), old.at));
  EXPECT_THAT(bodies(trash), ElementsAre("one"));
  EXPECT_THAT(bodies(), ElementsAre("two"));
  EXPECT_EQ(must(mailboxes->usage(kAccount)), (QuotaUsage{6, 2}));
  expect_verified();
}

TEST_F(MailboxesReplace, StoresTheMessageWhereTheOtherIsGone) {
  const auto made = must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  const auto old = append(draft("one"));
  must(mailboxes->expunge(kAccount, kInbox, UidSet(old.at.uid)));
  ASSERT_TRUE(replace(draft("two"), old.at));
  const auto removed = append(draft("three", made.id));
  must(mailboxes->remove_mailbox(kAccount, "a"));
  ASSERT_TRUE(replace(draft("four"), removed.at));
  EXPECT_THAT(bodies(), ElementsAre("two", "four"));
  expect_verified();
}

TEST_F(MailboxesReplace, ChangesNothingWhenTheMessageIsRefused) {
  const auto old = append(draft("one"));
  const auto before = must(mailboxes->highest_modseq(kAccount));
  const auto rows = must(mailboxes->verify_account(kAccount, BodyCheck::kLengths)).rows;
  auto staged = draft("");
  staged.staged = StagedBody{mailboxes->new_staged_email(), 10};
  const auto bad_keyword = [&] {
    auto made = draft("two");
    made.keywords = {"("};
    return made;
  }();
  EXPECT_EQ(replace(draft("two", MailboxId(99)), old.at).error(), MailboxError::kNoSuchMailbox);
  EXPECT_EQ(replace(draft("much longer"), old.at, {10, 0}).error(), MailboxError::kOverQuota);
  EXPECT_EQ(replace(staged, old.at).error(), MailboxError::kStagedBodyGone);
  EXPECT_EQ(replace(bad_keyword, old.at).error(), MailboxError::kBadKeyword);
  EXPECT_EQ(must(mailboxes->highest_modseq(kAccount)), before);
  EXPECT_EQ(must(mailboxes->verify_account(kAccount, BodyCheck::kLengths)).rows, rows);
  EXPECT_THAT(bodies(), ElementsAre("one"));
  expect_verified();
}

TEST_F(MailboxesReplace, TheRoomOfTheOtherIsFree) {
  const auto old = append(draft("12345"));
  const QuotaLimits full{5, 1};
  EXPECT_EQ(run(mailboxes->append(kAccount, draft("1"), full)).error(), MailboxError::kOverQuota);
  EXPECT_EQ(replace(draft("123456"), old.at, full).error(), MailboxError::kOverQuota);
  const auto second = replace(draft("abcde"), old.at, full);
  ASSERT_TRUE(second);
  EXPECT_EQ(replace(draft("x"), old.at, full).error(), MailboxError::kOverQuota) << "it is gone";
  const auto trash = special(SpecialUse::kTrash);
  must(mailboxes->copy(kAccount, kInbox, UidSet(second->at.uid), trash, {}));
  EXPECT_EQ(replace(draft("x"), second->at, {5, 2}).error(), MailboxError::kOverQuota) << "a copy takes it still";
  expect_verified();
}

TEST_F(MailboxesReplace, TakesTheOtherOutAlsoWhereTheMessageWasThereAlready) {
  auto keyed = draft("two");
  keyed.dedupe = DedupeKey{{1}, clock.now() + std::chrono::hours(1)};
  const auto first = append(keyed);
  const auto old = append(draft("one"));
  const auto replaced = replace(keyed, old.at);
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->outcome, AppendOutcome::kAlreadyThere);
  EXPECT_EQ(replaced->at, first.at);
  EXPECT_EQ(replaced->modseq, must(mailboxes->highest_modseq(kAccount)));
  EXPECT_THAT(bodies(), ElementsAre("two"));
  ASSERT_TRUE(replace(keyed, old.at));
  EXPECT_THAT(bodies(), ElementsAre("two"));
  expect_verified();
}

/// Every engine operation fails once: both were done or neither, and it is known which.
TEST_F(MailboxesReplace, LeavesNothingHalfDone) {
  using io::engine::StoreError;
  for (const auto error : {StoreError::kUnavailable, StoreError::kUnknownOutcome, StoreError::kConflict}) {
    for (const bool takes_effect : {false, true}) {
      if (takes_effect && error != StoreError::kUnknownOutcome) continue;
      for (std::uint64_t n = 1; n < 16; ++n) {
        SCOPED_TRACE(testing::Message() << to_string(error) << " at " << n << (takes_effect ? ", done" : ""));
        const auto old = append(draft("old"));
        restart();
        engine.plan_faults({engine.operations() + n, error, false, takes_effect});
        const auto replaced = replace(draft("new"), old.at);
        engine.plan_faults({});
        if (replaced) {
          EXPECT_EQ(replaced->at, (Location{kInbox, Uid(old.at.uid.value + 1)}));
          EXPECT_EQ(replaced->modseq, must(mailboxes->highest_modseq(kAccount)));
        }
        EXPECT_THAT(bodies(), ElementsAre(replaced ? "new" : "old"));
        expect_verified();
        must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
      }
    }
  }
}

/// The store does not know what became of the commit, and cannot be read afterwards.
TEST_F(MailboxesReplace, SaysThatItIsNotKnownWhereNobodyKnows) {
  for (const bool takes_effect : {false, true}) {
    int unknown = 0;
    for (std::uint64_t n = 1; n < 16; ++n) {
      SCOPED_TRACE(testing::Message() << n << (takes_effect ? ", done" : ""));
      const auto old = append(draft("old"));
      restart();
      must(mailboxes->status(kAccount, kInbox));
      engine.plan_faults({engine.operations() + n, io::engine::StoreError::kUnknownOutcome, true, takes_effect});
      const auto replaced = replace(draft("new"), old.at);
      engine.plan_faults({});
      restart();
      const auto there = bodies();
      EXPECT_THAT(there, ::testing::AnyOf(ElementsAre("old"), ElementsAre("new")));
      if (replaced) EXPECT_THAT(there, ElementsAre("new"));
      if (!replaced && replaced.error() != MailboxError::kUnknownOutcome) EXPECT_THAT(there, ElementsAre("old"));
      if (!replaced && replaced.error() == MailboxError::kUnknownOutcome) ++unknown;
      expect_verified();
      must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
    }
    EXPECT_GT(unknown, 0);
  }
}

}  // namespace
}  // namespace veredus::state::mailbox
