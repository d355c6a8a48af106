#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <map>
#include <random>

#include "state/mailbox/keys.h"
#include "state/mailbox/rows.h"
#include "support/mailboxes_fixture.h"

/// Mailboxes: flags of many messages changed at once, which are written by pages.
namespace veredus::state::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Mode = FlagChange::Mode;

class BulkFlags : public test::MailboxesTest {
 protected:
  static constexpr std::uint32_t kMany = 1100;  // two pages

  void fill(std::uint32_t count) {
    for (std::uint32_t done = 0; done < count;) {
      const auto some = std::min<std::uint32_t>(count - done, kAppendMessages);
      must(mailboxes->append_all(kAccount, std::vector<NewMessage>(some, message("x")), {}));
      done += some;
    }
  }
  FlagsStored store(Mode mode, FlagSet flags, UidSet uids = UidSet::all(), std::vector<std::string> keywords = {}) {
    return must(mailboxes->store_flags(kAccount, kInbox, std::move(uids), {mode, flags, std::move(keywords), {}}));
  }
  std::vector<io::engine::Row> rows(std::string low, std::string high) {
    io::engine::ScanOptions options;
    options.limit = 100'000;
    const auto page = run(engine.scan(kPartition, std::move(low), std::move(high), options));
    return page.value().rows;
  }
  std::vector<io::engine::Row> pages() { return rows("e", "f"); }
  void write(io::engine::Batch batch) {
    batch.keep_version();
    ASSERT_TRUE(run(engine.commit(kPartition, std::move(batch), io::engine::Durability::kSynced)));
  }
  /// Every way of reading says the same.
  void expect_agreed() {
    const auto scanned = all();
    const auto marks = must(mailboxes->marks(kAccount, kInbox));
    ASSERT_EQ(marks.size(), scanned.size());
    for (std::size_t i = 0; i < marks.size(); ++i)
      ASSERT_EQ(marks[i], (MessageMark{scanned[i].uid, scanned[i].flags, scanned[i].modseq, scanned[i].keywords}));
    const auto table = must(mailboxes->table(kAccount, kInbox));
    ASSERT_EQ(table->size(), scanned.size());
    for (const auto& one : scanned) ASSERT_EQ(*table->find(one.uid), one);
    expect_verified();
  }

  static constexpr io::engine::Partition kPartition{io::engine::Kind::kAccount, kAccount.value};
};

TEST_F(BulkFlags, AreWrittenAsPagesAndNotAsRows) {
  fill(kMany);
  const auto before = rows("f", "g");
  const auto stored = store(Mode::kAdd, {Flag::kFlagged}, UidSet::all(), {"todo"});
  EXPECT_EQ(stored.changed.size(), kMany);
  EXPECT_EQ(pages().size(), 2);
  const auto after = rows("f", "g");
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) ASSERT_EQ(after[i].value, before[i].value);
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    if (restarted) restart();
    for (const auto& one : all()) {
      ASSERT_EQ(one.flags, FlagSet{Flag::kFlagged});
      ASSERT_EQ(one.modseq, stored.modseq);
      ASSERT_LT(one.created_modseq, one.modseq);
      ASSERT_FALSE(one.keywords.empty());
    }
    expect_agreed();
  }
}

TEST_F(BulkFlags, OfFewMessagesStayRows) {
  fill(40);
  UidSet some;
  some.add(UidRange{Uid(3), Uid(33)});
  store(Mode::kAdd, {Flag::kSeen}, some);
  EXPECT_THAT(pages(), IsEmpty()) << "31 of them";
  EXPECT_EQ(status().counts.unseen, 9);
  expect_agreed();
}

TEST_F(BulkFlags, AndSingleOnesTakeTurns) {
  fill(kMany);
  store(Mode::kAdd, {Flag::kSeen});
  store(Mode::kRemove, {Flag::kSeen}, UidSet(Uid(5)));
  EXPECT_EQ(all()[4].flags, FlagSet());
  EXPECT_EQ(status().counts.unseen, 1);
  store(Mode::kAdd, {Flag::kDraft});
  EXPECT_EQ(all()[4].flags, FlagSet{Flag::kDraft});
  EXPECT_EQ(all()[5].flags, (FlagSet{Flag::kSeen, Flag::kDraft}));
  restart();
  store(Mode::kSet, {}, UidSet(Uid(6)));
  fill(1);
  EXPECT_EQ(all()[5].flags, FlagSet());
  EXPECT_EQ(all().back().flags, FlagSet());
  expect_agreed();
}

TEST_F(BulkFlags, AreWhatConditionsAndChangesAreAbout) {  // RFC 7162 s3.1.3
  fill(kMany);
  const auto first = store(Mode::kAdd, {Flag::kSeen});
  const auto second = store(Mode::kAdd, {Flag::kDraft}, UidSet(Uid(7)));
  restart();
  const auto refused =
      must(mailboxes->store_flags(kAccount, kInbox, UidSet::all(), {Mode::kAdd, {Flag::kFlagged}, {}, first.modseq}));
  EXPECT_EQ(refused.refused, UidSet(Uid(7)));
  EXPECT_EQ(refused.changed.size(), kMany - 1);
  const auto since = must(mailboxes->changes(kAccount, kInbox, second.modseq, 10'000));
  EXPECT_EQ(since.changed.size(), kMany - 1);
  EXPECT_EQ(since.changed_at.front(), refused.modseq);
  const auto emails = must(mailboxes->account_changes(kAccount, second.modseq, 10'000));
  EXPECT_EQ(emails.updated.size(), kMany - 1);
  clock.advance(options.change_log_age + std::chrono::hours(1));  // then the rows and pages themselves tell
  must(mailboxes->sweep(kAccount));
  const auto scanned = must(mailboxes->changes(kAccount, kInbox, second.modseq, 10'000));
  EXPECT_EQ(scanned.changed, since.changed);
  EXPECT_EQ(scanned.changed_at, since.changed_at);
}

TEST_F(BulkFlags, GoWithCopiesAndDecideWhatIsExpunged) {
  fill(kMany);
  store(Mode::kAdd, {Flag::kDeleted, Flag::kSeen}, UidSet::all(), {"todo"});
  store(Mode::kRemove, {Flag::kDeleted}, UidSet(Uid(1000)));
  restart();
  const auto trash = must(mailboxes->special(kAccount, SpecialUse::kTrash)).id;
  must(mailboxes->copy(kAccount, kInbox, UidSet::all(), trash, {}));
  EXPECT_EQ(status(trash).counts.deleted, kMany - 1);
  EXPECT_EQ(all(trash)[0].flags, (FlagSet{Flag::kDeleted, Flag::kSeen}));
  EXPECT_FALSE(all(trash)[0].keywords.empty());
  EXPECT_EQ(must(mailboxes->expunge_deleted(kAccount, kInbox, UidSet::all())).uids.size(), kMany - 1);
  EXPECT_EQ(all().size(), 1);
  EXPECT_EQ(pages().size(), 2) << "one message is left";
  must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
  EXPECT_THAT(pages(), IsEmpty());
  fill(3);
  EXPECT_EQ(all()[0].flags, FlagSet());
  expect_agreed();
}

TEST_F(BulkFlags, GoWithTheirMailbox) {
  const auto work = must(mailboxes->create(kAccount, "work", SpecialUse::kNone)).id;
  auto made = message("x");
  made.mailbox = work;
  must(mailboxes->append_all(kAccount, std::vector<NewMessage>(50, made), {}));
  must(mailboxes->store_flags(kAccount, work, UidSet::all(), {Mode::kAdd, {Flag::kSeen}, {}, {}}));
  ASSERT_EQ(pages().size(), 1);
  must(mailboxes->remove_mailbox(kAccount, "work"));
  must(mailboxes->sweep(kAccount));
  EXPECT_THAT(pages(), IsEmpty());
  expect_verified();
}

TEST_F(BulkFlags, SayWhetherAnybodyElseChangedSomething) {
  fill(40);
  const auto before = status().highest_modseq;
  const auto first = store(Mode::kAdd, {Flag::kSeen});
  EXPECT_EQ(first.alone_since, before);
  const auto trash = must(mailboxes->special(kAccount, SpecialUse::kTrash)).id;
  must(mailboxes->copy(kAccount, kInbox, UidSet(Uid(1)), trash, {}));
  EXPECT_EQ(store(Mode::kAdd, {Flag::kDraft}).alone_since, first.modseq) << "another mailbox does not matter";
}

TEST_F(BulkFlags, FailOnADamagedPageWithoutATrace) {
  fill(40);
  store(Mode::kAdd, {Flag::kSeen});
  const auto page = pages().front();
  write(io::engine::Batch().put(page.key, "torn"));
  restart();
  const auto version = must(mailboxes->highest_modseq(kAccount));
  const FlagChange change{Mode::kAdd, {Flag::kDraft}, {}, {}};
  for (const auto& uids : {UidSet::all(), UidSet(Uid(3))}) {
    const auto refused = run(mailboxes->store_flags(kAccount, kInbox, uids, change));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), MailboxError::kCorrupt);
  }
  EXPECT_EQ(must(mailboxes->highest_modseq(kAccount)), version);
  write(io::engine::Batch().put(page.key, page.value));
  EXPECT_EQ(all()[0].flags, FlagSet{Flag::kSeen});
  expect_agreed();
}

TEST_F(BulkFlags, AreLaidOverMessagesThatAreReadInPieces) {
  fill(kMany);
  store(Mode::kAdd, {Flag::kFlagged});
  store(Mode::kRemove, {Flag::kFlagged}, UidSet(Uid(1050)));
  const auto whole = all();
  std::vector<Message> pieces;
  for (bool more = true; more;) {
    const Uid first(pieces.empty() ? 1 : pieces.back().uid.value + 1);
    const auto page = must(mailboxes->messages(kAccount, kInbox, first, kLastUid, 70));
    pieces.insert(pieces.end(), page.messages.begin(), page.messages.end());
    more = page.more;
  }
  EXPECT_EQ(pieces, whole);
}

TEST_F(BulkFlags, AreReadOfThoseMessagesAloneThatAreAskedFor) {
  fill(kMany);
  store(Mode::kAdd, {Flag::kFlagged});
  const auto last = pages().back();
  write(io::engine::Batch().put(last.key, "torn"));
  restart();
  EXPECT_EQ(must(mailboxes->messages(kAccount, kInbox, Uid(1), kLastUid, 100)).messages.size(), 100u);
  UidSet first;
  first.add(UidRange{Uid(1), Uid(100)});
  EXPECT_EQ(must(mailboxes->expunge(kAccount, kInbox, first)).uids.size(), 100u);
  EXPECT_FALSE(run(mailboxes->messages(kAccount, kInbox, Uid(1000), kLastUid, 100)));
}

TEST_F(BulkFlags, LeaveAMailboxWithTheLastOfItsMessages) {
  for (const bool moved : {false, true}) {
    SCOPED_TRACE(moved);
    fill(kMany);
    store(Mode::kAdd, {Flag::kFlagged});
    UidSet some;
    for (const auto& one : all())
      if (some.size() < 1000) some.add(one.uid);
    const auto archive = must(mailboxes->special(kAccount, SpecialUse::kArchive)).id;
    const auto leave = [&](const UidSet& uids) {
      if (moved)
        must(mailboxes->move(kAccount, kInbox, uids, archive));
      else
        must(mailboxes->expunge(kAccount, kInbox, uids));
    };
    leave(some);
    EXPECT_FALSE(pages().empty());
    expect_agreed();
    leave(UidSet::all());
    EXPECT_THAT(pages(), IsEmpty());
    expect_agreed();
    for (const auto& one : all(archive)) ASSERT_EQ(one.flags, FlagSet{Flag::kFlagged});
  }
}

/// What the first version of a mailbox's row left behind.
TEST_F(BulkFlags, AreStoredInAMailboxOfVersion1) {
  fill(40);
  auto row = rows(keys::mailbox(kInbox), keys::mailbox(MailboxId(kInbox.value + 1))).front().value;
  row[0] = 1;
  row.erase(59, 1);  // the octet that version 2 added
  write(io::engine::Batch().put(keys::mailbox(kInbox), row));
  restart();
  EXPECT_EQ(status().name, "INBOX");
  EXPECT_EQ(all().size(), 40);
  store(Mode::kAdd, {Flag::kSeen});
  restart();
  EXPECT_EQ(status().counts.unseen, 0);
  expect_agreed();
}

/// Operations that wait for one another are done in one commit: each sees what those before it did.
TEST_F(BulkFlags, OfSeveralOperationsInOneTurnAddUp) {
  io::engine::MemoryEngine suspending({.clock = &clock});  // so that others wait while one commits
  mailboxes = std::make_unique<Mailboxes>(suspending, clock, options);
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](std::uint32_t limit) { return static_cast<std::uint32_t>(random()) % limit; };
    must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
    fill(80);
    std::map<Uid, FlagSet> model;
    for (const auto& one : all()) model[one.uid] = one.flags;
    const auto first = model.begin()->first.value;
    std::size_t done = 0;
    for (int i = 0; i < 12; ++i) {
      const auto from = first + below(80);
      const UidRange range{Uid(from), Uid(from + (below(2) == 0 ? 0 : below(80)))};
      UidSet uids;
      uids.add(range);
      const FlagChange change{
          static_cast<Mode>(below(3)), FlagSet::from_bits(static_cast<std::uint8_t>(below(32))), {}, {}};
      for (auto& [uid, flags] : model) {
        if (!uids.contains(uid)) continue;
        if (change.mode == Mode::kSet) flags = change.flags;
        if (change.mode == Mode::kAdd) flags = flags.with(change.flags);
        if (change.mode == Mode::kRemove) flags = flags.without(change.flags);
      }
      asio::co_spawn(io, mailboxes->store_flags(kAccount, kInbox, uids, change),
                     [&done](const std::exception_ptr& failure, const auto& stored) {
                       if (!failure && stored) ++done;
                     });
    }
    const auto version = must(mailboxes->highest_modseq(kAccount));
    io.restart();
    io.run();
    EXPECT_EQ(done, 12);
    EXPECT_LT(must(mailboxes->highest_modseq(kAccount)).value, version.value + 12) << "none was merged";
    if (seed % 2 == 0) mailboxes = std::make_unique<Mailboxes>(suspending, clock, options);
    for (const auto& one : all()) ASSERT_EQ(one.flags, model[one.uid]) << one.uid.value;
    expect_agreed();
  }
  mailboxes.reset();  // before its engine
}

}  // namespace
}  // namespace veredus::state::mailbox
