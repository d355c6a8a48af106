#include "work/queue/concurrency.h"

#include <gtest/gtest.h>

namespace veredus::work::queue {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{1h};

TEST(Concurrency, GrowsWhileMessagesAreTakenAndStopsAtItsLimit) {
  Concurrency lane({.first = 2, .most = 8});
  EXPECT_EQ(lane.allowed(kStart), 2U);
  for (int i = 0; i < 8; ++i) lane.worked(1s);
  EXPECT_EQ(lane.allowed(kStart), 4U);
  for (int i = 0; i < 1000; ++i) lane.worked(1s);
  EXPECT_EQ(lane.allowed(kStart), 8U);
}

TEST(Concurrency, GrowsFourTimesAsFastWhereAnswersAreQuick) {
  Concurrency quick({.first = 4, .most = 20});
  Concurrency slow({.first = 4, .most = 20});
  for (int i = 0; i < 16; ++i) {
    quick.worked(5ms);
    slow.worked(400ms);
  }
  EXPECT_EQ(quick.allowed(kStart), 20U);
  EXPECT_EQ(slow.allowed(kStart), 8U);
}

TEST(Concurrency, GoesOnWhereAnEarlierRunEnded) {
  Concurrency lane({.first = 4, .most = 20, .first_backoff = 10s, .jitter = 0});
  lane.restore(13, 0, {});
  EXPECT_EQ(lane.allowed(kStart), 13U);
  lane.restore(30, 0, {});
  EXPECT_EQ(lane.connections(), 20U);
  lane.restore(1, 2, kStart + 5s);
  EXPECT_EQ(lane.allowed(kStart), 0U);
  EXPECT_EQ(lane.allowed(kStart + 5s), 1U);
  lane.unreachable(kStart + 5s, 0.5);
  EXPECT_EQ(lane.resting_until(), kStart + 45s);  // the third in a row
}

TEST(Concurrency, HalvesWhenTheSitePushesBackAndThenGrowsSlowly) {
  Concurrency lane({.first = 16, .most = 16});
  lane.pushed_back(kStart, 0.5);
  EXPECT_EQ(lane.allowed(kStart), 8U);
  lane.pushed_back(kStart + 1s, 0.5);  // the same event, told by another connection
  EXPECT_EQ(lane.allowed(kStart + 1s), 8U);
  for (int i = 0; i < 16; ++i) lane.worked(1s);
  EXPECT_EQ(lane.allowed(kStart), 8U);
  for (int i = 0; i < 64; ++i) lane.worked(1s);
  EXPECT_GT(lane.allowed(kStart), 8U);
}

TEST(Concurrency, AtOneConnectionAPushBackIsARest) {
  Concurrency lane({.first = 1, .most = 4, .first_backoff = 10s});
  lane.pushed_back(kStart, 0.5);
  EXPECT_EQ(lane.allowed(kStart + 9s), 0U);
  EXPECT_EQ(lane.allowed(kStart + 10s), 1U);
}

TEST(Concurrency, RestsLongerAfterEachFailureWithJitter) {
  Concurrency lane({.first_backoff = 10s, .last_backoff = 60s, .jitter = 0.5});
  SteadyTime now = kStart;
  lane.unreachable(now, 0.5);
  EXPECT_EQ(lane.resting_until() - now, 10s);
  lane.unreachable(now + 1s, 0.5);  // told twice
  EXPECT_EQ(lane.failures(), 1U);
  now = lane.resting_until();
  EXPECT_EQ(lane.allowed(now), 1U);
  lane.unreachable(now, 0.0);
  EXPECT_EQ(lane.resting_until() - now, 10s);  // 20 s less one half
  for (int i = 0; i < 40; ++i) lane.unreachable(now = lane.resting_until(), 0.5);
  EXPECT_EQ(lane.resting_until() - now, 60s);
  lane.worked(1s);
  EXPECT_EQ(lane.failures(), 0U);
  EXPECT_GE(lane.allowed(now), 1U);
}

TEST(Concurrency, TriesAtOnceWhenAskedTo) {
  Concurrency lane({});
  lane.unreachable(kStart, 0.5);
  EXPECT_EQ(lane.allowed(kStart), 0U);
  lane.forget_backoff();
  EXPECT_EQ(lane.allowed(kStart), 1U);
}

}  // namespace
}  // namespace veredus::work::queue
