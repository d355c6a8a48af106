#include "work/queue/retry_schedule.h"

#include <gtest/gtest.h>

namespace veredus::work::queue {
namespace {

using namespace std::chrono_literals;

TEST(RetrySchedule, WaitsLongerWithEachAttemptAndEachSetbackHasItsOwnIntervals) {
  const RetrySchedule schedule(
      {.reply = {5min, 10min}, .connect = {1min, 2min, 3min}, .dns = {7min}, .uncertain = 9min});
  struct Case {
    Setback setback;
    unsigned attempts;
    std::chrono::minutes want;
  };
  const Case cases[] = {{Setback::kReply, 1, 5min},     {Setback::kReply, 2, 10min},  {Setback::kReply, 99, 10min},
                        {Setback::kConnect, 3, 3min},   {Setback::kConnect, 4, 3min}, {Setback::kDns, 1, 7min},
                        {Setback::kUncertain, 1, 9min}, {Setback::kReply, 0, 5min}};
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(to_string(c.setback)) + " " + std::to_string(c.attempts));
    EXPECT_EQ(schedule.wait(c.setback, c.attempts, 0.5), c.want);
  }
}

TEST(RetrySchedule, SpreadsAttemptsAroundTheInterval) {
  const RetrySchedule schedule({.reply = {10min}, .jitter = 0.1});
  EXPECT_EQ(schedule.wait(Setback::kReply, 1, 0.0), 9min);
  EXPECT_LT(schedule.wait(Setback::kReply, 1, 0.999), 11min);
  EXPECT_GT(schedule.wait(Setback::kReply, 1, 0.999), 10min);
}

}  // namespace
}  // namespace veredus::work::queue
