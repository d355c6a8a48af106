#include "state/mailbox/account_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <thread>

#include "support/mailboxes_fixture.h"

namespace veredus::state::mailbox {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Damage : public test::MailboxesTest {
 protected:
  void write(io::engine::Batch batch) {
    const auto written = run(
        engine.commit({io::engine::Kind::kAccount, kAccount.value}, std::move(batch), io::engine::Durability::kSynced));
    ASSERT_TRUE(written);
  }
  std::vector<std::string> differences() {
    return must(mailboxes->verify_account(kAccount, BodyCheck::kLengths)).differences;
  }
  Appended threaded() {
    auto made = message();
    made.content.message_id = std::to_string(++sent) + "@example.org";
    made.content.references = {"0@example.org"};
    made.dedupe = DedupeKey{{static_cast<std::uint8_t>(sent)}, clock.now() + std::chrono::hours(1)};
    return append(made);
  }
  int sent = 0;
};

FlagPage some_flags(ModSeq modseq) {
  FlagPage page;
  page.append({Uid(100), Uid(1000), {Flag::kSeen}, {}, modseq});
  return page;
}

TEST_F(Damage, OfAnyRowIsFound) {
  threaded();
  const auto a = threaded();
  ASSERT_THAT(differences(), IsEmpty());
  const auto message_key = keys::message(kInbox, a.at.uid);
  struct Case {
    std::string key;
    const char* says;
  };
  const Case cases[] = {{keys::email(a.email), "does not exist"},
                        {keys::chunk(a.email, 0), "chunks of its body"},
                        {message_key, "counts"},
                        {keys::mailbox(kInbox), "in no mailbox"},
                        {keys::account(), "own row is missing"},
                        {keys::thread_member(a.thread, a.email), "not listed in its thread"}};
  for (const auto& [key, says] : cases) {
    SCOPED_TRACE(says);
    const auto rows = run(engine.get({io::engine::Kind::kAccount, kAccount.value}, std::vector<std::string>{key}));
    ASSERT_TRUE(rows && rows->front());
    write(io::engine::Batch().erase(key));
    EXPECT_THAT(differences(), Contains(HasSubstr(says)));
    write(io::engine::Batch().put(key, "\x01torn"));
    EXPECT_THAT(differences(), ::testing::Not(IsEmpty()));
    write(io::engine::Batch().put(key, *rows->front()));
    EXPECT_THAT(differences(), IsEmpty());
  }
}

TEST_F(Damage, ThatLeavesRowsOfNothingIsFound) {
  append(message());
  const EmailId nobody(12);
  const auto never = clock.now() + std::chrono::hours(1);
  struct Case {
    std::string key, value;
    const char* says;
  };
  const Case cases[] = {
      {keys::chunk(nobody, 1), "octets", "a body of no email"},
      {keys::locations(nobody), rows::encode_locations({}), "does not exist, rows of it do"},
      {keys::due_email(never, nobody), rows::encode_mark(), "does not exist, rows of it do"},
      {keys::thread_member(ThreadId(1), nobody), rows::encode_mark(), "without being in it"},
      {keys::dedupe({1}), rows::encode(rows::DedupeRow{never, nobody, {}, {}}), "never expire"},
      {keys::change(ModSeq(1'000'000), kInbox), rows::encode(rows::ChangeRow{never, {}}), "later than the account"},
      {keys::flag_page(kInbox, 0), rows::encode(some_flags(ModSeq(1))), "flag pages of no mailbox that has any"},
      {keys::flag_page(kInbox, 0), rows::encode(some_flags(ModSeq(1'000'000))), "later than the account"},
      {keys::flag_page(kInbox, 0), "\x01torn", "damaged"},
      {"zebra", "", "of no known kind"},
  };
  for (const auto& [key, value, says] : cases) {
    SCOPED_TRACE(says);
    write(io::engine::Batch().put(key, value));
    EXPECT_THAT(differences(), Contains(HasSubstr(says)));
    write(io::engine::Batch().erase(key));
    EXPECT_THAT(differences(), IsEmpty());
  }
}

TEST_F(Damage, OfWhereEmailsStandStopsWhatTakesThemOut) {
  const auto email = append(message()).email;
  for (const auto& damaged :
       {std::string("?"), rows::encode_locations({}), rows::encode_locations({{kInbox, Uid(9)}})}) {
    write(io::engine::Batch().put(keys::locations(email), damaged));
    EXPECT_EQ(run(mailboxes->expunge(kAccount, kInbox, UidSet::all())).error(), MailboxError::kCorrupt);
    EXPECT_EQ(status().counts.messages, 1u);
  }
}

TEST_F(Damage, OfARowAnOperationNeedsIsReportedAsSuch) {
  append(message());
  write(io::engine::Batch().put(keys::message(kInbox, Uid(1)), "?"));
  EXPECT_EQ(run(mailboxes->messages(kAccount, kInbox, kFirstUid, kLastUid, 10)).error(), MailboxError::kCorrupt);
  EXPECT_EQ(run(mailboxes->expunge(kAccount, kInbox, UidSet::all())).error(), MailboxError::kCorrupt);
  EXPECT_EQ(append(message()).at.uid, Uid(2));  // the rest goes on
  write(io::engine::Batch().put(keys::mailbox(kInbox), "?"));
  restart();
  EXPECT_EQ(run(mailboxes->list(kAccount)).error(), MailboxError::kCorrupt);
}

TEST_F(Damage, IsNotWhatMailThatArrivesMeanwhileLooksLike) {
  const auto guard = asio::make_work_guard(io);
  std::atomic<bool> is_over = false;
  std::thread deliveries([&] {
    asio::io_context own;
    const auto own_guard = asio::make_work_guard(own);
    for (int i = 0; i < 300; ++i) {
      auto made = message();
      made.staged = StagedBody{mailboxes->new_staged_email(), 5};
      const auto until = clock.now() + std::chrono::hours(1);
      (void)test::run(own, mailboxes->stage_chunk(kAccount, made.staged->email, 1, "later", until));
      (void)test::run(own, mailboxes->append(kAccount, std::move(made), {}));
      (void)test::run(own, mailboxes->expunge(kAccount, kInbox, UidSet(Uid(static_cast<std::uint32_t>(i)))));
    }
    is_over = true;
  });
  while (!is_over) EXPECT_THAT(differences(), IsEmpty());
  deliveries.join();
  EXPECT_THAT(differences(), IsEmpty());
}

class OldChanges : public test::MailboxesTest {};

TEST_F(OldChanges, AreCompactedAndStillAnsweredAsFarAsPossible) {
  append(message());
  append(message());
  const auto start = must(mailboxes->highest_modseq(kAccount));
  append(message());
  must(mailboxes->expunge(kAccount, kInbox, UidSet(Uid(1))));
  const auto middle = must(mailboxes->highest_modseq(kAccount));
  must(mailboxes->store_flags(kAccount, kInbox, UidSet(Uid(2)), {FlagChange::Mode::kAdd, {Flag::kSeen}, {}, {}}));
  clock.advance(std::chrono::hours(24 * 31));
  append(message());
  must(mailboxes->sweep(kAccount));
  restart();

  const auto old = must(mailboxes->changes(kAccount, kInbox, start, 100));
  EXPECT_EQ(old.arrived, (std::vector<Uid>{Uid(3), Uid(4)}));
  EXPECT_EQ(old.changed, std::vector<Uid>{Uid(2)});
  EXPECT_EQ(old.expunges, MailboxChanges::Expunges::kIncomplete);
  const auto newer = must(mailboxes->changes(kAccount, kInbox, middle, 100));
  EXPECT_EQ(newer.changed, std::vector<Uid>{Uid(2)});
  EXPECT_EQ(newer.expunges, MailboxChanges::Expunges::kExact);
  EXPECT_EQ(must(mailboxes->status(kAccount, kInbox)).deleted_modseq, middle);
  EXPECT_EQ(must(mailboxes->account_changes(kAccount, start, 100)).reach, AccountChanges::Reach::kCannotCalculate);
  expect_verified();
}

TEST_F(OldChanges, OfTheAccountNameEmailsAndMailboxes) {
  const auto first = append(message());
  const auto start = must(mailboxes->highest_modseq(kAccount));
  const auto second = append(message());
  const auto made = must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  must(mailboxes->copy(kAccount, kInbox, UidSet(first.at.uid), made.id, {}));
  auto changes = must(mailboxes->account_changes(kAccount, start, 100));
  EXPECT_EQ(changes.created, std::vector<EmailId>{second.email});
  EXPECT_EQ(changes.updated, std::vector<EmailId>{first.email});
  EXPECT_THAT(changes.destroyed, IsEmpty());
  EXPECT_EQ(changes.mailboxes_created, std::vector<MailboxId>{made.id});
  EXPECT_EQ(changes.mailboxes_updated, std::vector<MailboxId>{kInbox});
  const auto then = changes.up_to;
  must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
  changes = must(mailboxes->account_changes(kAccount, then, 100));
  EXPECT_EQ(changes.updated, std::vector<EmailId>{first.email});  // still in "a"
  EXPECT_EQ(changes.destroyed, std::vector<EmailId>{second.email});
  must(mailboxes->remove_mailbox(kAccount, "a"));
  changes = must(mailboxes->account_changes(kAccount, start, 100));
  EXPECT_EQ(changes.destroyed, std::vector<EmailId>{first.email});
  EXPECT_THAT(changes.mailboxes_destroyed, IsEmpty());  // it came and went
}

TEST_F(OldChanges, ComeInPortions) {
  append(message());
  const auto start = must(mailboxes->highest_modseq(kAccount));
  for (int i = 0; i < 5; ++i) append(message());
  auto changes = must(mailboxes->changes(kAccount, kInbox, start, 2));
  EXPECT_EQ(changes.arrived.size(), 2U);
  EXPECT_TRUE(changes.more);
  changes = must(mailboxes->changes(kAccount, kInbox, changes.up_to, 100));
  EXPECT_EQ(changes.arrived.size(), 3U);
  EXPECT_FALSE(changes.more);
  EXPECT_THAT(must(mailboxes->changes(kAccount, kInbox, changes.up_to, 100)).arrived, IsEmpty());
}

}  // namespace
}  // namespace veredus::state::mailbox
