#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <random>

#include "state/mailbox/keys.h"
#include "state/mailbox/rows.h"
#include "support/table_fixture.h"

/// Mailboxes: tables of large mailboxes in the store.
namespace veredus::state::mailbox {
namespace {

using Mode = FlagChange::Mode;

class StoredTables : public test::TableTest {
 protected:
  static constexpr std::uint32_t kMany = 1500;
  static constexpr io::engine::Partition kPartition{io::engine::Kind::kAccount, kAccount.value};

  void fill(std::uint32_t count, MailboxId mailbox = kInbox) {
    auto one = message("x");
    one.mailbox = mailbox;
    for (std::uint32_t done = 0; done < count; done += 500)
      must(mailboxes->append_all(kAccount, std::vector<NewMessage>(std::min(count - done, 500U), one), {}));
  }
  void store(Mode mode, FlagSet flags, UidSet uids) {
    must(mailboxes->store_flags(kAccount, kInbox, std::move(uids), {mode, flags, {"todo"}, {}}));
  }
  std::vector<io::engine::Row> parts(MailboxId mailbox = kInbox) {
    return run(engine.scan(kPartition, keys::table_part(mailbox, 0), keys::after_table(mailbox), {})).value().rows;
  }
  /// `meanwhile` comes when the table is being packed, or has just been stored.
  template <class Meanwhile>
  void put_away_meanwhile(const Meanwhile& meanwhile) {
    bool done = false;
    asio::co_spawn(io, mailboxes->put_away(kAccount, kInbox),
                   [&done](const std::exception_ptr& failure, const auto& put) { done = !failure && put; });
    io.restart();
    io.poll();
    meanwhile();
    io.restart();
    io.run();
    EXPECT_TRUE(done);
  }
  void write(std::string key, std::string value) {
    io::engine::Batch batch;
    batch.keep_version().put(std::move(key), std::move(value));
    ASSERT_TRUE(run(engine.commit(kPartition, std::move(batch), io::engine::Durability::kSynced)));
  }
};

TEST_F(StoredTables, AreStoredAnewWhenTheMailboxIsPutAwayAfterManyChanges) {
  fill(kMany);
  table();
  const auto stored = parts();
  store(Mode::kAdd, {Flag::kFlagged}, UidSet(Uid(7)));
  must(mailboxes->put_away(kAccount, kInbox));
  EXPECT_EQ(parts()[0].value, stored[0].value) << "one change can be followed from there";
  store(Mode::kAdd, {Flag::kSeen}, UidSet::all());
  must(mailboxes->put_away(kAccount, kInbox));
  const auto part = *rows::decode_table_part(parts()[0].value);
  EXPECT_EQ(part.as_of, must(mailboxes->highest_modseq(kAccount)));
  restart();
  must(mailboxes->put_away(kAccount, kInbox));  // of which nothing is known
  expect_current();
}

TEST_F(StoredTables, OfAnErasedAccountDoNotBringItBack) {
  fill(kMany);
  table();
  store(Mode::kAdd, {Flag::kSeen}, UidSet::all());
  must(mailboxes->erase_account(kAccount));
  must(mailboxes->put_away(kAccount, kInbox));  // by a session that had it open
  EXPECT_TRUE(must(mailboxes->accounts(AccountId(), 10)).empty());
}

/// Packing more than a few thousand messages takes a while, in which others go on.
TEST_F(StoredTables, ArePutAwayAsTheyWereWhenSomethingChangesMeanwhile) {
  fill(3 * kMany);
  table();
  store(Mode::kAdd, {Flag::kSeen}, UidSet::all());
  put_away_meanwhile([this] {
    store(Mode::kAdd, {Flag::kFlagged}, UidSet(Uid(7)));
    must(mailboxes->expunge(kAccount, kInbox, UidSet(Uid(9))));
    fill(3);
  });
  EXPECT_LT(rows::decode_table_part(parts()[0].value)->as_of, must(mailboxes->highest_modseq(kAccount)));
  restart();
  expect_current();
}

TEST_F(StoredTables, OfAnAccountErasedMeanwhileDoNotBringItBack) {
  fill(3 * kMany);
  table();
  store(Mode::kAdd, {Flag::kSeen}, UidSet::all());
  put_away_meanwhile([this] { must(mailboxes->erase_account(kAccount)); });
  EXPECT_TRUE(must(mailboxes->accounts(AccountId(), 10)).empty());
}

TEST_F(StoredTables, AreReadInsteadOfTheRowsOfALargeMailbox) {
  fill(kMany);
  table();
  ASSERT_EQ(parts().size(), 1u);
  auto part = *rows::decode_table_part(parts()[0].value);
  EXPECT_EQ(part.messages.size(), kMany);
  part.messages[7].body.octets = part.messages[7].body.first_octets = 4711;  // to be told apart
  write(keys::table_part(kInbox, 0), rows::encode(part));
  restart();
  EXPECT_EQ(table()->find(part.messages[7].uid)->body.octets, 4711u);
}

TEST_F(StoredTables, AreNotMadeForSmallMailboxes) {
  fill(100);
  table();
  EXPECT_TRUE(parts().empty());
}

TEST_F(StoredTables, AreInSeveralPartsWhenLarge) {
  fill(8192 + 700);
  table();
  EXPECT_EQ(parts().size(), 2u);
  restart();
  expect_current();
}

TEST_F(StoredTables, AreFollowedFromWhereTheyWere) {
  fill(kMany);
  table();
  for (const bool many : {false, true}) {
    SCOPED_TRACE(many);
    store(Mode::kAdd, {Flag::kFlagged}, many ? UidSet::all() : UidSet(Uid(77)));
    fill(3);
    must(mailboxes->expunge(kAccount, kInbox, UidSet(Uid(many ? 5 : 6))));
    restart();
    expect_current();
  }
}

TEST_F(StoredTables, AreDoneWithoutWhenTheyAreDamaged) {
  fill(8192 + 700);
  table();
  const auto sound = parts();
  ASSERT_EQ(sound.size(), 2u);
  auto other = *rows::decode_table_part(sound[1].value);
  other.as_of = ModSeq(other.as_of.value - 1);
  auto empty = other;
  empty.messages.clear();
  auto foreign = *rows::decode_table_part(sound[1].value);
  foreign.uid_validity = UidValidity(1);
  for (const auto& damaged :
       {std::string("x"), rows::encode(other), rows::encode(empty), rows::encode(foreign), sound[0].value}) {
    write(sound[1].key, damaged);
    restart();
    EXPECT_EQ(table()->size(), 8192u + 700);
    restart();
    expect_current();  // and stored anew
  }
}

/// Parts are read one by one: what is there of another table may fit, but for a message between the two.
TEST_F(StoredTables, ThatLackAMessageAreNotTaken) {
  fill(8192 + 700);
  table();
  auto second = *rows::decode_table_part(parts()[1].value);
  second.messages.erase(second.messages.begin());
  write(keys::table_part(kInbox, 1), rows::encode(second));
  restart();
  expect_current();
}

TEST_F(StoredTables, KnowUidsWithGaps) {
  fill(kMany);
  UidSet some;
  for (std::uint32_t uid = 2; uid < kMany; uid += 5) some.add(Uid(uid));
  must(mailboxes->expunge(kAccount, kInbox, some));
  table();
  must(mailboxes->put_away(kAccount, kInbox));
  restart();
  UidSet present;
  for (const auto& page : table()->pages())
    for (const auto& range : page->uids().ranges()) present.add(range);
  UidSet expected;
  for (const auto& message : all()) expected.add(message.uid);
  EXPECT_EQ(present, expected);
  expect_current();
}

TEST_F(StoredTables, OfAnotherMailboxWithTheSameIdAreNotTaken) {
  fill(kMany);
  table();
  auto part = *rows::decode_table_part(parts()[0].value);
  part.uid_validity = UidValidity(part.uid_validity.value + 1);
  part.messages.resize(600);
  write(keys::table_part(kInbox, 0), rows::encode(part));
  restart();
  expect_current();
}

TEST_F(StoredTables, GoWithTheirMailbox) {
  const auto made = must(mailboxes->create(kAccount, "large", SpecialUse::kNone));
  fill(kMany, made.id);
  must(mailboxes->table(kAccount, made.id));
  EXPECT_EQ(parts(made.id).size(), 1u);
  must(mailboxes->remove_mailbox(kAccount, "large"));
  EXPECT_TRUE(parts(made.id).empty());
  expect_verified();
}

TEST_F(StoredTables, AgreeWithTheRowsWhateverHappensAndWheneverItStartsAgain) {
  std::mt19937 random(25);
  fill(kMany);
  for (int step = 0; step < 60; ++step) {
    SCOPED_TRACE(step);
    const auto first = 1 + static_cast<std::uint32_t>(random() % kMany);
    const auto last = first + static_cast<std::uint32_t>(random() % 2 == 0 ? random() % 4 : random() % kMany);
    UidSet some;
    some.add(UidRange{Uid(first), Uid(last)});
    const auto mode = random() % 2 == 0 ? Mode::kAdd : Mode::kRemove;
    switch (random() % 6) {
      case 0:
        fill(1 + static_cast<std::uint32_t>(random() % 40));
        break;
      case 1:
        must(mailboxes->expunge(kAccount, kInbox, UidSet(Uid(first))));
        break;
      case 2:
        restart();
        break;
      case 3:
        clock.advance(std::chrono::hours(24 * 20));
        must(mailboxes->sweep(kAccount));
        break;
      default:
        store(mode, {random() % 2 == 0 ? Flag::kSeen : Flag::kFlagged}, some);
    }
    if (random() % 3 == 0) restart();
    expect_current();
  }
}

}  // namespace
}  // namespace veredus::state::mailbox
