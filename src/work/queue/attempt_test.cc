#include "work/queue/attempt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace veredus::work::queue {
namespace {

using namespace std::chrono_literals;
using rules::dsn::Action;
using smtpclient::RecipientOutcome;
using state::spool::EntryId;
using wire::smtp::make_reply;

const SystemTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 9h};

state::spool::QueueEntry entry_to(std::vector<std::string> addresses) {
  state::spool::QueueEntry entry;
  const auto message = state::spool::QueueId::make(1, 2);
  entry.id = EntryId::make(message, "example.org", "");
  entry.domain = "example.org";
  entry.sender = "alice@demo.test";
  for (auto& address : addresses) {
    state::spool::QueuedRecipient recipient;
    recipient.address = std::move(address);
    entry.recipients.push_back(std::move(recipient));
  }
  entry.accepted_at = kNow - 1min;
  entry.due_at = kNow - 1min;
  entry.expires_at = kNow + 120h;
  entry.delay_notice_at = kNow + 4h;
  return entry;
}

RecipientOutcome outcome(RecipientOutcome::Kind kind, wire::smtp::Reply reply = {}) {
  RecipientOutcome made;
  made.kind = kind;
  made.reply = std::move(reply);
  if (made.reply.code != 0) made.said_by = "mx.example.org";
  return made;
}

using Kind = RecipientOutcome::Kind;

class AttemptTest : public testing::Test {
 protected:
  Judged judge(const state::spool::QueueEntry& entry, const std::vector<RecipientOutcome>& outcomes,
               Setback setback = Setback::kReply, std::string_view why = {}) {
    AttemptPlace place;
    place.began = kNow - 1s;
    place.ended = kNow;
    place.mx = "mx.example.org";
    place.address = "192.0.2.1:25";
    return judge_transaction(entry, outcomes, setback, why, place, patience_);
  }
  static std::optional<std::string> detail(const base::observe::JournalEvent& event, std::string_view name) {
    for (const auto& [key, value] : event.details)
      if (key == name) return value;
    return std::nullopt;
  }

  RetrySchedule schedule_{{.reply = {5min}, .connect = {2min}, .dns = {1min}, .uncertain = 10min, .jitter = 0}};
  Patience patience_{.schedule = schedule_};
};

TEST_F(AttemptTest, ADeliveredEntryIsDoneAndNobodyIsTold) {
  const auto judged = judge(entry_to({"bob@example.org"}), {outcome(Kind::kDelivered, make_reply(250, 0, 0, "ok"))});
  EXPECT_FALSE(judged.left);
  EXPECT_TRUE(judged.reported.empty());
  EXPECT_EQ(judged.delivered, 1U);
  ASSERT_EQ(judged.events.size(), 1U);
  EXPECT_EQ(judged.events[0].kind, "sent");
  EXPECT_EQ(detail(judged.events[0], "mx"), "mx.example.org");
  EXPECT_EQ(detail(judged.events[0], "recipient"), "bob@example.org");
}

TEST_F(AttemptTest, EachRecipientFaresByItself) {
  const auto entry = entry_to({"a@example.org", "b@example.org", "c@example.org"});
  const auto judged = judge(entry, {outcome(Kind::kDelivered, make_reply(250, 0, 0, "ok")),
                                    outcome(Kind::kRefused, make_reply(550, 1, 1, "no such user")),
                                    outcome(Kind::kDeferred, make_reply(451, 7, 1, "greylisted"))});
  ASSERT_TRUE(judged.left);
  ASSERT_EQ(judged.left->recipients.size(), 1U);
  EXPECT_EQ(judged.left->recipients[0].address, "c@example.org");
  EXPECT_EQ(judged.left->recipients[0].last_reply, "451 4.7.1 greylisted");
  EXPECT_EQ(judged.left->recipients[0].attempts, 1U);
  EXPECT_EQ(judged.left->attempts, 1U);
  EXPECT_EQ(judged.left->due_at, kNow + 5min);
  ASSERT_EQ(judged.reported.size(), 1U);
  EXPECT_EQ(judged.reported[0].address, "b@example.org");
  EXPECT_EQ(judged.reported[0].action, Action::kFailed);
  EXPECT_EQ(judged.events.size(), 3U);
  const auto bounced = std::ranges::find(judged.events, "bounced", &base::observe::JournalEvent::kind);
  ASSERT_NE(bounced, judged.events.end());
  EXPECT_TRUE(detail(*bounced, "category"));
  EXPECT_EQ(detail(*bounced, "bounce"), "hard");
}

TEST_F(AttemptTest, NotifyDecidesWhoIsTold) {
  struct Case {
    std::optional<wire::smtp::Notify> notify;
    Kind kind;
    bool peer_speaks_dsn;
    std::optional<Action> want;
  };
  const Case cases[] = {
      {std::nullopt, Kind::kRefused, false, Action::kFailed},
      {wire::smtp::Notify{.never = true}, Kind::kRefused, false, std::nullopt},
      {wire::smtp::Notify{.success = true}, Kind::kRefused, false, std::nullopt},
      {wire::smtp::Notify{.failure = true}, Kind::kRefused, false, Action::kFailed},
      {std::nullopt, Kind::kDelivered, false, std::nullopt},
      {wire::smtp::Notify{.success = true}, Kind::kDelivered, false, Action::kRelayed},
      {wire::smtp::Notify{.success = true}, Kind::kDelivered, true, std::nullopt},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(&c - cases);
    auto entry = entry_to({"a@example.org"});
    entry.recipients[0].notify = c.notify;
    auto result = outcome(c.kind, make_reply(c.kind == Kind::kRefused ? 550 : 250, 1, 1, "so"));
    result.peer_speaks_dsn = c.peer_speaks_dsn;
    const auto judged = judge(entry, {result});
    ASSERT_EQ(judged.reported.size(), c.want ? 1U : 0U);
    if (c.want) EXPECT_EQ(judged.reported[0].action, *c.want);
  }
}

TEST_F(AttemptTest, ABrokenConnectionIsTriedAgainSoonerThanARefusal) {
  const auto judged =
      judge(entry_to({"a@example.org"}), {outcome(Kind::kNotTried)}, Setback::kConnect, "connection lost");
  ASSERT_TRUE(judged.left);
  EXPECT_EQ(judged.left->due_at, kNow + 2min);
  EXPECT_EQ(judged.left->recipients[0].last_reply, "connection lost");
  EXPECT_EQ(judged.left->uncertain, 0U);
}

TEST_F(AttemptTest, WhatMayHaveArrivedIsUncertainAndTriedLater) {
  const auto judged =
      judge(entry_to({"a@example.org"}), {outcome(Kind::kNotTried)}, Setback::kUncertain, "no reply to the final dot");
  ASSERT_TRUE(judged.left);
  EXPECT_EQ(judged.left->due_at, kNow + 10min);
  EXPECT_EQ(judged.left->uncertain, 1U);
  EXPECT_EQ(judged.events[0].kind, "uncertain");
}

TEST_F(AttemptTest, A421AndTalkOfRatesAskForLess) {
  EXPECT_TRUE(
      judge(entry_to({"a@example.org"}), {outcome(Kind::kDeferred, make_reply(421, 3, 2, "busy"))}).asked_for_less);
  EXPECT_FALSE(judge(entry_to({"a@example.org"}), {outcome(Kind::kDeferred, make_reply(450, 2, 1, "mailbox busy"))})
                   .asked_for_less);
}

TEST_F(AttemptTest, OnlyASiteThatRefusesForGoodBouncesMailItWasNotAskedAbout) {
  const auto entry = entry_to({"a@example.org"});
  const auto reply = make_reply(554, 7, 1, "go away");
  EXPECT_FALSE(judge_unreachable(entry, reply, true, "rejected", {}, patience_).left);
  EXPECT_TRUE(judge_unreachable(entry, reply, false, "rejected", {}, patience_).left);
  EXPECT_TRUE(judge_unreachable(entry, std::nullopt, true, "refused", {}, patience_).left);
}

TEST_F(AttemptTest, AnExpiredEntryFailsWithWhatWasSaidLast) {
  auto entry = entry_to({"a@example.org"});
  entry.recipients[0].last_reply = "451 4.7.1 greylisted";
  entry.recipients[0].attempts = 9;
  const auto judged = judge_expired(entry, "", kNow);
  ASSERT_EQ(judged.reported.size(), 1U);
  EXPECT_EQ(judged.reported[0].status, (wire::smtp::EnhancedStatus{4, 4, 7}));
  ASSERT_TRUE(judged.reported[0].reply);
  EXPECT_EQ(judged.reported[0].reply->code, 451);
  EXPECT_EQ(judged.events[0].kind, "expired");
  entry.recipients[0].last_reply.clear();
  EXPECT_EQ(judge_expired(entry, "connection refused", kNow).reported[0].explanation, "connection refused");
}

TEST_F(AttemptTest, ALateEntryIsToldOfOnce) {
  const auto judged = judge_late(entry_to({"a@example.org"}), "no answer", kNow);
  ASSERT_EQ(judged.reported.size(), 1U);
  EXPECT_EQ(judged.reported[0].action, Action::kDelayed);
  EXPECT_EQ(judged.reported[0].will_retry_until, kNow + 120h);
  ASSERT_TRUE(judged.left);
  EXPECT_FALSE(judged.left->delay_notice_at);
}

TEST_F(AttemptTest, DeliverByShortensALifeOrMovesTheNotice) {  // RFC 2852 s4
  auto entry = entry_to({"a@example.org"});
  entry.mail.deliver_by = state::spool::DeliveryDeadline{.at = kNow + 1h, .mode = wire::smtp::ByMode::kReturn};
  EXPECT_EQ(expiry_of(entry), kNow + 1h);
  EXPECT_EQ(judge_expired(entry, "", kNow).reported[0].status, (wire::smtp::EnhancedStatus{5, 4, 7}));
  entry.mail.deliver_by->mode = wire::smtp::ByMode::kNotify;
  EXPECT_EQ(expiry_of(entry), kNow + 120h);
  EXPECT_EQ(notice_of(entry), kNow + 1h);
}

TEST_F(AttemptTest, ADomainWithoutMailFailsAtOnce) {
  const auto judged = judge_no_site(entry_to({"a@example.org"}), smtpclient::SiteError::kNullMx, kNow);
  EXPECT_FALSE(judged.left);
  ASSERT_EQ(judged.reported.size(), 1U);
  EXPECT_EQ(judged.reported[0].status, smtpclient::status_of(smtpclient::SiteError::kNullMx));
}

}  // namespace
}  // namespace veredus::work::queue
