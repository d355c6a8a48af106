#include "work/queue/schedule.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

namespace veredus::work::queue {
namespace {

using namespace std::chrono_literals;

const SystemTime kStart{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};

smtpclient::Site site_of(std::string host) {
  smtpclient::Site site;
  site.key = host;
  site.ttl = 300s;
  smtpclient::MailHost one;
  one.name = std::move(host);
  one.addresses.push_back(io::net::Endpoint::ip(*io::net::IpAddress::parse("127.0.0.1"), 25));
  site.hosts.push_back(std::move(one));
  return site;
}

class ScheduleTest : public testing::Test {
 protected:
  Schedule::Options options() {
    Schedule::Options made;
    made.concurrency = {.first = 2, .most = 4, .first_backoff = 10s, .jitter = 0};
    return made;
  }

  Admission admission(std::uint64_t number, std::string_view domain) {
    Admission made;
    for (std::size_t i = 0; i < 8; ++i) made.id.octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
    made.domain = domain;
    made.due = now_.wall;
    made.expires = now_.wall + 120h;
    made.octets = 1000;
    return made;
  }
  Slot admit(std::uint64_t number, std::string_view domain) { return schedule_.admit(admission(number, domain), now_); }
  void pass(std::chrono::milliseconds time) {
    now_.wall += time;
    now_.steady += time;
    while (!schedule_.advance(now_)) {
    }
  }
  /// Answers the one search there is.
  void find(std::string host) {
    const auto search = schedule_.next_search(now_);
    ASSERT_TRUE(search);
    schedule_.found(search->lookup, site_of(std::move(host)), now_);
  }

  /// What is to start now finds nobody there.
  void cannot_reach() {
    const auto start = schedule_.next_start(now_);
    ASSERT_TRUE(start);
    schedule_.lane(start->lane).concurrency.unreachable(now_.steady, 0.5);
    for (const Slot slot : start->batch) schedule_.put_back(slot, now_);
    schedule_.worker_ended(start->lane, now_);
  }

  Moment now_{kStart, SteadyTime{1h}};
  Schedule schedule_{options()};
};

TEST_F(ScheduleTest, LooksForASiteOnceAndSendsWhatWaitsForIt) {
  admit(1, "a.test");
  admit(2, "a.test");
  const auto search = schedule_.next_search(now_);
  ASSERT_TRUE(search);
  EXPECT_EQ(search->domain, "a.test");
  EXPECT_FALSE(schedule_.next_search(now_));
  EXPECT_FALSE(schedule_.next_start(now_));
  schedule_.found(search->lookup, site_of("mx.a.test"), now_);
  const auto start = schedule_.next_start(now_);
  ASSERT_TRUE(start);
  EXPECT_EQ(start->batch.size(), 1U);  // the other one is for the second connection
  EXPECT_TRUE(schedule_.next_start(now_));
  EXPECT_FALSE(schedule_.next_start(now_));
}

TEST_F(ScheduleTest, DomainsWithTheSameHostsShareALane) {
  admit(1, "a.test");
  find("mx.shared.test");
  admit(2, "b.test");
  find("mx.shared.test");
  EXPECT_EQ(schedule_.lanes().size(), 1U);
}

TEST_F(ScheduleTest, ALaneGoesOnWithWhatAnEarlierRunLearnt) {
  schedule_.name_sources({"default", "second"});
  schedule_.remember("mx.a.test", {.connections = 3, .failures = 0, .resting_until = {}, .tls = "TLSv1.3 X"});
  schedule_.remember("mx.b.test", {.connections = 1, .failures = 2, .resting_until = now_.steady + 1min, .tls = {}});
  admit(1, "a.test");
  find("mx.a.test");
  EXPECT_EQ(schedule_.lane(0).allowed(now_.steady), 3U);
  EXPECT_EQ(schedule_.lane(0).last_tls, "TLSv1.3 X");
  admit(2, "b.test");
  find("mx.b.test");
  EXPECT_TRUE(schedule_.next_start(now_));
  EXPECT_FALSE(schedule_.next_start(now_));
  EXPECT_TRUE(schedule_.take_learnt().empty());
  pass(1min);
  EXPECT_TRUE(schedule_.next_start(now_));
  schedule_.lane(1).concurrency.worked(1s);
  const auto learnt = schedule_.take_learnt();
  ASSERT_EQ(learnt.size(), 1U);
  EXPECT_EQ(learnt[0].name, "mx.b.test");
  EXPECT_EQ(learnt[0].lane.failures, 0U);
  EXPECT_TRUE(schedule_.take_learnt().empty());
}

TEST_F(ScheduleTest, NamesWhatItLearntBySourceAndInALengthThatFitsAKey) {
  schedule_.name_sources({"default", "second"});
  auto made = admission(1, "a.test");
  made.source = 1;
  schedule_.admit(made, now_);
  find(std::string(2000, 'm'));
  schedule_.lane(0).concurrency.worked(1s);
  schedule_.lane(0).last_tls = "TLSv1.2 Y";
  const auto learnt = schedule_.take_learnt();
  ASSERT_EQ(learnt.size(), 1U);
  EXPECT_LE(learnt[0].name.size(), 200U);
  made.id.octets[0] = 2;
  made.domain = "b.test";
  schedule_.admit(made, now_);
  find("mx.b.test");
  schedule_.lane(1).last_tls = "TLSv1.2 Y";
  EXPECT_EQ(schedule_.take_learnt().at(0).name, "mx.b.test second");
}

TEST_F(ScheduleTest, OneMessageForSeveralDomainsOfASiteIsTakenTogether) {
  const Slot a = admit(1, "a.test");
  find("mx.shared.test");
  const Slot other = admit(9, "a.test");
  const Slot b = admit(2, "b.test");
  schedule_.join_ring(b, a);
  find("mx.shared.test");
  const auto start = schedule_.next_start(now_);
  ASSERT_TRUE(start);
  EXPECT_EQ(start->batch, (std::vector<Slot>{a, b}));
  EXPECT_EQ(schedule_.take(start->lane, now_), std::vector<Slot>{other});
}

TEST_F(ScheduleTest, NothingIsDueBeforeItsTime) {
  auto later = admission(1, "a.test");
  later.due = now_.wall + 10min;
  schedule_.admit(later, now_);
  EXPECT_FALSE(schedule_.next_search(now_));
  EXPECT_EQ(schedule_.next_wake(now_), 10min);
  pass(10min);
  find("mx.a.test");
  EXPECT_TRUE(schedule_.next_start(now_));
}

TEST_F(ScheduleTest, AnUnreachableSiteRestsAndItsEntriesWaitAndExpireAllTheSame) {
  for (std::uint64_t i = 0; i < 5; ++i) admit(i, "a.test");
  find("mx.a.test");
  cannot_reach();
  EXPECT_FALSE(schedule_.next_start(now_));
  ASSERT_TRUE(schedule_.next_wake(now_));
  EXPECT_LE(*schedule_.next_wake(now_), 10s + 2ms);
  pass(11s);
  const auto again = schedule_.next_start(now_);
  ASSERT_TRUE(again);
  EXPECT_FALSE(schedule_.next_start(now_));  // one, to see whether it is over
  for (const Slot slot : again->batch) schedule_.put_back(slot, now_);
  pass(121h);
  EXPECT_EQ(schedule_.take_desk_items().size(), 5U);
}

TEST_F(ScheduleTest, NothingWakesInTheMillisecondBeforeItsTime) {
  now_.steady += 700us;
  admit(1, "a.test");
  find("mx.a.test");
  cannot_reach();
  admit(2, "b.test");
  const auto search = schedule_.next_search(now_);
  ASSERT_TRUE(search);
  schedule_.not_found(search->lookup, smtpclient::SiteError::kDnsTemporary, now_, 0.5);
  const auto until = now_.steady + 61s;
  for (; now_.steady < until; now_.steady += 300us) EXPECT_TRUE(schedule_.advance(now_));  // and returns
  EXPECT_TRUE(schedule_.next_start(now_));
  EXPECT_TRUE(schedule_.next_search(now_));
}

TEST_F(ScheduleTest, ADomainThatTakesNoMailGoesToTheDesk) {
  const Slot slot = admit(1, "null.test");
  const auto search = schedule_.next_search(now_);
  schedule_.not_found(search->lookup, smtpclient::SiteError::kNullMx, now_, 0.5);
  const auto items = schedule_.take_desk_items();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].slot, slot);
  EXPECT_EQ(items[0].matter, DeskItem::Matter::kNoSite);
  EXPECT_EQ(items[0].site, smtpclient::SiteError::kNullMx);
  admit(2, "null.test");  // believed for a while
  EXPECT_EQ(schedule_.take_desk_items().size(), 1U);
  EXPECT_FALSE(schedule_.next_search(now_));
}

TEST_F(ScheduleTest, ATroubleOfDnsIsTriedAgainLessAndLessOften) {
  admit(1, "slow.test");
  auto search = schedule_.next_search(now_);
  schedule_.not_found(search->lookup, smtpclient::SiteError::kDnsTemporary, now_, 0.5);
  EXPECT_FALSE(schedule_.next_search(now_));
  pass(61s);
  search = schedule_.next_search(now_);
  ASSERT_TRUE(search);
  schedule_.not_found(search->lookup, smtpclient::SiteError::kDnsTemporary, now_, 0.5);
  pass(61s);
  EXPECT_FALSE(schedule_.next_search(now_));
  pass(61s);
  search = schedule_.next_search(now_);
  ASSERT_TRUE(search);
  schedule_.found(search->lookup, site_of("mx.slow.test"), now_);
  EXPECT_TRUE(schedule_.next_start(now_));
}

TEST_F(ScheduleTest, TellsWhenASenderIsToHearOfADelay) {
  auto entry = admission(1, "a.test");
  entry.notice = now_.wall + 4h;
  schedule_.admit(entry, now_);
  pass(3h);
  EXPECT_TRUE(schedule_.take_desk_items().empty());
  pass(1h);
  const auto items = schedule_.take_desk_items();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].matter, DeskItem::Matter::kNotice);
}

TEST_F(ScheduleTest, APausedDestinationWaitsAndTheOthersOfItsSiteDoNot) {
  admit(1, "a.test");
  find("mx.shared.test");
  const Slot b = admit(2, "b.test");
  find("mx.shared.test");
  schedule_.pause_destination("a.test", now_);
  const auto start = schedule_.next_start(now_);
  ASSERT_TRUE(start);
  EXPECT_EQ(start->batch, std::vector<Slot>{b});
  EXPECT_FALSE(schedule_.next_start(now_));
  EXPECT_EQ(schedule_.count(now_).parked, 1U);
  schedule_.resume_destination("a.test", now_);
  EXPECT_TRUE(schedule_.next_start(now_));
}

TEST_F(ScheduleTest, NothingBeginsWhileEverythingIsPausedOrTheStoreTakesNoWrites) {
  admit(1, "a.test");
  schedule_.pause_all(true);
  EXPECT_FALSE(schedule_.next_search(now_));
  schedule_.pause_all(false);
  schedule_.suspend(true);
  EXPECT_FALSE(schedule_.next_search(now_));
  schedule_.suspend(false);
  find("mx.a.test");
  schedule_.suspend(true);
  EXPECT_FALSE(schedule_.next_start(now_));
  schedule_.suspend(false);
  EXPECT_TRUE(schedule_.next_start(now_));
}

TEST_F(ScheduleTest, HeldEntriesStayAsideUntilTheirTimeAndNeverExpire) {
  auto held = admission(1, "a.test");
  held.held = true;
  held.due = SystemTime::max();
  schedule_.admit(held, now_);
  auto braked = admission(2, "a.test");
  braked.held = true;
  braked.due = now_.wall + 1h;
  const Slot slot = schedule_.admit(braked, now_);
  EXPECT_FALSE(schedule_.next_search(now_));
  pass(1h);
  const auto items = schedule_.take_desk_items();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].slot, slot);
  EXPECT_EQ(items[0].matter, DeskItem::Matter::kUnbrake);
  pass(10'000h);
  EXPECT_TRUE(schedule_.take_desk_items().empty());
}

TEST_F(ScheduleTest, WhatHasExpiredIsNotTriedOnceMore) {
  auto entry = admission(1, "a.test");
  entry.expires = now_.wall;
  schedule_.admit(entry, now_);
  EXPECT_FALSE(schedule_.next_search(now_));
  ASSERT_EQ(schedule_.take_desk_items().size(), 1U);
}

TEST_F(ScheduleTest, AnEntryIsNotAdmittedTwice) {
  EXPECT_NE(admit(1, "a.test"), kNoSlot);
  EXPECT_EQ(admit(1, "a.test"), kNoSlot);
}

TEST_F(ScheduleTest, ALaneThatIsAskedForLessLetsItsWorkersGo) {
  for (std::uint64_t i = 0; i < 50; ++i) admit(i, "a.test");
  find("mx.a.test");
  const auto first = schedule_.next_start(now_);
  const auto second = schedule_.next_start(now_);
  ASSERT_TRUE(second);
  schedule_.lane(first->lane).concurrency.pushed_back(now_.steady, 0.5);
  EXPECT_TRUE(schedule_.take(first->lane, now_).empty());
  schedule_.worker_ended(first->lane, now_);
}

TEST_F(ScheduleTest, ForgetsWhatNobodyNeeds) {
  const Slot slot = admit(1, "a.test");
  find("mx.a.test");
  const auto start = schedule_.next_start(now_);
  schedule_.erase(slot);
  schedule_.worker_ended(start->lane, now_);
  pass(2h);
  schedule_.sweep(now_);
  EXPECT_EQ(schedule_.lanes().size(), 0U);
  EXPECT_EQ(schedule_.count(now_).entries, 0U);
  admit(2, "a.test");
  find("mx.a.test");
  EXPECT_TRUE(schedule_.next_start(now_));
}

TEST_F(ScheduleTest, AMillionEntriesAreTakenInQuicklyAndInLittleMemory) {
  constexpr std::uint64_t kMany = 200'000;
  auto entry = admission(0, "a.test");
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < kMany; ++i) {
    for (std::size_t b = 0; b < 8; ++b) entry.id.octets[b] = static_cast<std::uint8_t>(i >> (8 * b));
    entry.due = now_.wall + std::chrono::milliseconds((i * 7919) % 3'600'000);
    entry.sender_key = i % 100;
    ASSERT_NE(schedule_.admit(entry, now_), kNoSlot);
  }
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_LT(took, 10s);  // 2 µs each would be 0.4 s; sanitizers are slow
}

}  // namespace
}  // namespace veredus::work::queue
