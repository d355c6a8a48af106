#include "doors/smtp/rate_limits.h"

#include <gtest/gtest.h>

namespace veredus::doors::smtp {
namespace {

io::net::Endpoint peer(std::string_view text) { return io::net::Endpoint::ip(*io::net::IpAddress::parse(text), 1025); }

TEST(RateLimits, CountByAddressAndInAllAndForgetAfterAMinute) {
  FixedClock clock{SystemTime()};
  clock.advance(std::chrono::hours(1));
  RateOptions options;
  options.sessions_from_address = 2;
  options.messages_from_address = 1;
  options.messages_in_all = 3;
  RateLimits rates(&clock, options);
  EXPECT_TRUE(rates.admit_session(peer("192.0.2.1")));
  EXPECT_TRUE(rates.admit_session(peer("192.0.2.1")));
  EXPECT_FALSE(rates.admit_session(peer("192.0.2.1")));
  EXPECT_TRUE(rates.admit_session(peer("192.0.2.2")));
  EXPECT_TRUE(rates.admit_message(peer("192.0.2.1")));
  EXPECT_FALSE(rates.admit_message(peer("192.0.2.1")));
  EXPECT_TRUE(rates.admit_message(peer("192.0.2.2")));
  EXPECT_FALSE(rates.admit_message(peer("192.0.2.3"))) << "the fourth in all";
  clock.advance(std::chrono::minutes(1));
  EXPECT_TRUE(rates.admit_session(peer("192.0.2.1")));
  EXPECT_TRUE(rates.admit_message(peer("192.0.2.3")));
}

TEST(RateLimits, ChangeWithoutForgettingWhatWasCounted) {
  FixedClock clock{SystemTime()};
  clock.advance(std::chrono::hours(1));
  RateOptions options;
  options.messages_from_address = 3;
  RateLimits rates(&clock, options);
  EXPECT_TRUE(rates.admit_message(peer("192.0.2.1")));
  EXPECT_TRUE(rates.admit_message(peer("192.0.2.1")));
  options.messages_from_address = 2;
  rates.change(options);
  EXPECT_FALSE(rates.admit_message(peer("192.0.2.1")));
  options.messages_from_address = 0;
  rates.change(options);
  EXPECT_TRUE(rates.admit_message(peer("192.0.2.1")));
}

TEST(RateLimits, CountIpv6ByNetworkAndLeaveLoopbackAlone) {
  FixedClock clock{SystemTime()};
  clock.advance(std::chrono::hours(1));
  RateOptions options;
  options.sessions_from_address = 1;
  RateLimits rates(&clock, options);
  EXPECT_TRUE(rates.admit_session(peer("2001:db8::1")));
  EXPECT_FALSE(rates.admit_session(peer("2001:db8::2")));
  EXPECT_TRUE(rates.admit_session(peer("2001:db8:0:1::1")));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rates.admit_session(peer("127.0.0.1")));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rates.admit_session(io::net::Endpoint::unix_socket("")));
}

TEST(RateLimits, RememberBoundedlyManyAddresses) {
  FixedClock clock{SystemTime()};
  clock.advance(std::chrono::hours(1));
  RateOptions options;
  options.sessions_from_address = 1;
  options.max_addresses = 1;
  RateLimits rates(&clock, options);
  EXPECT_TRUE(rates.admit_session(peer("192.0.2.1")));
  EXPECT_FALSE(rates.admit_session(peer("192.0.2.1")));
  EXPECT_TRUE(rates.admit_session(peer("192.0.2.2")));
  EXPECT_TRUE(rates.admit_session(peer("192.0.2.2")));
}

}  // namespace
}  // namespace veredus::doors::smtp
