#include "work/queue/limits.h"

#include <gtest/gtest.h>

namespace veredus::work::queue {
namespace {

using namespace std::chrono_literals;

TEST(FitsPattern, TakesNamesAndNamesBelow) {
  struct Case {
    std::string_view pattern;
    std::string_view name;
    bool want;
  };
  const Case cases[] = {{"mx.example.org", "MX.example.ORG", true},
                        {"mx.example.org", "a.mx.example.org", false},
                        {"*.example.org", "mx.example.org", true},
                        {"*.example.org", "example.org", true},
                        {"*.example.org", "badexample.org", false},
                        {"*.example.org", "org", false},
                        {"*", "anything.test", true},
                        {"", "example.org", false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.pattern) + " " + std::string(c.name));
    EXPECT_EQ(fits_pattern(c.pattern, c.name), c.want);
  }
}

TEST(LimitsFor, TakesEachLimitFromTheFirstProviderThatSetsIt) {
  const std::vector<ProviderLimits> providers = {
      {.name = "big", .patterns = {"*.big.test"}, .limits = {.connections = 5}},
      {.name = "all", .patterns = {"*.test"}, .limits = {.connections = 9, .messages_per_minute = 60}},
  };
  const SiteLimits otherwise{.connections = 20, .messages_per_connection = 100};
  EXPECT_EQ(limits_for(providers, otherwise, "customer.example", {"mx1.big.test"}),
            (SiteLimits{.connections = 5, .messages_per_minute = 60, .messages_per_connection = 100}));
  EXPECT_EQ(limits_for(providers, otherwise, "other.example", {"mx.other.example"}), otherwise);
}

TEST(RateGate, LetsThroughSoManyAMinute) {
  RateGate gate(60);
  SteadyTime now{1h};
  int taken = 0;
  for (int second = 0; second < 60; ++second, now += 1s)
    while (!gate.take(now)) ++taken;
  EXPECT_GE(taken, 60);
  EXPECT_LE(taken, 60 + 6);
}

TEST(RateGate, TellsHowLongToWait) {
  RateGate gate(6);
  const SteadyTime now{1h};
  EXPECT_EQ(gate.take(now), std::nullopt);
  EXPECT_EQ(gate.take(now), 10s);
  EXPECT_EQ(gate.take(now + 4s), 6s);
  EXPECT_EQ(gate.take(now + 10s), std::nullopt);
}

TEST(RateGate, WithoutARateHoldsNobody) {
  RateGate gate;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(gate.take(SteadyTime{}), std::nullopt);
}

}  // namespace
}  // namespace veredus::work::queue
