#include "work/delivery/reception.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/delivery_world.h"
#include "wire/mime/part_table.h"
#include "wire/mime/structure_parser.h"

namespace veredus::work::delivery {
namespace {

using io::engine::MemoryEngine;
using io::engine::StoreError;
using test::DeliveryWorld;
using namespace std::chrono_literals;

constexpr SystemTime kNow{std::chrono::milliseconds{1'790'000'000'123}};
constexpr std::string_view kTrace = "Received: from client.test by mx.demo.test; Tue, 22 Sep 2026 00:00:00 +0000\r\n";
constexpr std::size_t kSmall = 2'000;
constexpr std::size_t kOneChunk = 256 * 1024;  // fits a chunk, but not with its header
constexpr std::size_t kLarge = 600'000;

std::string message_of(std::size_t octets) {
  std::string message = "From: alice@demo.test\r\nMessage-ID: <m1@demo.test>\r\nSubject: x\r\n\r\n";
  for (std::size_t line = 0; message.size() + 80 < octets; ++line)
    message += "line " + std::to_string(line) + std::string(60, 'x') + "\r\n";
  message.resize(octets - 2, 'y');
  return message + "\r\n";
}

std::string stored_as(std::string_view recipient, std::string_view message) {
  std::string stored = "Return-Path: <alice@demo.test>\r\nDelivered-To: ";
  return stored.append(recipient).append("\r\n").append(kTrace).append(message);
}

/// Two engines with a domain and three accounts, and whatever world lives over them.
struct Ground {
  Ground() {
    DeliveryWorld world(mail, names, clock);
    world.await(world.directory->create_domain({.name = "demo.test"}));
    alice = world.add_account("alice@demo.test");
    bob = world.add_account("bob@demo.test");
    carol = world.add_account("carol@demo.test", {.octets = 10'000'000});
    world.add_alias("all@demo.test", {"bob@demo.test", "carol@demo.test"});
  }

  FixedClock clock{kNow};
  MemoryEngine mail{{.clock = &clock}};
  MemoryEngine names;
  AccountId alice, bob, carol;
};

Envelope envelope_to(DeliveryWorld& world, const std::vector<std::string>& recipients) {
  Envelope envelope;
  envelope.sender = wire::smtp::Address{.local_part = "alice", .domain = "demo.test"};
  for (const auto& recipient : recipients) {
    const auto address = *wire::smtp::parse_mailbox(recipient);
    RouteQuery query{.recipient = address};
    envelope.recipients.push_back(
        {.address = address, .targets = world.await(world.router.route(std::move(query)))->local});
  }
  return envelope;
}

std::expected<Accepted, DeliveryError> receive(DeliveryWorld& world, Envelope envelope, std::string_view message) {
  auto reception = world.receptions.begin(std::move(envelope));
  if (!reception) return std::unexpected(reception.error());
  for (std::size_t at = 0; at < message.size(); at += 60'000)
    (void)world.await(reception->write(std::string(message.substr(at, 60'000))));
  return world.await(reception->commit(std::string(kTrace)));
}

std::size_t rows_in(DeliveryWorld& world, MemoryEngine& engine, io::engine::Partition partition, std::string low,
                    std::string high) {
  return world.await(engine.scan(partition, std::move(low), std::move(high), {.limit = 10'000}))->rows.size();
}

/// Body chunks anywhere: in the account and in the intake.
std::size_t chunks_in(DeliveryWorld& world, MemoryEngine& engine, AccountId account) {
  std::size_t chunks = rows_in(world, engine, {.kind = io::engine::Kind::kAccount, .id = account.value}, "x", "y");
  for (std::uint32_t slot = 0; slot < state::spool::kSlots; ++slot)
    chunks += rows_in(world, engine, {.kind = io::engine::Kind::kIntake, .id = slot}, "a", "z");
  return chunks;
}

class ReceptionTest : public ::testing::Test {
 protected:
  ReceptionTest() { EXPECT_TRUE(world_.await(world_.spool.acquire())); }

  std::expected<Accepted, DeliveryError> receive_for(const std::vector<std::string>& recipients,
                                                     std::string_view message) {
    return receive(world_, envelope_to(world_, recipients), message);
  }

  Ground ground_;
  DeliveryWorld world_{ground_.mail, ground_.names, ground_.clock};
};

TEST_F(ReceptionTest, PutsAMessageForOneAccountStraightIntoItsInbox) {
  for (const std::size_t octets : {kSmall, kOneChunk, kLarge}) {
    SCOPED_TRACE(octets);
    Ground ground;
    DeliveryWorld world(ground.mail, ground.names, ground.clock);  // without any lease: the intake is not touched
    const auto message = message_of(octets);
    const auto accepted = receive(world, envelope_to(world, {"bob@demo.test"}), message);
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->octets, octets);
    EXPECT_EQ(accepted->recipients.size(), 1U);
    EXPECT_EQ(world.inbox(ground.bob), std::vector{stored_as("bob@demo.test", message)});
  }
}

TEST_F(ReceptionTest, NeedsOneSyncedCommitForASmallMessage) {
  ASSERT_TRUE(receive_for({"bob@demo.test"}, message_of(kSmall)));  // the account is open now
  auto envelope = envelope_to(world_, {"bob@demo.test"});
  const auto before = ground_.mail.operations();
  ASSERT_TRUE(receive(world_, std::move(envelope), message_of(kSmall)));
  EXPECT_LE(ground_.mail.operations() - before, 2U);  // the commit, and what the account looks up before it
}

TEST_F(ReceptionTest, StoresPartTablesThatCountFromTheFirstStoredOctet) {
  const std::string message =
      "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n";
  ASSERT_TRUE(receive_for({"bob@demo.test"}, message));
  ASSERT_TRUE(receive_for({"all@demo.test"}, message));
  world_.settle();
  for (const AccountId account : {ground_.bob, ground_.carol}) {
    const auto page = world_.await(world_.mailboxes.messages(account, state::mailbox::kInbox, Uid(1), Uid(9), 9));
    for (const auto& stored : page->messages) {
      const auto email = world_.await(world_.mailboxes.email(account, stored.body.email));
      wire::mime::StructureParser parser;
      parser.feed(world_.read(account, stored.body));
      EXPECT_EQ(email->content.part_table, wire::mime::encode_part_table(parser.finish()));
    }
  }
}

TEST_F(ReceptionTest, BringsAMessageForSeveralAccountsIntoEach) {
  for (const std::size_t octets : {kSmall, kOneChunk, kLarge}) {
    SCOPED_TRACE(octets);
    Ground ground;
    DeliveryWorld world(ground.mail, ground.names, ground.clock);
    ASSERT_TRUE(world.await(world.spool.acquire()));
    const auto message = message_of(octets);
    const auto accepted = receive(world, envelope_to(world, {"alice@demo.test", "bob@demo.test"}), message);
    ASSERT_TRUE(accepted);
    world.settle();
    EXPECT_EQ(world.inbox(ground.alice), std::vector{stored_as("alice@demo.test", message)});
    EXPECT_EQ(world.inbox(ground.bob), std::vector{stored_as("bob@demo.test", message)});
    EXPECT_EQ(world.fan_out.waiting(), 0U);
    EXPECT_EQ(*world.await(world.fan_out.work_off()), 0U);
    EXPECT_EQ(world.inbox(ground.bob).size(), 1U);
    EXPECT_EQ(chunks_in(world, ground.mail, ground.bob),
              octets / kOneChunk + (octets == kSmall ? 1 : 2) - (octets == kOneChunk ? 1 : 0));
  }
}

TEST_F(ReceptionTest, GivesAnAccountOneCopyHoweverManyRecipientsLeadThere) {
  const auto accepted = receive_for({"bob+x@demo.test", "bob@demo.test", "all@demo.test"}, message_of(kSmall));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->recipients.size(), 3U);
  world_.settle();
  EXPECT_EQ(world_.inbox(ground_.bob), std::vector{stored_as("bob+x@demo.test", message_of(kSmall))});
  EXPECT_EQ(world_.inbox(ground_.carol), std::vector{stored_as("all@demo.test", message_of(kSmall))});
}

TEST_F(ReceptionTest, DeliversAfterACrashWhatWasAcceptedBefore) {
  for (const std::size_t octets : {kSmall, kLarge}) {
    SCOPED_TRACE(octets);
    Ground ground;
    {
      DeliveryWorld before(ground.mail, ground.names, ground.clock);
      ASSERT_TRUE(before.await(before.spool.acquire()));
      ASSERT_TRUE(receive(before, envelope_to(before, {"all@demo.test"}), message_of(octets)));
    }
    DeliveryWorld after(ground.mail, ground.names, ground.clock);
    ASSERT_TRUE(after.await(after.fan_out.start()));
    after.settle();
    EXPECT_EQ(after.inbox(ground.bob), std::vector{stored_as("all@demo.test", message_of(octets))});
    EXPECT_EQ(after.inbox(ground.carol).size(), 1U);
    EXPECT_EQ(after.fan_out.waiting(), 0U);
    const auto stop = [](FanOut* fan_out) -> asio::awaitable<bool> {
      co_await fan_out->stop();
      co_return true;
    };
    EXPECT_TRUE(after.await(stop(&after.fan_out)));
  }
}

/// Lets the N-th operation fail, for every N, and looks at what is left when the program was started anew.
void let_each_operation_fail(std::vector<std::string> recipients, std::size_t octets, io::engine::FaultPlan faults) {
  const auto message = message_of(octets);
  for (std::uint64_t nth = 1; nth < 200; ++nth) {
    SCOPED_TRACE(nth);
    Ground ground;
    std::expected<Accepted, DeliveryError> outcome;
    bool failed_at_all = false;
    {
      DeliveryWorld world(ground.mail, ground.names, ground.clock);
      ASSERT_TRUE(world.await(world.spool.acquire()));
      auto envelope = envelope_to(world, recipients);
      faults.fail_at = ground.mail.operations() + nth;
      ground.mail.plan_faults(faults);
      outcome = receive(world, std::move(envelope), message);
      world.settle();
      failed_at_all = ground.mail.operations() >= faults.fail_at;
      ground.mail.plan_faults({});
    }
    DeliveryWorld world(ground.mail, ground.names, ground.clock);
    ASSERT_TRUE(world.await(world.spool.acquire()));
    ASSERT_EQ(*world.await(world.fan_out.work_off()), 0U);
    const auto in_bob = world.inbox(ground.bob);
    const auto in_carol = world.inbox(ground.carol);
    const bool with_carol = recipients.size() > 1;
    if (outcome) {
      ASSERT_EQ(in_bob, std::vector{stored_as("bob@demo.test", message)});
      ASSERT_EQ(in_carol.size(), with_carol ? 1U : 0U);
    } else if (outcome.error() == DeliveryError::kOutcomeUnsure) {
      ASSERT_LE(in_bob.size(), 1U);
      ASSERT_EQ(in_carol.size(), with_carol ? in_bob.size() : 0U);
    } else {
      ASSERT_TRUE(in_bob.empty());
      ASSERT_TRUE(in_carol.empty());
    }
    if (!failed_at_all) return;
  }
  FAIL() << "it never came to its end";
}

TEST(ReceptionFaults, LeaveAMessageInEveryAccountOnceOrNowhere) {
  const std::vector<std::vector<std::string>> receivers{{"bob@demo.test"}, {"bob@demo.test", "carol@demo.test"}};
  for (const auto& recipients : receivers) {
    for (const std::size_t octets : {kSmall, kOneChunk, kLarge}) {
      for (const bool then_all : {false, true}) {
        SCOPED_TRACE(testing::Message() << recipients.size() << " recipients, " << octets << " octets, then all "
                                        << then_all);
        let_each_operation_fail(recipients, octets, {.then_all = then_all});
        let_each_operation_fail(recipients, octets, {.error = StoreError::kUnknownOutcome, .then_all = then_all});
        let_each_operation_fail(recipients, octets,
                                {.error = StoreError::kUnknownOutcome, .then_all = then_all, .takes_effect = true});
      }
    }
  }
}

TEST_F(ReceptionTest, TriesAgainWhatTheFanOutCouldNotDeliver) {
  ASSERT_TRUE(world_.await(world_.fan_out.start()));
  world_.settle();
  ASSERT_TRUE(receive_for({"all@demo.test"}, message_of(kSmall)));
  ground_.mail.plan_faults({.fail_at = ground_.mail.operations() + 1, .then_all = true});
  world_.settle();
  EXPECT_EQ(world_.fan_out.waiting(), 1U);
  ground_.mail.plan_faults({});
  EXPECT_EQ(*world_.await(world_.fan_out.work_off()), 0U);
  EXPECT_EQ(world_.inbox(ground_.bob).size(), 1U);
  EXPECT_EQ(world_.inbox(ground_.carol).size(), 1U);
  const auto stop = [](FanOut* fan_out) -> asio::awaitable<bool> {
    co_await fan_out->stop();
    co_return true;
  };
  EXPECT_TRUE(world_.await(stop(&world_.fan_out)));
}

TEST_F(ReceptionTest, DeliversBeyondTheQuotaWhatWasPromised) {
  ground_.clock.advance(1s);
  auto envelope = envelope_to(world_, {"all@demo.test"});
  ASSERT_TRUE(receive(world_, std::move(envelope), message_of(kSmall)));
  state::mailbox::NewMessage filling{.octets = std::string(200'000, 'x')};
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(world_.await(world_.mailboxes.append(ground_.carol, filling, {})));
  world_.settle();
  EXPECT_EQ(world_.inbox(ground_.carol).size(), 51U);
}

TEST_F(ReceptionTest, TellsEachRecipientApartWhenAskedTo) {  // RFC 2033 s4.2
  auto envelope = envelope_to(world_, {"bob@demo.test", "carol@demo.test"});
  envelope.answers = Answers::kOneForEach;
  state::mailbox::NewMessage filling{.octets = std::string(250'000, 'x')};
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(world_.await(world_.mailboxes.append(ground_.carol, filling, {})));
  const auto accepted = receive(world_, std::move(envelope), message_of(kSmall));
  ASSERT_TRUE(accepted);
  EXPECT_TRUE(accepted->recipients[0]);
  ASSERT_FALSE(accepted->recipients[1]);
  EXPECT_EQ(accepted->recipients[1].error(), DeliveryError::kOverQuota);
  world_.settle();
  EXPECT_EQ(world_.inbox(ground_.bob).size(), 1U);
  EXPECT_EQ(world_.inbox(ground_.carol).size(), 40U);
}

TEST_F(ReceptionTest, RefusesTheOneAccountThatFilledUpSince) {
  auto envelope = envelope_to(world_, {"carol@demo.test"});
  state::mailbox::NewMessage filling{.octets = std::string(250'000, 'x')};
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(world_.await(world_.mailboxes.append(ground_.carol, filling, {})));
  const auto accepted = receive(world_, std::move(envelope), message_of(kSmall));
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error(), DeliveryError::kOverQuota);
}

TEST_F(ReceptionTest, ErasesWhatItStagedWhenItIsDroppedOnTheWay) {
  for (const std::string recipient : {"bob@demo.test", "all@demo.test"}) {
    SCOPED_TRACE(recipient);
    {
      auto reception = world_.receptions.begin(envelope_to(world_, {recipient}));
      ASSERT_TRUE(reception);
      ASSERT_TRUE(world_.await(reception->write(message_of(kLarge))));
      EXPECT_EQ(chunks_in(world_, ground_.mail, ground_.bob), recipient == "bob@demo.test" ? 2U : 3U);
    }
    world_.settle();
    EXPECT_EQ(chunks_in(world_, ground_.mail, ground_.bob), 0U);
    EXPECT_EQ(world_.budget.used_octets(), 0U);
  }
}

TEST_F(ReceptionTest, RefusesMessagesAndLoopsOverTheirLimits) {
  DeliveryWorld::Settings settings;
  settings.receptions = {.max_octets = 10'000, .max_received = 3};
  DeliveryWorld world(ground_.mail, ground_.names, ground_.clock, settings);
  EXPECT_TRUE(receive(world, envelope_to(world, {"bob@demo.test"}), message_of(10'000)));
  EXPECT_EQ(receive(world, envelope_to(world, {"bob@demo.test"}), message_of(10'001)).error(), DeliveryError::kTooBig);
  auto declared = envelope_to(world, {"bob@demo.test"});
  declared.declared_octets = 10'001;
  EXPECT_EQ(world.receptions.begin(std::move(declared)).error(), DeliveryError::kTooBig);
  std::string hops = "Received: a\r\nReceived: b\r\nReceived: c\r\n";
  EXPECT_TRUE(receive(world, envelope_to(world, {"bob@demo.test"}), hops + "\r\n"));
  hops += "Received: d\r\n\r\n";
  EXPECT_EQ(receive(world, envelope_to(world, {"bob@demo.test"}), hops).error(), DeliveryError::kLoop);
  EXPECT_EQ(world.inbox(ground_.bob).size(), 2U);
}

TEST_F(ReceptionTest, RefusesAtTheBeginningWhenTheStoreTakesNoWrites) {
  auto envelope = envelope_to(world_, {"bob@demo.test"});
  ground_.mail.report_health({.writable = false, .durable = true, .reason = "disk full"});
  EXPECT_EQ(world_.receptions.begin(envelope).error(), DeliveryError::kStoreFull);
  ground_.mail.report_health({});
  auto reception = world_.receptions.begin(std::move(envelope));
  ASSERT_TRUE(reception);
  ASSERT_TRUE(world_.await(reception->write(message_of(kSmall))));
  ground_.mail.report_health({.writable = false, .durable = true, .reason = "disk full"});
  EXPECT_EQ(world_.await(reception->commit({})).error(), DeliveryError::kStoreFull);
  ground_.mail.report_health({});
  EXPECT_TRUE(world_.inbox(ground_.bob).empty());
}

TEST_F(ReceptionTest, IsBusyWhenTheOctetsInFlightAreAllTaken) {
  DeliveryWorld::Settings settings;
  settings.budget_octets = 64 * 1024;
  DeliveryWorld world(ground_.mail, ground_.names, ground_.clock, settings);
  auto first = world.receptions.begin(envelope_to(world, {"bob@demo.test"}));
  auto second = world.receptions.begin(envelope_to(world, {"bob@demo.test"}));
  auto third = world.receptions.begin(envelope_to(world, {"bob@demo.test"}));
  ASSERT_TRUE(world.await(first->write("Subject: a\r\n")));
  ASSERT_TRUE(world.await(second->write("Subject: a\r\n")));
  EXPECT_EQ(world.await(third->write("Subject: a\r\n")).error(), DeliveryError::kBusy);
  EXPECT_EQ(world.await(third->commit({})).error(), DeliveryError::kBusy);
  first->discard();
  EXPECT_TRUE(world.await(second->write("Subject: a\r\n")));
}

TEST_F(ReceptionTest, TakesNoMoreForSeveralAccountsWhenTooMuchWaits) {
  DeliveryWorld::Settings settings;
  settings.fan_out = {.concurrency = 1, .max_waiting = 2};
  DeliveryWorld world(ground_.mail, ground_.names, ground_.clock, settings);
  ASSERT_TRUE(world.await(world.spool.acquire()));
  ground_.mail.plan_faults({});
  std::vector<Envelope> envelopes(3, envelope_to(world, {"all@demo.test"}));
  for (auto& envelope : envelopes) {
    auto outcome = receive(world, envelope, message_of(kSmall));
    if (!outcome) EXPECT_EQ(outcome.error(), DeliveryError::kBusy);
  }
  EXPECT_TRUE(receive(world, envelope_to(world, {"bob@demo.test"}), message_of(kSmall)));
  world.settle();
  EXPECT_EQ(world.inbox(ground_.bob).size(), world.inbox(ground_.carol).size() + 1);
}

TEST_F(ReceptionTest, LeavesAnAccountOutThatWasRemovedSince) {
  ASSERT_TRUE(receive_for({"all@demo.test"}, message_of(kSmall)));
  ASSERT_TRUE(world_.await(world_.directory->delete_account(ground_.carol)));
  world_.settle();
  EXPECT_EQ(world_.inbox(ground_.bob).size(), 1U);
  EXPECT_EQ(world_.fan_out.waiting(), 0U);
}

TEST_F(ReceptionTest, TellsTheJournalOfEachStep) {
  const auto accepted = receive_for({"all@demo.test"}, message_of(kSmall));
  world_.settle();
  state::journal::Query query{.term = state::journal::Term::kMessageId, .value = "m1@demo.test"};
  const auto events = world_.await(world_.journal.trace(query));
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 3U);
  EXPECT_EQ((*events)[0].kind, "received");
  EXPECT_EQ((*events)[0].message_id, to_string(accepted->id));
  EXPECT_EQ((*events)[1].kind, "delivered");
  EXPECT_EQ((*events)[2].kind, "delivered");
}

TEST_F(ReceptionTest, SubmitsOurOwnMessagesTheSameWay) {
  OwnMessage message{
      .recipients = {{.local_part = "bob", .domain = "demo.test"}, {.local_part = "nobody", .domain = "demo.test"}},
      .octets = "Subject: a\r\n\r\nb\r\n",
      .origin = "test"};
  const auto outcome = world_.await(submit(&world_.router, &world_.receptions, std::move(message)));
  ASSERT_TRUE(outcome);
  ASSERT_EQ(outcome->refused.size(), 1U);
  EXPECT_EQ(outcome->refused[0].refusal, Refusal::kUnknownMailbox);
  EXPECT_TRUE(outcome->accepted);
  EXPECT_EQ(world_.inbox(ground_.bob),
            std::vector<std::string>{"Return-Path: <>\r\nDelivered-To: bob@demo.test\r\nSubject: a\r\n\r\nb\r\n"});
}

TEST(MessageIds, GrowEvenWhenTheClockStandsOrGoesBack) {
  FixedClock clock(kNow);
  MessageIds ids(clock);
  auto last = ids.next();
  EXPECT_EQ(last.made_at(), kNow);
  for (int i = 0; i < 1000; ++i) {
    if (i == 500) clock.advance(-10s);
    const auto next = ids.next();
    EXPECT_LT(last, next);
    last = next;
  }
  clock.advance(1min);
  EXPECT_EQ(ids.next().made_at(), clock.now());
}

}  // namespace
}  // namespace veredus::work::delivery
