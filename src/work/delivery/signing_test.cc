// What a reception signs and seals of what leaves.
#include <gtest/gtest.h>

#include "base/observe/metrics.h"
#include "io/net/worker_pool.h"
#include "rules/arc/validation.h"
#include "rules/dkim/verification.h"
#include "support/delivery_world.h"
#include "support/signing_domain.h"
#include "work/delivery/submission.h"
#include "work/mailauth/lookup.h"
#include "work/mailauth/signer.h"

namespace veredus::work::delivery {
namespace {

using io::engine::MemoryEngine;
using rules::dkim::Result;
using test::DeliveryWorld;

constexpr SystemTime kNow{std::chrono::milliseconds{1'790'000'000'123}};
const std::string kTrace = "Received: from client.test by mx.demo.test; Tue, 22 Sep 2026 00:00:00 +0000\r\n";
const std::string kHeader = "From: alice@demo.test\r\nMessage-ID: <m1@demo.test>\r\nSubject: x\r\n";
const std::string kForeignHeader = "From: eve@elsewhere.test\r\nMessage-ID: <m2@elsewhere.test>\r\nSubject: x\r\n";
const std::string kBody = "hello\r\n";
constexpr const char* kResults = "mx.demo.test; spf=pass smtp.mailfrom=elsewhere.test";

class SigningTest : public ::testing::Test {
 protected:
  SigningTest() {
    for (const char* name : {"demo.test", "lists.test"}) {
      (void)world_.await(world_.directory->create_domain({.name = name}));
      test::add_signing_keys(world_.io, *world_.directory, name, dns_);
    }
    alice_ = world_.add_account("alice@demo.test");
    world_.add_alias("away@demo.test", {"alice@far.test"});
    state::directory::NewMailList list{.address = "team@lists.test"};
    list.members = {"alice@demo.test", "bob@far.test"};
    list.moderators = {"alice@demo.test"};
    list.posting = state::directory::Posting::kAnyone;
    EXPECT_TRUE(world_.await(world_.directory->put_mail_list(std::move(list))));
    EXPECT_TRUE(world_.await(world_.spool.acquire()));
    EXPECT_TRUE(world_.await(world_.shards.acquire()));
  }

  Receptions receptions(mailauth::Signer::Options options = {}, io::net::WorkerPool* pool = nullptr) {
    signer_.emplace(world_.directory.get(), pool, &clock_, &metrics_, options);
    return Receptions({.clock = clock_,
                       .engine = mail_,
                       .ids = world_.ids,
                       .mailboxes = world_.mailboxes,
                       .spool = world_.spool,
                       .shards = world_.shards,
                       .fan_out = world_.fan_out,
                       .queue = world_.queue,
                       .journal = world_.journal,
                       .budget = world_.budget,
                       .tasks = world_.tasks,
                       .signer = &*signer_},
                      {.budget_wait = std::chrono::seconds(0)});
  }

  enum class Who : std::uint8_t { kAlice, kStranger };
  void receive(Receptions receptions, Who who, const std::vector<std::string>& recipients, const std::string& message,
               Assessment assessment = {}) {
    Envelope envelope;
    envelope.sender = *wire::smtp::parse_mailbox(who == Who::kAlice ? "alice@demo.test" : "eve@elsewhere.test");
    if (who == Who::kAlice) envelope.submitter = alice_;
    for (const auto& text : recipients) {
      const auto address = *wire::smtp::parse_mailbox(text);
      RouteQuery query{.recipient = address};
      query.asker = who == Who::kAlice ? Asker::kAuthenticated : Asker::kStranger;
      query.sender = &*envelope.sender;
      auto verdict = world_.await(world_.router.route(std::move(query)));
      ASSERT_TRUE(verdict) << text;
      Recipient recipient{.address = address, .targets = std::move(verdict->local)};
      recipient.remote = std::move(verdict->remote);
      envelope.recipients.push_back(std::move(recipient));
    }
    auto reception = receptions.begin(std::move(envelope));
    ASSERT_TRUE(reception);
    for (std::size_t at = 0; at < message.size(); at += 60'000)
      ASSERT_TRUE(world_.await(reception->write(message.substr(at, 60'000))));
    ASSERT_TRUE(world_.await(reception->commit(kTrace, std::move(assessment))));
    world_.settle();
  }
  /// What stands before the only queued message.
  std::string queued_trace() {
    EXPECT_EQ(world_.queue.entries.size(), 1U);
    return world_.queue.entries.empty() ? "" : world_.queue.entries.front()->trace;
  }
  std::vector<rules::dkim::Verdict> verify(const std::string& header, const std::string& body) {
    rules::dkim::ReceivedMessage message(header);
    rules::dkim::Verification check(&message, kNow, {});
    message.body(body);
    message.end();
    return world_.await(mailauth::run(&dns_, check.finish()));
  }
  rules::arc::Verdict validate(const std::string& header, const std::string& body) {
    rules::dkim::ReceivedMessage message(header);
    rules::arc::Validation check(&message, kNow);
    message.body(body);
    message.end();
    return world_.await(mailauth::run(&dns_, check.finish()));
  }
  static Assessment looked_at() {
    Assessment assessment;
    assessment.results = kResults;
    return assessment;
  }

  FixedClock clock_{kNow};
  MemoryEngine mail_;
  MemoryEngine names_;
  base::observe::Metrics metrics_;
  test::ScriptedResolver dns_;
  DeliveryWorld world_{mail_, names_, clock_};
  AccountId alice_;
  std::optional<mailauth::Signer> signer_;
};

TEST_F(SigningTest, WhatOurPeopleSendElsewhereIsSigned) {
  receive(receptions(), Who::kAlice, {"bob@far.test"}, kHeader + "\r\n" + kBody);
  const auto trace = queued_trace();
  EXPECT_TRUE(trace.starts_with("DKIM-Signature:"));
  EXPECT_TRUE(trace.ends_with(kTrace));
  const auto verdicts = verify(trace + kHeader, kBody);
  ASSERT_EQ(verdicts.size(), 2U);
  for (const auto& verdict : verdicts) EXPECT_EQ(verdict.result, Result::kPass) << verdict.problem;
}

TEST_F(SigningTest, LargeMessagesAreSignedAsTheyCome) {
  std::string body;
  for (int i = 0; i < 20'000; ++i) body += "line of a large message " + std::to_string(i) + "\r\n";
  receive(receptions(), Who::kAlice, {"bob@far.test", "carol@near.test"}, kHeader + "\r\n" + body);
  ASSERT_EQ(world_.queue.entries.size(), 2U);
  for (const auto& entry : world_.queue.entries)
    EXPECT_EQ(verify(entry->trace + kHeader, body).front().result, Result::kPass);
}

TEST_F(SigningTest, WhatStaysHereIsSignedOnlyWhenAskedTo) {
  receive(receptions(), Who::kAlice, {"alice@demo.test"}, kHeader + "\r\n" + kBody);
  EXPECT_FALSE(world_.inbox(alice_).front().contains("DKIM-Signature"));
  mailauth::Signer::Options options;
  options.sign_local = true;
  receive(receptions(options), Who::kAlice, {"alice@demo.test"}, kHeader + "\r\n" + kBody);
  EXPECT_TRUE(world_.inbox(alice_).back().contains("DKIM-Signature"));
}

TEST_F(SigningTest, StrangersAreNeverSignedFor) {
  receive(receptions(), Who::kStranger, {"away@demo.test"}, kHeader + "\r\n" + kBody, looked_at());
  EXPECT_FALSE(queued_trace().contains("DKIM-Signature")) << queued_trace();
}

TEST_F(SigningTest, WhatIsForwardedForStrangersIsSealed) {
  receive(receptions(), Who::kStranger, {"away@demo.test"}, kForeignHeader + "\r\n" + kBody, looked_at());
  const auto header = queued_trace() + kForeignHeader;
  EXPECT_TRUE(header.starts_with("Delivered-To: away@demo.test\r\nARC-Seal:")) << header;
  const auto verdict = validate(header, kBody);
  EXPECT_EQ(verdict.result, rules::arc::Result::kPass) << verdict.problem;
  ASSERT_EQ(verdict.hops.size(), 1U);
  EXPECT_EQ(verdict.hops.front().domain, "demo.test");
  EXPECT_TRUE(verdict.hops.front().results.contains("spf=pass")) << verdict.hops.front().results;
}

TEST_F(SigningTest, NobodySealsWhatNobodyLookedAtNorWhereItIsSwitchedOff) {
  receive(receptions(), Who::kStranger, {"away@demo.test"}, kForeignHeader + "\r\n" + kBody);
  EXPECT_FALSE(queued_trace().contains("ARC-")) << queued_trace();
  world_.queue.entries.clear();
  mailauth::Signer::Options options;
  options.seal = false;
  receive(receptions(options), Who::kStranger, {"away@demo.test"}, kForeignHeader + "\r\n" + kBody, looked_at());
  EXPECT_FALSE(queued_trace().contains("ARC-")) << queued_trace();
}

TEST_F(SigningTest, AListSignsItsPostsWithItsFieldsAndSealsStrangers) {
  receive(receptions(), Who::kStranger, {"team@lists.test"}, kForeignHeader + "\r\n" + kBody, looked_at());
  const auto header = queued_trace() + kForeignHeader;
  const auto verdicts = verify(header, kBody);
  ASSERT_EQ(verdicts.size(), 2U) << header;
  for (const auto& verdict : verdicts) {
    EXPECT_EQ(verdict.result, Result::kPass) << verdict.problem;
    EXPECT_EQ(verdict.domain, "lists.test");
  }
  EXPECT_TRUE(header.contains("list-id"));  // in h=
  EXPECT_EQ(validate(header, kBody).result, rules::arc::Result::kPass);
  // The member here has it once, with the list's signature and one Delivered-To for the list.
  const auto here = world_.inbox(alice_);
  ASSERT_EQ(here.size(), 1U);
  EXPECT_EQ(here.front().find("Delivered-To: team@lists.test"), here.front().rfind("Delivered-To: team@lists.test"));
}

TEST_F(SigningTest, APostOfOurPeopleHasTheAuthorsSignatureAndTheLists) {
  receive(receptions(), Who::kAlice, {"team@lists.test"}, kHeader + "\r\n" + kBody);
  const auto header = queued_trace() + kHeader;
  const auto verdicts = verify(header, kBody);
  ASSERT_EQ(verdicts.size(), 4U);
  for (const auto& verdict : verdicts) EXPECT_EQ(verdict.result, Result::kPass) << verdict.problem;
  EXPECT_EQ(verdicts.front().domain, "lists.test");
  EXPECT_EQ(verdicts.back().domain, "demo.test");
  EXPECT_FALSE(header.contains("ARC-"));
}

TEST_F(SigningTest, WhatCannotBeSignedNowIsNotTakenNow) {
  io::net::WorkerPool pool({.threads = 1});
  pool.stop();
  auto with_signer = receptions({}, &pool);
  OwnMessage report;
  report.recipients.push_back(*wire::smtp::parse_mailbox("bob@far.test"));
  report.octets = "From: mailer-daemon@mx.demo.test\r\nSubject: not delivered\r\n\r\n" + kBody;
  report.origin = "report";
  const auto taken = world_.await(submit(&world_.router, &with_signer, report));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error(), DeliveryError::kStopping);
  EXPECT_EQ(permanence(taken.error()), Permanence::kTemporary);
  world_.settle();
  EXPECT_TRUE(world_.queue.entries.empty());
  auto later = receptions();
  ASSERT_TRUE(world_.await(submit(&world_.router, &later, report)));
  EXPECT_EQ(world_.queue.entries.size(), 1U);
}

TEST_F(SigningTest, WhatThisProgramWritesItselfIsSigned) {
  auto with_signer = receptions();
  OwnMessage report;
  report.recipients.push_back(*wire::smtp::parse_mailbox("bob@far.test"));
  report.octets = "From: mailer-daemon@mx.demo.test\r\nSubject: not delivered\r\n\r\n" + kBody;
  report.origin = "report";
  ASSERT_TRUE(world_.await(submit(&world_.router, &with_signer, report)));
  EXPECT_EQ(
      verify(queued_trace() + "From: mailer-daemon@mx.demo.test\r\nSubject: not delivered\r\n", kBody).front().result,
      Result::kPass);
  // But not what a moderator let pass: nobody knows who wrote it.
  world_.queue.entries.clear();
  OwnMessage post;
  post.sender = *wire::smtp::parse_mailbox("eve@elsewhere.test");
  post.recipients.push_back(*wire::smtp::parse_mailbox("team@lists.test"));
  post.octets = kHeader + "\r\n" + kBody;
  post.approved = true;
  ASSERT_TRUE(world_.await(submit(&world_.router, &with_signer, post)));
  world_.settle();
  for (const auto& verdict : verify(queued_trace() + kHeader, kBody)) EXPECT_EQ(verdict.domain, "lists.test");
}

}  // namespace
}  // namespace veredus::work::delivery
