#include "work/queue/queue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/queue_world.h"

namespace veredus::work::queue {
namespace {

TEST_F(QueueTest, SendsWhatArrivesAndLeavesNothingBehind) {
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.delivered, std::vector<std::string>{"bob@example.org: Subject: hello"});
  EXPECT_EQ(rows(), 0U);
  EXPECT_EQ(program_->queue.size(), 0U);
  EXPECT_EQ(events_.count("sent"), 1U);
  EXPECT_TRUE(reports_.empty());
  stop();
}

TEST_F(QueueTest, AllRecipientsAtASiteGoInOneTransaction) {
  begin();
  auto a = entry({"a@one.test", "b@one.test"}, "one.test");
  auto b = a;
  b.id = EntryId::make(message_, "two.test", "");
  b.domain = "two.test";
  b.recipients = {a.recipients[0]};
  b.recipients[0].address = "c@two.test";
  auto stored = enqueue(a);
  for (auto& more : enqueue(b)) stored.push_back(more);
  world_.closed_hosts = {"mx1", "mx2"};  // so that both are ready before either is tried
  program_->queue.arrived(stored, nullptr);
  settle();
  world_.closed_hosts.clear();
  pass(1h);
  ASSERT_FALSE(world_.transaction_sizes.empty());
  EXPECT_EQ(world_.delivered.size(), 3U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, AMessageThatDoesWithoutPoliciesHasAConnectionOfItsOwn) {  // RFC 8689 s3
  begin();
  world_.closed_hosts = {"mx1", "mx2"};  // so that both are ready before either is tried
  auto first = entry({"a@example.org"}, "example.org");
  auto stored = enqueue(first);
  auto second = entry({"b@example.org"}, "example.org");
  second.mail.tls_optional = true;
  for (auto& more : enqueue(second)) stored.push_back(more);
  program_->queue.arrived(stored, nullptr);
  settle();
  world_.closed_hosts.clear();
  pass(1h);
  EXPECT_EQ(world_.delivered.size(), 2U);
  EXPECT_EQ(world_.policies_ignored.size(), 2U);
  EXPECT_EQ(std::ranges::count(world_.policies_ignored, true), 1);
  stop();
}

TEST_F(QueueTest, TriesTheNextHostWhenTheFirstIsDown) {
  world_.closed_hosts = {"mx1"};
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.connections, std::vector<std::string>{"mx2"});
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, RetriesWhatWasPutOff) {
  world_.replies["bob@example.org"] = make_reply(451, 7, 1, "greylisted");
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_TRUE(world_.delivered.empty());
  EXPECT_EQ(events_.count("deferred"), 1U);
  EXPECT_EQ(rows(), 1U);
  world_.replies.clear();
  pass(4min);
  EXPECT_TRUE(world_.delivered.empty());
  pass(2min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, ARefusalIsReportedToTheSender) {
  world_.replies["bob@example.org"] = make_reply(550, 1, 1, "no such user");
  begin();
  send(entry({"bob@example.org", "eve@example.org"}, "example.org"));
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].recipient, "alice@demo.test");
  EXPECT_NE(reports_[0].message.find("Action: failed"), std::string::npos);
  EXPECT_NE(reports_[0].message.find("Subject: hello"), std::string::npos);
  EXPECT_EQ(events_.count("bounced"), 1U);
  stop();
}

TEST_F(QueueTest, ABounceIsNeverBounced) {
  world_.replies["bob@example.org"] = make_reply(550, 1, 1, "no such user");
  begin();
  auto made = entry({"bob@example.org"}, "example.org");
  made.sender.reset();
  send(made);
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(events_.count("report_dropped"), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, ADomainThatTakesNoMailBouncesAtOnce) {
  world_.no_sites["null.test"] = smtpclient::SiteError::kNullMx;
  begin();
  send(entry({"bob@null.test"}, "null.test"));
  EXPECT_EQ(reports_.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, TellsOfADelayOnceAndGivesUpAtTheEnd) {
  world_.closed_hosts = {"mx1", "mx2"};
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  for (int hour = 0; hour < 5; ++hour) pass(1h);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_NE(reports_[0].message.find("Action: delayed"), std::string::npos);
  pass(60h);
  pass(60h);
  ASSERT_EQ(reports_.size(), 2U);
  EXPECT_NE(reports_[1].message.find("Action: failed"), std::string::npos);
  EXPECT_EQ(events_.count("expired"), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, ARestartTakesUpWhatWasThere) {
  world_.closed_hosts = {"mx1", "mx2"};
  begin();
  for (int i = 0; i < 20; ++i) send(entry({"bob@example.org"}, "d" + std::to_string(i) + ".test"));
  stop();
  kill();
  world_.closed_hosts.clear();
  begin();
  pass(10min);
  EXPECT_EQ(world_.delivered.size(), 20U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, WhatWasCutOffIsUncertainAfterARestart) {
  begin();
  world_.breaks_at_final_dot = false;
  auto made = entry({"bob@example.org"}, "example.org");
  const auto stored = enqueue(made);
  std::vector<state::spool::AttemptMark> marks;
  marks.push_back({.id = made.id, .at = clock_.now(), .host = "mx1", .epoch = 0});
  ASSERT_TRUE(test::run(program_->io, program_->shards.mark(state::spool::shard_of("example.org"), marks)));
  stop();
  kill();
  begin();
  EXPECT_EQ(events_.count("uncertain"), 1U);
  EXPECT_TRUE(world_.delivered.empty());
  pass(11min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, AReplyThatNeverCameIsUncertain) {
  world_.breaks_at_final_dot = true;
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(events_.count("uncertain"), 1U);
  EXPECT_EQ(rows(), 1U);
  world_.breaks_at_final_dot = false;
  pass(11min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, AStopCutsOffWhoTakesTooLong) {
  world_.hangs = true;
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  stop();
  kill();
  world_.hangs = false;
  begin();
  pass(11min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, ReportsLeftInTheOutboxAreSubmittedAfterARestart) {
  world_.replies["bob@example.org"] = make_reply(550, 1, 1, "no such user");
  program_ = std::make_unique<Program>(engine_, clock_, world_, events_, options_);
  auto never = [](state::spool::OutboxItem) -> asio::awaitable<bool> { co_return false; };
  ASSERT_TRUE(test::run(program_->io, program_->queue.start(never)));
  settle();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_TRUE(reports_.empty());
  stop();
  kill();
  begin();
  settle();
  EXPECT_EQ(reports_.size(), 1U);
  stop();
}

TEST_F(QueueTest, APauseOutlivesARestart) {
  begin();
  state::spool::Pause pause;
  pause.of = state::spool::PauseOf::kDestination;
  pause.subject = "example.org";
  ASSERT_TRUE(test::run(program_->io, program_->queue.pause(pause)));
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_TRUE(world_.delivered.empty());
  stop();
  kill();
  begin();
  pass(10min);
  EXPECT_TRUE(world_.delivered.empty());
  EXPECT_EQ(program_->queue.pauses().size(), 1U);
  EXPECT_EQ(*test::run(program_->io, program_->queue.resume(pause.of, "example.org")), true);
  settle();
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, APausedSenderWaits) {
  begin();
  state::spool::Pause pause;
  pause.of = state::spool::PauseOf::kSender;
  pause.subject = "alice@demo.test";
  ASSERT_TRUE(test::run(program_->io, program_->queue.pause(pause)));
  send(entry({"bob@example.org"}, "example.org"));
  auto other = entry({"bob@example.org"}, "example.org");
  other.sender = "carol@demo.test";
  send(other);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_TRUE(*test::run(program_->io, program_->queue.resume(pause.of, pause.subject)));
  settle();
  EXPECT_EQ(world_.delivered.size(), 2U);
  stop();
}

TEST_F(QueueTest, AnAdministratorHoldsReleasesAndDrops) {
  world_.closed_hosts = {"mx1", "mx2"};
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  QueueQuery all;
  QueueChange hold;
  hold.kind = QueueChange::Kind::kHold;
  hold.reason = "looks odd";
  EXPECT_EQ(*test::run(program_->io, program_->queue.change(all, hold)), 1U);
  world_.closed_hosts.clear();
  pass(10h);
  EXPECT_TRUE(world_.delivered.empty());
  EXPECT_EQ(program_->queue.figures(5).parked, 1U);
  QueueChange release;
  release.kind = QueueChange::Kind::kRelease;
  release.due_at = clock_.now();
  EXPECT_EQ(*test::run(program_->io, program_->queue.change(all, release)), 1U);
  pass(1s);
  EXPECT_EQ(world_.delivered.size(), 1U);

  world_.closed_hosts = {"mx1", "mx2"};
  send(entry({"bob@example.org"}, "example.org"));
  QueueChange drop;
  drop.kind = QueueChange::Kind::kDrop;
  EXPECT_EQ(*test::run(program_->io, program_->queue.change(all, drop)), 1U);
  EXPECT_EQ(rows(), 0U);
  EXPECT_EQ(program_->queue.size(), 0U);
  EXPECT_EQ(events_.count("dropped"), 1U);
  stop();
}

TEST_F(QueueTest, AnAccountOverItsBrakeWaitsAndIsSeenToWait) {
  options_.brakes.messages_per_hour = 2;
  begin();
  for (int i = 0; i < 3; ++i) {
    auto made = entry({"bob@example.org"}, "example.org");
    made.submitter = AccountId{5};
    send(made);
  }
  EXPECT_EQ(world_.delivered.size(), 2U);
  const auto left =
      test::run(program_->io, program_->shards.load(state::spool::shard_of("example.org"), std::nullopt, 10));
  ASSERT_EQ(left->entries.size(), 1U);
  EXPECT_EQ(left->entries[0].entry.hold, state::spool::Hold::kBrake);
  EXPECT_EQ(left->entries[0].entry.hold_reason, "more than 2 messages per hour");
  EXPECT_EQ(test::run(program_->io, program_->queue.brakes(AccountId{5}))->messages_in_hour, 2U);
  pass(61min);
  settle();
  EXPECT_EQ(world_.delivered.size(), 3U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, LimitsOfAnAccountsOwnLetItsMailGo) {
  options_.brakes.messages_per_hour = 1;
  begin();
  for (int i = 0; i < 3; ++i) {
    auto made = entry({"bob@example.org"}, "example.org");
    made.submitter = AccountId{5};
    send(made);
  }
  EXPECT_EQ(world_.delivered.size(), 1U);
  BrakeLimits own;
  own.messages_per_hour = 100;
  ASSERT_TRUE(test::run(program_->io, program_->queue.set_brakes(AccountId{5}, own)));
  settle();
  EXPECT_EQ(world_.delivered.size(), 3U);
  stop();
}

TEST_F(QueueTest, NothingIsSentWhileTheStoreTakesNoWrites) {
  begin();
  const auto stored = enqueue(entry({"bob@example.org"}, "example.org"));
  engine_.report_health({.writable = false, .durable = true, .reason = "disk full"});
  pass(1s);
  program_->queue.arrived(stored, nullptr);
  settle();
  EXPECT_TRUE(world_.delivered.empty());
  engine_.report_health({});
  pass(1s);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, MailForLaterWaits) {  // RFC 4865
  begin();
  auto made = entry({"bob@example.org"}, "example.org");
  made.mail.hold_until = clock_.now() + 2h;
  send(made);
  EXPECT_TRUE(world_.delivered.empty());
  pass(1h);
  EXPECT_TRUE(world_.delivered.empty());
  pass(61min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, ManyMessagesGoOverFewConnections) {
  begin();
  std::vector<state::spool::SharedEntry> all;
  for (int i = 0; i < 300; ++i)
    for (auto& one : enqueue(entry({"bob@example.org"}, "example.org"))) all.push_back(one);
  for (auto& one : all) program_->queue.arrived({one}, nullptr);
  settle();
  settle();
  EXPECT_EQ(world_.delivered.size(), 300U);
  EXPECT_LT(world_.connections.size(), 100U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, RecipientsOverAHostsLimitGoInFurtherTransactions) {
  world_.max_recipients = 2;
  begin();
  send(entry({"a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org"}, "example.org"));
  EXPECT_EQ(world_.delivered.size(), 5U);
  EXPECT_EQ(world_.transaction_sizes, (std::vector<std::size_t>{5, 3, 1}));
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, WhatOneHostCannotAnotherOfTheSiteMay) {
  world_.lacking_hosts = {"mx1"};
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.connections, (std::vector<std::string>{"mx1", "mx2"}));
  EXPECT_EQ(world_.delivered.size(), 1U);
  world_.lacking_hosts = {"mx1", "mx2"};
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(reports_.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, AConnectionThatWentStaleIsReplacedAtOnce) {
  world_.stale_links = 1;
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.connections.size(), 2U);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(events_.count("deferred"), 0U);
  stop();
}

TEST_F(QueueTest, AMessageWhoseOctetsAreGoneStaysToBeSeen) {
  begin();
  auto made = entry({"bob@example.org"}, "example.org");
  made.chunks = 2;  // there is but one
  made.octets = state::spool::kChunkOctets + 1;
  const auto shard = state::spool::shard_of(made.domain);
  const auto stored = std::make_shared<const QueueEntry>(made);
  Enqueue step;
  auto as_stored = made;
  as_stored.chunks = 1;
  step.entries.push_back(as_stored);
  step.last_chunk = "x";
  ASSERT_TRUE(test::run(program_->io, program_->shards.enqueue(shard, std::move(step))));
  io::engine::Batch batch;
  batch.erase(state::spool::queue_keys::chunk(message_, 0));
  ASSERT_TRUE(test::run(program_->io, engine_.commit({io::engine::Kind::kQueue, shard}, std::move(batch),
                                                     io::engine::Durability::kSynced)));
  program_->queue.arrived({stored}, nullptr);
  settle();
  EXPECT_TRUE(world_.delivered.empty());
  const auto left = test::run(program_->io, program_->shards.load(shard, std::nullopt, 10));
  ASSERT_EQ(left->entries.size(), 1U);
  EXPECT_EQ(left->entries[0].entry.recipients[0].last_reply, "the message's octets could not be read");
  stop();
}

/// Whatever operation of the store fails, once: everything is sent in the end and nothing is lost.
TEST_F(QueueTest, NoFailureOfTheStoreLosesMail) {
  for (std::uint64_t n = 1; n <= 30; ++n) {
    SCOPED_TRACE(n);
    begin();
    world_.delivered.clear();
    const auto stored = enqueue(entry({"bob@example.org"}, "example.org"));
    engine_.plan_faults({.fail_at = engine_.operations() + n, .error = io::engine::StoreError::kUnavailable});
    program_->queue.arrived(stored, nullptr);
    settle();
    pass(30s);
    pass(15min);
    pass(15min);
    engine_.plan_faults({});
    if (rows() != 0) {
      pass(1h);
      settle();
    }
    EXPECT_GE(world_.delivered.size(), 1U);
    EXPECT_EQ(rows(), 0U);
    stop();
    kill();
  }
}

}  // namespace
}  // namespace veredus::work::queue
