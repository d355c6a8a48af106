#include "state/directory/auth_throttle.h"

#include <gtest/gtest.h>

namespace veredus::state::directory {
namespace {

using namespace std::chrono_literals;
using io::net::Endpoint;
using Verdict = AuthThrottle::Verdict;

Endpoint peer(std::string_view text, std::uint16_t port = 1000) {
  return Endpoint::ip(*io::net::IpAddress::parse(text), port);
}

class AuthThrottleTest : public testing::Test {
 protected:
  AuthThrottle::Options options{.free_failures = 2,
                                .first_delay = 100ms,
                                .longest_delay = 300ms,
                                .failures_to_ban_address = 6,
                                .failures_to_ban_account = 10,
                                .ban = 60s,
                                .forget_after = 600s,
                                .max_entries = 8};
  FixedClock clock{SystemTime{}};
  AuthThrottle throttle{&clock, options};
};

TEST_F(AuthThrottleTest, LetsAFewFailuresGoThenDoublesTheDelayUpToABound) {
  const auto from = peer("192.0.2.1");
  const std::chrono::milliseconds want[] = {0ms, 0ms, 0ms, 100ms, 200ms, 300ms};
  for (const auto delay : want) {
    EXPECT_EQ(throttle.before_attempt(from, "").delay, delay);
    EXPECT_EQ(throttle.before_attempt(from, "").verdict, Verdict::kGo);
    throttle.failed(from, "");
  }
  EXPECT_EQ(throttle.before_attempt(from, "").verdict, Verdict::kBanned);
}

TEST_F(AuthThrottleTest, BansForAWhileAndIsStrictAfterwards) {
  const auto from = peer("192.0.2.1");
  for (int i = 0; i < 6; ++i) throttle.failed(from, "");
  EXPECT_TRUE(throttle.banned(from));
  EXPECT_EQ(throttle.before_attempt(from, "").ban_left, 60s);
  clock.advance(59s);
  EXPECT_TRUE(throttle.banned(from));
  clock.advance(1s);
  EXPECT_FALSE(throttle.banned(from));
  throttle.failed(from, "");
  EXPECT_EQ(throttle.before_attempt(from, "").delay, 100ms);
}

TEST_F(AuthThrottleTest, CountsAnIpv6NetworkOf64BitsAsOnePeerAndIpv4AddressesEach) {
  for (int i = 0; i < 6; ++i) throttle.failed(peer("2001:db8:1:2::" + std::to_string(i + 1)), "");
  EXPECT_TRUE(throttle.banned(peer("2001:db8:1:2:ffff::9")));
  EXPECT_FALSE(throttle.banned(peer("2001:db8:1:3::1")));
  for (int i = 0; i < 6; ++i) throttle.failed(peer("192.0.2.7", static_cast<std::uint16_t>(i)), "");
  EXPECT_TRUE(throttle.banned(peer("192.0.2.7")));
  EXPECT_FALSE(throttle.banned(peer("192.0.2.8")));
}

TEST_F(AuthThrottleTest, CountsAnAccountAcrossPeersHoweverItIsWritten) {
  for (int i = 0; i < 10; ++i)
    throttle.failed(peer("192.0.2." + std::to_string(i + 10)), i % 2 == 0 ? "Alice@Demo.test" : "alice@demo.TEST");
  EXPECT_EQ(throttle.before_attempt(peer("198.51.100.1"), "ALICE@demo.test").verdict, Verdict::kBanned);
  EXPECT_EQ(throttle.before_attempt(peer("198.51.100.1"), "bob@demo.test").verdict, Verdict::kGo);
}

TEST_F(AuthThrottleTest, ForgetsAtASuccessAndAfterAQuietTime) {
  const auto from = peer("192.0.2.1");
  for (int i = 0; i < 5; ++i) throttle.failed(from, "alice");
  throttle.succeeded(from, "alice");
  EXPECT_EQ(throttle.before_attempt(from, "alice").delay, 0ms);
  for (int i = 0; i < 5; ++i) throttle.failed(from, "alice");
  EXPECT_NE(throttle.before_attempt(from, "alice").delay, 0ms);
  clock.advance(600s);
  EXPECT_EQ(throttle.before_attempt(from, "alice").delay, 0ms);
  EXPECT_EQ(throttle.entries(), 0U);
}

TEST_F(AuthThrottleTest, KeepsToItsBoundAndForgetsTheLongestUntouched) {
  const auto first = peer("192.0.2.1");
  for (int i = 0; i < 5; ++i) throttle.failed(first, "");
  for (int i = 0; i < 20; ++i) {
    throttle.failed(peer("198.51.100." + std::to_string(i)), "");
    if (i == 5) throttle.failed(first, "");  // touched again, so it stays
  }
  EXPECT_EQ(throttle.entries(), 8U);
  EXPECT_FALSE(throttle.banned(first));
}

TEST_F(AuthThrottleTest, DoesNotCountUnixSockets) {
  const auto from = Endpoint::unix_socket("/run/x");
  for (int i = 0; i < 20; ++i) throttle.failed(from, "");
  EXPECT_EQ(throttle.entries(), 0U);
  EXPECT_FALSE(throttle.banned(from));
}

}  // namespace
}  // namespace veredus::state::directory
