#include <gtest/gtest.h>

#include "work/probe/options.h"
#include "work/probe/probe.h"

namespace veredus::work::probe {
namespace {

io::net::IpAddress address(std::string_view text) { return io::net::IpAddress::parse(text).value(); }

TEST(IsPublic, KnowsWhatTheInternetDoesNotRoute) {
  for (const char* text :
       {"0.0.0.0",        "10.1.2.3",        "100.64.0.1",   "127.0.0.1",  "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.168.1.1",     "192.0.2.1",    "198.18.0.1", "198.51.100.7",    "203.0.113.9",
        "224.0.0.1",      "255.255.255.255", "::",           "::1",        "::7f00:1",        "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2001:db8::1",     "2002:a00:1::", "fd00::1",    "fe80::1",         "fec0::1",
        "ff02::1",        "3fff::1"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(is_public(address(text)));
  }
  for (const char* text : {"8.8.8.8", "172.32.0.1", "172.15.255.255", "100.128.0.1", "192.169.0.1", "223.255.255.254",
                           "2606:4700::1", "2a00:1450::1", "2400::1"}) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(is_public(address(text)));
  }
}

TEST(Guard, LetsPublicAddressesAndWhatIsAllowedPass) {
  Guard guard{.only_public = true, .allowed = {io::net::Network::parse("10.9.0.0/16").value()}, .ports = {25, 587}};
  EXPECT_TRUE(guard.permits(address("8.8.8.8")));
  EXPECT_TRUE(guard.permits(address("10.9.1.1")));
  EXPECT_FALSE(guard.permits(address("10.8.1.1")));
  EXPECT_TRUE(guard.permits_port(587));
  EXPECT_FALSE(guard.permits_port(22));
  EXPECT_TRUE(Guard{}.permits(address("127.0.0.1")));
  EXPECT_TRUE(Guard{}.permits_port(22));
}

TEST(ParseTarget, TakesNamesAndAddressesWithAndWithoutPort) {
  struct Case {
    std::string_view text, host;
    std::uint16_t port;
  };
  const Case cases[] = {{"MX.example.org", "mx.example.org", 25},
                        {"mx.example.org:587", "mx.example.org", 587},
                        {"192.0.2.1", "192.0.2.1", 25},
                        {"192.0.2.1:465", "192.0.2.1", 465},
                        {"2001:db8::1", "2001:db8::1", 25},
                        {"[2001:db8::1]", "2001:db8::1", 25},
                        {"[2001:db8::1]:2525", "2001:db8::1", 2525},
                        {"bücher.example:25", "xn--bcher-kva.example", 25},
                        {"localhost", "localhost", 25}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto target = parse_target(c.text);
    ASSERT_TRUE(target);
    EXPECT_EQ(target->host, c.host);
    EXPECT_EQ(target->port, c.port);
  }
}

TEST(ParseTarget, SaysWhatIsWrong) {
  struct Case {
    std::string_view text;
    TargetError want;
  };
  const Case cases[] = {{"", TargetError::kEmpty},
                        {":25", TargetError::kEmpty},
                        {"mx.example.org:", TargetError::kPort},
                        {"mx.example.org:0", TargetError::kPort},
                        {"mx.example.org:65536", TargetError::kPort},
                        {"mx.example.org:smtp", TargetError::kPort},
                        {"[mx.example.org]", TargetError::kHost},
                        {"[2001:db8::zz]:25", TargetError::kHost},
                        {"a b", TargetError::kHost},
                        {".", TargetError::kHost},
                        {"mx..org", TargetError::kHost}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto target = parse_target(c.text);
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error(), c.want) << to_string(target.error());
  }
}

}  // namespace
}  // namespace veredus::work::probe
