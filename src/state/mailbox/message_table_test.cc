#include "state/mailbox/message_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "state/mailbox/operation.h"
#include "support/table_fixture.h"

namespace veredus::state::mailbox {
namespace {

Message row(std::uint32_t uid, std::uint64_t modseq = 1) {
  Message message;
  message.uid = Uid(uid);
  message.modseq = ModSeq(modseq);
  return message;
}

std::vector<Uid> uids_of(TableWalk walk) {
  std::vector<Uid> uids;
  while (const auto* message = walk.next()) uids.push_back(message->uid);
  return uids;
}

TEST(MessageTable, AgreesWithAMapWhateverIsDoneToIt) {
  std::mt19937 random(11);
  std::map<std::uint32_t, std::uint64_t> model;
  auto table = MessageTable::of(UidValidity(1), ModSeq(1), {});
  std::uint32_t next = 1;
  for (std::uint64_t step = 2; step < 200; ++step) {
    SCOPED_TRACE(step);
    std::map<std::uint32_t, std::uint64_t> fresh;
    UidSet gone;
    for (auto count = random() % 3 * 150; count != 0; --count) fresh[next += 1 + random() % 2] = step;
    for (auto count = random() % 5; count != 0 && !model.empty(); --count) {
      const auto at = std::next(model.begin(), static_cast<std::ptrdiff_t>(random() % model.size()));
      if (random() % 2 == 0)
        fresh[at->first] = step;
      else if (!fresh.contains(at->first))
        gone.add(Uid(at->first));
    }
    std::vector<Message> rows;
    for (const auto& [uid, modseq] : fresh) rows.push_back(row(uid, modseq));
    table = table->changed(ModSeq(step), std::move(rows), gone);
    for (const auto& [uid, modseq] : fresh) model[uid] = modseq;
    std::erase_if(model, [&](const auto& one) { return gone.contains(Uid(one.first)); });

    ASSERT_EQ(table->size(), model.size());
    TableWalk walk(table, UidSet::all());
    for (const auto& [uid, modseq] : model) {
      const auto* message = walk.next();
      ASSERT_NE(message, nullptr);
      ASSERT_EQ(message->uid, Uid(uid));
      ASSERT_EQ(message->modseq, ModSeq(modseq));
      ASSERT_EQ(table->find(Uid(uid))->modseq, ModSeq(modseq));
    }
    ASSERT_EQ(walk.next(), nullptr);
    for (const auto& page : table->pages()) {
      ASSERT_FALSE(page->messages().empty());
      ASSERT_LE(page->messages().size(), MessageTable::kPageMessages);
    }
  }
}

TEST(TableWalk, GivesWhatIsAskedForAndThere) {
  std::vector<Message> rows;
  for (std::uint32_t uid = 2; uid <= 3000; uid += 2) rows.push_back(row(uid, uid));
  const auto table = MessageTable::of(UidValidity(1), ModSeq(1), std::move(rows));
  UidSet wanted;
  wanted.add(UidRange{Uid(1), Uid(4)});
  wanted.add(Uid(7));
  wanted.add(UidRange{Uid(1023), Uid(1026)});
  wanted.add(UidRange{Uid(2999), Uid(9000)});
  EXPECT_EQ(uids_of(TableWalk(table, wanted)), (std::vector<Uid>{Uid(2), Uid(4), Uid(1024), Uid(1026), Uid(3000)}));
  EXPECT_EQ(uids_of(TableWalk(table, wanted, ModSeq(1024))), (std::vector<Uid>{Uid(1026), Uid(3000)}));
  EXPECT_TRUE(uids_of(TableWalk(table, UidSet())).empty());
  EXPECT_TRUE(uids_of(TableWalk(MessageTable::of(UidValidity(1), ModSeq(1), {}), UidSet::all())).empty());
}

class Tables : public test::TableTest {};

TEST_F(Tables, FollowEveryChange) {
  expect_current();
  for (int i = 0; i < 700; ++i) append(message());
  expect_current();
  const auto before = table();
  FlagChange seen;
  seen.mode = FlagChange::Mode::kAdd;
  seen.flags = {Flag::kSeen, Flag::kDeleted};
  UidSet some;
  some.add(UidRange{Uid(3), Uid(5)});
  must(mailboxes->store_flags(kAccount, kInbox, some, seen));
  expect_current();
  EXPECT_EQ(table()->pages().back(), before->pages().back()) << "what did not change is shared";
  EXPECT_FALSE(before->find(Uid(3))->flags.has(Flag::kSeen)) << "who has the old table keeps it";
  must(mailboxes->expunge_deleted(kAccount, kInbox, UidSet::all()));
  expect_current();
  append(message());
  expect_current();
  must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
  expect_current();
  EXPECT_EQ(table()->first_unseen(), Uid());
}

TEST_F(Tables, FollowExpungesThatTakeSeveralTurns) {
  constexpr std::uint32_t kMany = kSliceMessages + 700;
  for (std::uint32_t done = 0; done < kMany; done += 700)
    must(mailboxes->append_all(kAccount, std::vector<NewMessage>(std::min(700U, kMany - done), message("x")), {}));
  table();
  UidSet some;
  some.add(UidRange{Uid(1), Uid(kMany - 2)});
  must(mailboxes->store_flags(kAccount, kInbox, some, {FlagChange::Mode::kAdd, {Flag::kDeleted}, {}, {}}));
  EXPECT_EQ(must(mailboxes->expunge_deleted(kAccount, kInbox, UidSet::all())).uids, some);
  expect_current();
  EXPECT_EQ(table()->size(), 2u);
}

TEST_F(Tables, AreTheSameWhileNothingHappens) {
  append(message());
  EXPECT_EQ(table(), table());
}

TEST_F(Tables, AreWorkedOutAgainWhereTheLogEnds) {
  for (int i = 0; i < 10; ++i) append(message());
  table();
  must(mailboxes->expunge(kAccount, kInbox, UidSet(Uid(4))));
  clock.advance(options.change_log_age + std::chrono::hours(1));
  must(mailboxes->sweep(kAccount));
  expect_current();
}

TEST_F(Tables, OfNoMailboxAreAnError) {
  EXPECT_EQ(run(mailboxes->table(kAccount, MailboxId(77))).error(), MailboxError::kNoSuchMailbox);
}

}  // namespace
}  // namespace veredus::state::mailbox
