#include "io/net/deadline.h"

#include <gtest/gtest.h>

namespace veredus::io::net {
namespace {

using namespace std::chrono_literals;

class Probe final : public Deadline {
 public:
  explicit Probe(DeadlineSweep& sweep) : Deadline(sweep) {}
  using Deadline::set;
  int passed = 0;
  int drained = 0;

 private:
  void overdue() override { ++passed; }
  void draining() override { ++drained; }
};

class DeadlineTest : public testing::Test {
 protected:
  void pass(std::chrono::milliseconds time) {
    clock.advance(time);
    sweep.look();
  }
  FixedClock clock{SystemTime{}};
  DeadlineSweep sweep{clock};
};

TEST_F(DeadlineTest, PassesOnceNeverTooSoonAndAtMostTwoSecondsLate) {
  Probe probe(sweep);
  clock.advance(900ms);  // the coarse clock is this old
  probe.set(5s);
  pass(4999ms);
  EXPECT_EQ(probe.passed, 0);
  pass(2001ms);
  EXPECT_EQ(probe.passed, 1);
  EXPECT_FALSE(probe.is_set());
  pass(100s);
  EXPECT_EQ(probe.passed, 1);
}

TEST_F(DeadlineTest, DoesNotPassWhenClearedOrGone) {
  Probe cleared(sweep);
  cleared.set(1s);
  cleared.clear();
  {
    Probe gone(sweep);
    gone.set(1s);
    EXPECT_EQ(sweep.size(), 2U);
  }
  EXPECT_EQ(sweep.size(), 1U);
  pass(10s);
  EXPECT_EQ(cleared.passed, 0);
}

TEST_F(DeadlineTest, LeavesTheListFromAnyPlace) {
  Probe first(sweep);
  {
    Probe second(sweep);
    Probe third(sweep);
    first.set(1s);
    second.set(1s);
    pass(5s);
    EXPECT_EQ(second.passed, 1);
    EXPECT_EQ(third.passed, 0);
  }
  first.set(1s);
  pass(5s);
  EXPECT_EQ(first.passed, 2);
}

TEST_F(DeadlineTest, TellsAllThatTheServerDrainsOnce) {
  Probe probe(sweep);
  EXPECT_FALSE(sweep.draining());
  sweep.drain();
  sweep.drain();
  EXPECT_TRUE(sweep.draining());
  EXPECT_EQ(probe.drained, 1);
}

}  // namespace
}  // namespace veredus::io::net
