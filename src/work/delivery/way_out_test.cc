// From a reception into the queue, with and without the fan-out.
#include <gtest/gtest.h>

#include <algorithm>

#include "state/spool/spooled_message.h"
#include "support/delivery_world.h"
#include "work/delivery/submission.h"

namespace veredus::work::delivery {
namespace {

using io::engine::MemoryEngine;
using state::spool::SharedEntry;
using test::DeliveryWorld;
using namespace std::chrono_literals;

constexpr SystemTime kNow{std::chrono::milliseconds{1'790'000'000'123}};
constexpr std::string_view kTrace = "Received: from client.test by mx.demo.test; Tue, 22 Sep 2026 00:00:00 +0000\r\n";
const std::string kMessage = "From: alice@demo.test\r\nMessage-ID: <m1@demo.test>\r\nSubject: x\r\n\r\nhello\r\n";

class WayOutTest : public ::testing::Test {
 protected:
  WayOutTest() {
    world_.await(world_.directory->create_domain({.name = "demo.test"}));
    alice_ = world_.add_account("alice@demo.test");
    bob_ = world_.add_account("bob@demo.test");
    EXPECT_TRUE(world_.await(world_.spool.acquire()));
    EXPECT_TRUE(world_.await(world_.shards.acquire()));
  }

  /// As submitted by alice.
  Envelope envelope_to(const std::vector<std::string>& recipients, const char* sender = "alice@demo.test") {
    Envelope envelope;
    if (sender != nullptr) envelope.sender = *wire::smtp::parse_mailbox(sender);
    envelope.submitter = alice_;
    for (const auto& text : recipients) {
      const auto address = *wire::smtp::parse_mailbox(text);
      RouteQuery query{.recipient = address, .asker = Asker::kAuthenticated};
      if (envelope.sender) query.sender = &*envelope.sender;
      auto verdict = world_.await(world_.router.route(std::move(query)));
      if (!verdict) {
        ADD_FAILURE() << text << ": " << to_string(verdict.error());
        continue;
      }
      Recipient recipient{.address = address, .targets = std::move(verdict->local)};
      recipient.own_mailbox = verdict->own_mailbox;
      recipient.remote = std::move(verdict->remote);
      envelope.recipients.push_back(std::move(recipient));
    }
    return envelope;
  }
  std::expected<Accepted, DeliveryError> receive(Envelope envelope, std::string_view message) {
    auto reception = world_.receptions.begin(std::move(envelope));
    if (!reception) return std::unexpected(reception.error());
    for (std::size_t at = 0; at < message.size(); at += 60'000)
      (void)world_.await(reception->write(std::string(message.substr(at, 60'000))));
    return world_.await(reception->commit(std::string(kTrace)));
  }
  const std::vector<SharedEntry>& queued() const { return world_.queue.entries; }
  /// What the queue was told of, in people's words: "domain: recipient recipient".
  std::string summary() {
    std::vector<std::string> lines;
    for (const auto& entry : queued()) {
      std::string line = entry->domain + ":";
      for (const auto& recipient : entry->recipients) line.append(" ").append(recipient.address);
      if (entry->sender != "alice@demo.test") line.append(" from ").append(entry->sender.value_or("<>"));
      lines.push_back(std::move(line));
    }
    std::ranges::sort(lines);
    std::string out;
    for (const auto& line : lines) out.append(out.empty() ? "" : "; ").append(line);
    return out;
  }
  std::string body_of(const SharedEntry& entry) {
    std::string octets;
    for (std::uint32_t i = 0; i < entry->chunks; ++i) {
      const auto shard = state::spool::shard_of(entry->domain);
      octets += world_.await(world_.shards.read_chunk(shard, entry->id.message(), i)).value_or("gone");
    }
    return octets;
  }
  std::size_t intake_rows() {
    std::size_t rows = 0;
    for (std::uint32_t slot = 0; slot < state::spool::kSlots; ++slot)
      rows += world_
                  .await(mail_.scan({.kind = io::engine::Kind::kIntake, .id = slot}, std::string("a"), std::string("z"),
                                    {.limit = 10'000}))
                  ->rows.size();
    return rows;
  }
  std::size_t rows_of_shards() {
    std::size_t rows = 0;
    for (state::spool::Shard shard = 0; shard < state::spool::kShards; ++shard)
      rows += world_
                  .await(mail_.scan({.kind = io::engine::Kind::kQueue, .id = shard}, std::string("a"), std::string("z"),
                                    {.limit = 10'000}))
                  ->rows.size();
    return rows;
  }

  FixedClock clock_{kNow};
  MemoryEngine mail_{{.clock = &clock_}};
  MemoryEngine names_;
  DeliveryWorld world_{mail_, names_, clock_};
  AccountId alice_, bob_;
};

TEST_F(WayOutTest, PutsAMessageForOneDomainStraightIntoItsShard) {
  auto envelope = envelope_to({"x@elsewhere.test", "y@elsewhere.test", "x@elsewhere.test"});
  const auto before = mail_.operations();
  const auto accepted = receive(std::move(envelope), kMessage);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(mail_.operations() - before, 1U);
  EXPECT_EQ(accepted->recipients.size(), 3U);
  EXPECT_EQ(summary(), "elsewhere.test: x@elsewhere.test y@elsewhere.test");
  const auto& entry = queued().at(0);
  EXPECT_EQ(entry->id.message(), accepted->id);
  EXPECT_EQ(entry->trace, kTrace);
  EXPECT_EQ(entry->submitter, alice_);
  EXPECT_EQ(entry->sender_key, alice_.value);
  EXPECT_EQ(entry->due_at, kNow);
  EXPECT_EQ(entry->expires_at, kNow + 24h * 5);
  EXPECT_EQ(entry->delay_notice_at, kNow + 4h);
  EXPECT_EQ(body_of(entry), kMessage);
  EXPECT_EQ(intake_rows(), 0U);
}

TEST_F(WayOutTest, StagesLongMessagesInTheShard) {
  const auto message = kMessage + std::string(700'000, 'x') + "\r\n";
  ASSERT_TRUE(receive(envelope_to({"x@elsewhere.test"}), message));
  ASSERT_EQ(queued().size(), 1U);
  EXPECT_EQ(queued()[0]->chunks, 3U);
  EXPECT_EQ(body_of(queued()[0]), message);
}

TEST_F(WayOutTest, LeavesNothingOfALongMessageThatIsGivenUp) {
  {
    auto reception = world_.receptions.begin(envelope_to({"x@elsewhere.test"}));
    ASSERT_TRUE(reception);
    ASSERT_TRUE(world_.await(reception->write(std::string(600'000, 'x'))));
  }
  world_.settle();
  EXPECT_EQ(rows_of_shards(), 0U);
}

TEST_F(WayOutTest, BringsAMessageForSeveralPlacesToEachOnce) {
  const auto message = kMessage + std::string(300'000, 'x') + "\r\n";
  for (const auto& octets : {kMessage, message}) {
    SCOPED_TRACE(octets.size());
    world_.queue.entries.clear();
    ASSERT_TRUE(receive(envelope_to({"bob@demo.test", "x@a.test", "y@b.test"}), octets));
    world_.settle();
    EXPECT_EQ(summary(), "a.test: x@a.test; b.test: y@b.test");
    for (const auto& entry : queued()) EXPECT_EQ(body_of(entry), octets);
    EXPECT_EQ(intake_rows(), 0U);
  }
  EXPECT_EQ(world_.inbox(bob_).size(), 2U);
}

TEST_F(WayOutTest, DoesNoStepTwiceWhateverFails) {
  Envelope envelope = envelope_to({"bob@demo.test", "x@a.test", "y@b.test"});
  for (unsigned n = 1; n < 40; ++n) {
    SCOPED_TRACE(n);
    FixedClock clock{kNow};
    MemoryEngine mail{{.clock = &clock}};
    MemoryEngine names;
    DeliveryWorld world(mail, names, clock);
    world.await(world.directory->create_domain({.name = "demo.test"}));
    world.add_account("alice@demo.test");
    const auto bob = world.add_account("bob@demo.test");
    ASSERT_TRUE(world.await(world.spool.acquire()));
    ASSERT_TRUE(world.await(world.shards.acquire()));
    auto reception = world.receptions.begin(envelope);
    ASSERT_TRUE(reception && world.await(reception->write(kMessage)));
    mail.plan_faults(
        {.fail_at = mail.operations() + n,
         .error = n % 2 == 0 ? io::engine::StoreError::kUnavailable : io::engine::StoreError::kUnknownOutcome,
         .takes_effect = n % 4 == 1});
    const auto accepted = world.await(reception->commit(std::string(kTrace)));
    world.settle();
    mail.plan_faults({});
    // Again and again, as after a crash.
    for (int again = 0; again < 3; ++again) (void)world.await(world.fan_out.work_off());
    if (!accepted) continue;
    EXPECT_EQ(world.inbox(bob).size(), 1U);
    std::vector<std::string> domains;
    for (state::spool::Shard shard = 0; shard < state::spool::kShards; ++shard)
      for (const auto& loaded : world.await(world.shards.load(shard, std::nullopt, 100))->entries)
        domains.push_back(loaded.entry.domain);
    std::ranges::sort(domains);
    EXPECT_EQ(domains, (std::vector<std::string>{"a.test", "b.test"}));
  }
}

TEST_F(WayOutTest, ASubmissionUnderAGivenIdArrivesOnce) {
  const auto id = world_.ids.next();
  const auto submit_again = [&](std::vector<std::string> recipients) {
    OwnMessage message{.octets = kMessage, .origin = "test", .id = id};
    for (const auto& one : recipients) message.recipients.push_back(*wire::smtp::parse_mailbox(one));
    const auto outcome = world_.await(submit(&world_.router, &world_.receptions, std::move(message)));
    EXPECT_TRUE(outcome && outcome->accepted && outcome->accepted->id == id);
    world_.settle();
  };
  for (int i = 0; i < 3; ++i) submit_again({"bob@demo.test"});
  EXPECT_EQ(world_.inbox(bob_).size(), 1U);
  for (int i = 0; i < 3; ++i) submit_again({"x@a.test"});
  EXPECT_EQ(summary(), "a.test: x@a.test from <>");
  EXPECT_TRUE(queued()[0]->recipients[0].notify->never);
  EXPECT_FALSE(queued()[0]->delay_notice_at);
  EXPECT_EQ(queued()[0]->expires_at, kNow + 24h * 2);
}

TEST_F(WayOutTest, SaysWhetherAMessageOfOursIsDoneWith) {
  const auto report_to = [](const std::vector<std::string>& recipients) {
    OwnMessage message{.sender = std::nullopt, .recipients = {}, .octets = kMessage, .origin = "report"};
    for (const auto& text : recipients) message.recipients.push_back(*wire::smtp::parse_mailbox(text));
    return message;
  };
  const auto settled = [this](OwnMessage message) {
    return world_.await(submit_own(&world_.router, &world_.receptions, std::move(message)));
  };
  const auto taken = settled(report_to({"bob@demo.test"}));
  EXPECT_EQ(taken.settled, Settled::kTaken);
  EXPECT_EQ(taken.why, "");
  const auto refused = settled(report_to({"nobody@demo.test"}));
  EXPECT_EQ(refused.settled, Settled::kRefused);
  EXPECT_NE(refused.why, "");
  const auto partly = settled(report_to({"nobody@demo.test", "bob@demo.test"}));
  EXPECT_EQ(partly.settled, Settled::kTaken) << "there is nobody to tell of the other";
  EXPECT_NE(partly.why, "");
  world_.queue.is_full = true;
  EXPECT_EQ(settled(report_to({"x@elsewhere.test"})).settled, Settled::kTryLater);
}

TEST_F(WayOutTest, GivesEachReturnPathAnEntryOfItsOwn) {
  state::directory::NewMailList list{
      .address = "team@demo.test", .members = {"x@a.test", "z@b.test"}, .moderators = {"alice@demo.test"}};
  ASSERT_TRUE(world_.await(world_.directory->put_mail_list(std::move(list))));
  auto envelope = envelope_to({"team@demo.test", "y@a.test"});
  envelope.recipients[0].notify = wire::smtp::Notify{.success = true};
  envelope.envelope_id = "e1";
  ASSERT_TRUE(receive(std::move(envelope), kMessage));
  world_.settle();
  EXPECT_EQ(
      summary(),
      "a.test: x@a.test from team-bounces@demo.test; a.test: y@a.test; b.test: z@b.test from team-bounces@demo.test");
  for (const auto& entry : queued()) {
    const bool by_list = entry->sender == "team-bounces@demo.test";
    EXPECT_EQ(entry->trace.contains("List-Id: <team.demo.test>\r\n"), by_list);
    EXPECT_EQ(entry->mail.envelope_id, by_list ? "" : "e1");
    EXPECT_EQ(entry->recipients[0].notify, std::nullopt);
    EXPECT_EQ(body_of(entry), kMessage);
  }
  EXPECT_EQ(intake_rows(), 0U);
}

TEST_F(WayOutTest, TellsTheQueueWhatCameBackOnceItIsTaken) {
  auto envelope = envelope_to({"alice@demo.test"}, nullptr);
  const ReturnedTo about{.message = {}, .recipient = 5, .path = {.local_part = "alice", .domain = "demo.test"}};
  envelope.recipients[0].returned = about;
  const auto accepted = receive(envelope, kMessage);
  ASSERT_TRUE(accepted);
  ASSERT_EQ(world_.queue.back.size(), 1U);
  EXPECT_EQ(world_.queue.back[0].about, about);
  EXPECT_EQ(world_.queue.back[0].id, accepted->id);
  EXPECT_EQ(world_.queue.back[0].octets, kMessage);
  const auto long_one = kMessage + std::string(700'000, 'x') + "\r\n";
  ASSERT_TRUE(receive(envelope, long_one));
  EXPECT_EQ(world_.queue.back.at(1).octets, long_one.substr(0, kCameBackOctets));
}

TEST_F(WayOutTest, KnowsBulkMailByItsHeader) {
  for (const std::string_view field : {"List-Unsubscribe: <https://demo.test/u>", "Precedence: Bulk"}) {
    SCOPED_TRACE(field);
    ASSERT_TRUE(receive(envelope_to({"x@elsewhere.test", "y@elsewhere.test"}), std::string(field) + "\r\n" + kMessage));
    ASSERT_GE(queued().size(), 2U);
    EXPECT_EQ(queued().back()->traffic, state::spool::TrafficClass::kBulk);
    EXPECT_EQ(queued().back()->recipients.size(), 1U);
  }
  ASSERT_TRUE(receive(envelope_to({"x@elsewhere.test"}), "Precedence: first-class\r\n" + kMessage));
  EXPECT_EQ(queued().back()->traffic, state::spool::TrafficClass::kTransactional);
}

TEST_F(WayOutTest, StopsMailThatGoesInACircle) {
  world_.add_alias("out@demo.test", {"x@a.test"});
  const auto message = "Delivered-To: Out@demo.test\r\n" + kMessage;
  EXPECT_EQ(receive(envelope_to({"out@demo.test"}), message).error(), DeliveryError::kLoop);
  EXPECT_TRUE(receive(envelope_to({"x@a.test"}), message));
}

TEST_F(WayOutTest, KeepsWhatMailAskedForInTheEntry) {
  auto envelope = envelope_to({"x@a.test"});
  envelope.require_tls = true;
  envelope.priority = 4;
  envelope.hold_until = kNow + 1h;
  envelope.deliver_by = wire::smtp::DeliverBy{.seconds = 7200, .mode = wire::smtp::ByMode::kReturn};
  envelope.smtputf8 = true;
  envelope.body = wire::smtp::Body::k8BitMime;
  envelope.recipients[0].notify = wire::smtp::Notify{.failure = true};
  ASSERT_TRUE(receive(std::move(envelope), kMessage));
  ASSERT_EQ(queued().size(), 1U);
  const auto& entry = *queued()[0];
  EXPECT_TRUE(entry.mail.requiretls && entry.mail.smtputf8);
  EXPECT_EQ(entry.mail.priority, 4);
  EXPECT_EQ(entry.due_at, kNow + 1h);
  EXPECT_EQ(entry.expires_at, kNow + 2h);
  EXPECT_FALSE(entry.delay_notice_at);  // NOTIFY=FAILURE alone
}

TEST_F(WayOutTest, NotesThatTheSenderCanDoWithoutTls) {  // RFC 8689 s3
  const auto optional = [this](const std::string& field, bool require) {
    auto envelope = envelope_to({"x@a.test"});
    envelope.require_tls = require;
    EXPECT_TRUE(receive(std::move(envelope), field + kMessage));
    return queued().back()->mail.tls_optional;
  };
  EXPECT_TRUE(optional("TLS-Required: No\r\n", false));
  EXPECT_TRUE(optional("Tls-required:  no \r\n", false));
  EXPECT_FALSE(optional("TLS-Required: No\r\n", true)) << "REQUIRETLS goes first";
  EXPECT_FALSE(optional("TLS-Required: Yes\r\n", false));
  EXPECT_FALSE(optional("", false));
}

TEST_F(WayOutTest, HoldsTheCopiesOfAccountsUntilTheirTime) {  // RFC 4865
  auto envelope = envelope_to({"bob@demo.test", "x@a.test"});
  envelope.hold_until = kNow + 1h;
  ASSERT_TRUE(receive(std::move(envelope), kMessage));
  world_.settle();
  EXPECT_EQ(world_.inbox(bob_).size(), 0U);
  ASSERT_EQ(queued().size(), 1U);
  EXPECT_EQ(queued()[0]->due_at, kNow + 1h);
  EXPECT_EQ(world_.fan_out.waiting(), 0U);
  EXPECT_EQ(*world_.await(world_.fan_out.work_off()), 1U);
  clock_.advance(1h);
  EXPECT_EQ(*world_.await(world_.fan_out.work_off()), 0U);
  EXPECT_EQ(world_.inbox(bob_).size(), 1U);
  EXPECT_EQ(queued().size(), 1U);
}

TEST_F(WayOutTest, RefusesMoreWhenTheQueueIsFull) {
  world_.queue.is_full = true;
  EXPECT_EQ(receive(envelope_to({"x@a.test"}), kMessage).error(), DeliveryError::kBusy);
  EXPECT_TRUE(receive(envelope_to({"bob@demo.test"}), kMessage));
}

asio::awaitable<bool> submit_report(DeliveryWorld* world, OwnMessage message) {
  const auto outcome = co_await submit(&world->router, &world->receptions, std::move(message));
  co_return outcome.has_value();
}

TEST_F(WayOutTest, TellsWhoAskedThatTheMessageWasDelivered) {  // RFC 3461 s6.2
  const auto report = [this](OwnMessage message) { return submit_report(&world_, std::move(message)); };
  ASSERT_TRUE(world_.await(world_.fan_out.start(report)));
  auto envelope = envelope_to({"bob@demo.test", "alice@demo.test"});
  envelope.envelope_id = "e1";
  envelope.recipients[0].notify = wire::smtp::Notify{.success = true};
  envelope.recipients[0].original = wire::smtp::OriginalRecipient{"rfc822", "robert@demo.test"};
  ASSERT_TRUE(receive(std::move(envelope), kMessage));
  world_.settle();
  EXPECT_EQ(world_.inbox(bob_).size(), 1U);
  const auto messages = world_.inbox(alice_);
  ASSERT_EQ(messages.size(), 2U);
  const auto& told = messages[0].contains("multipart/report") ? messages[0] : messages[1];
  EXPECT_TRUE(told.starts_with("Return-Path: <>\r\n")) << told;
  EXPECT_TRUE(told.contains("Action: delivered")) << told;
  EXPECT_TRUE(told.contains("Original-Recipient: rfc822; robert@demo.test")) << told;
  EXPECT_TRUE(told.contains("Original-Envelope-Id: e1")) << told;
  EXPECT_EQ(intake_rows(), 0U);
}

TEST_F(WayOutTest, TellsOnceThatAnAliasLedToSeveralPlaces) {  // RFC 3461 s5.2.7.3
  const auto report = [this](OwnMessage message) { return submit_report(&world_, std::move(message)); };
  ASSERT_TRUE(world_.await(world_.fan_out.start(report)));
  world_.add_alias("team@demo.test", {"bob@demo.test", "x@a.test", "z@b.test"});
  auto envelope = envelope_to({"team@demo.test"});
  envelope.recipients[0].notify = wire::smtp::Notify{.success = true, .failure = true};
  ASSERT_TRUE(receive(std::move(envelope), kMessage));
  world_.settle();
  EXPECT_EQ(world_.inbox(bob_).size(), 1U);
  const auto messages = world_.inbox(alice_);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].contains("Action: expanded")) << messages[0];
  EXPECT_TRUE(messages[0].contains("team@demo.test")) << messages[0];
  ASSERT_EQ(queued().size(), 2U);
  for (const auto& entry : queued()) EXPECT_EQ(entry->recipients[0].notify, wire::smtp::Notify{.failure = true});
}

TEST_F(WayOutTest, HandsTheWishOnWhereAnAliasLeadsToOnePlace) {  // RFC 3461 s5.2.7.2
  world_.add_alias("away@demo.test", {"x@a.test"});
  auto envelope = envelope_to({"away@demo.test"});
  envelope.recipients[0].notify = wire::smtp::Notify{.success = true};
  ASSERT_TRUE(receive(std::move(envelope), kMessage));
  world_.settle();
  ASSERT_EQ(queued().size(), 1U);
  EXPECT_EQ(queued()[0]->recipients[0].notify, wire::smtp::Notify{.success = true});
}

TEST_F(WayOutTest, AMailboxThatAlsoForwardsIsDeliveredTo) {
  const auto report = [this](OwnMessage message) { return submit_report(&world_, std::move(message)); };
  ASSERT_TRUE(world_.await(world_.fan_out.start(report)));
  state::directory::NewForward forward{.targets = {"x@a.test"}, .keep = true};
  ASSERT_TRUE(world_.await(world_.directory->put_forward(bob_, std::move(forward))));
  auto envelope = envelope_to({"bob@demo.test"});
  envelope.recipients[0].notify = wire::smtp::Notify{.success = true};
  ASSERT_TRUE(receive(std::move(envelope), kMessage));
  world_.settle();
  EXPECT_EQ(world_.inbox(bob_).size(), 1U);
  const auto messages = world_.inbox(alice_);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].contains("Action: delivered")) << messages[0];
  ASSERT_EQ(queued().size(), 1U);
  EXPECT_TRUE(queued()[0]->recipients[0].notify->never);
}

TEST_F(WayOutTest, TellsTheSenderOfAnAccountThatWasRemovedMeanwhile) {
  const auto report = [this](OwnMessage message) { return submit_report(&world_, std::move(message)); };
  ASSERT_TRUE(world_.await(world_.fan_out.start(report)));
  auto envelope = envelope_to({"bob@demo.test", "alice@demo.test"});
  ASSERT_TRUE(world_.await(world_.directory->delete_account(bob_)));
  ASSERT_TRUE(receive(std::move(envelope), kMessage));
  world_.settle();
  const auto messages = world_.inbox(alice_);
  ASSERT_EQ(messages.size(), 2U);
  const auto& told = messages[0].contains("multipart/report") ? messages[0] : messages[1];
  EXPECT_TRUE(told.contains("Action: failed") && told.contains("Status: 5.1.1")) << told;
  EXPECT_EQ(intake_rows(), 0U);
}

}  // namespace
}  // namespace veredus::work::delivery
