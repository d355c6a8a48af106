#include "io/net/session_limits.h"

#include <gtest/gtest.h>

#include <vector>

namespace veredus::io::net {
namespace {

Endpoint from(const char* address) { return Endpoint::ip(*IpAddress::parse(address), 1); }

TEST(SessionLimits, CountsFromOneAddress) {
  SessionLimits limits({.in_all = 10, .per_address = 2});
  const auto first = limits.admit(from("192.0.2.1"));
  {
    const auto second = limits.admit(from("192.0.2.1"));
    EXPECT_TRUE(second.admitted());
    EXPECT_EQ(limits.admit(from("192.0.2.1")).verdict(), AdmissionVerdict::kTooManyFromAddress);
    EXPECT_TRUE(limits.admit(from("192.0.2.2")).admitted());
  }
  EXPECT_TRUE(limits.admit(from("192.0.2.1")).admitted());
  EXPECT_EQ(limits.sessions_from(*IpAddress::parse("192.0.2.1")), 1U);
}

TEST(SessionLimits, CountsIpv6ByNetwork) {
  SessionLimits limits({.in_all = 10, .per_address = 1});
  const auto first = limits.admit(from("2001:db8::1"));
  EXPECT_FALSE(limits.admit(from("2001:db8::ffff")).admitted());
  EXPECT_TRUE(limits.admit(from("2001:db8:0:1::1")).admitted());
}

TEST(SessionLimits, ChangeForThoseWhoComeLater) {
  SessionLimits limits({.in_all = 10, .per_address = 2});
  const auto first = limits.admit(from("192.0.2.1"));
  const auto second = limits.admit(from("192.0.2.1"));
  limits.change({.in_all = 10, .per_address = 1});
  EXPECT_EQ(limits.sessions(), 2U);
  EXPECT_FALSE(limits.admit(from("192.0.2.1")).admitted());
  limits.change({.in_all = 10, .per_address = 3});
  EXPECT_TRUE(limits.admit(from("192.0.2.1")).admitted());
}

TEST(SessionLimits, CountsInAll) {
  SessionLimits limits({.in_all = 1, .per_address = 5});
  auto first = limits.admit(Endpoint::unix_socket(""));
  EXPECT_TRUE(first.admitted());
  EXPECT_EQ(limits.admit(from("192.0.2.1")).verdict(), AdmissionVerdict::kTooManyInAll);
  EXPECT_EQ(limits.sessions(), 1U);
  first = Admission();
  EXPECT_EQ(limits.sessions(), 0U);
}

TEST(SessionLimits, BoundsThoseBeingRefused) {
  SessionLimits limits({.in_all = 0, .per_address = 5, .being_refused = 2});
  std::vector<Admission> refused;
  refused.push_back(limits.admit(from("192.0.2.1")));
  refused.push_back(limits.admit(from("192.0.2.1")));
  EXPECT_EQ(refused.back().verdict(), AdmissionVerdict::kTooManyInAll);
  EXPECT_EQ(limits.admit(from("192.0.2.1")).verdict(), AdmissionVerdict::kDropped);
  refused.pop_back();
  EXPECT_EQ(limits.admit(from("192.0.2.1")).verdict(), AdmissionVerdict::kTooManyInAll);
}

}  // namespace
}  // namespace veredus::io::net
