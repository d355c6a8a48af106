#include "base/codec/ip_address.h"

#include <gtest/gtest.h>

namespace veredus::base::codec {
namespace {

TEST(ParseIp, ReadsBothFamiliesAndRefusesTheRest) {
  for (const auto* text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::ffff:192.0.2.1"}) {
    SCOPED_TRACE(text);
    const auto address = parse_ip(text);
    ASSERT_TRUE(address);
    EXPECT_EQ(to_string(*address), text);
  }
  for (const auto* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "2001:db8:::1",
                           "fe80::1%eth0", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"})
    EXPECT_FALSE(parse_ip(text)) << text;
  EXPECT_FALSE(parse_ip(std::string_view("192.0.2.1\0", 10))) << "what follows a NUL is not passed over";
}

TEST(SameNetwork, ComparesTheFirstBitsOfOneFamily) {
  const auto a = *parse_ip("192.0.2.129");
  EXPECT_TRUE(same_network(a, *parse_ip("192.0.2.200"), 25));
  EXPECT_FALSE(same_network(a, *parse_ip("192.0.2.127"), 25));
  EXPECT_TRUE(same_network(a, *parse_ip("10.0.0.1"), 0));
  EXPECT_FALSE(same_network(a, *parse_ip("::"), 0));
  EXPECT_FALSE(same_network(a, a, 33));
  EXPECT_TRUE(same_network(a, a, 32));
}

TEST(Unmapped, TurnsMappedAddressesOnlyIntoIpv4) {  // RFC 4291 s2.5.5.2
  EXPECT_EQ(unmapped(*parse_ip("::ffff:192.0.2.1")), *parse_ip("192.0.2.1"));
  EXPECT_EQ(unmapped(*parse_ip("2001:db8::1")), *parse_ip("2001:db8::1"));
}

TEST(ReverseName, IsUnderArpa) {
  EXPECT_EQ(reverse_name(*parse_ip("192.0.2.1")), "1.2.0.192.in-addr.arpa");
  EXPECT_EQ(reverse_name(*parse_ip("2001:db8::1")),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

TEST(AddressOfReverseName, UndoesReverseName) {
  for (const auto* text : {"192.0.2.1", "2001:db8::1", "::"}) {
    const auto address = *parse_ip(text);
    EXPECT_EQ(address_of_reverse_name(reverse_name(address)), address) << text;
  }
  for (const auto* name :
       {"example.org", "2.0.192.in-addr.arpa", "x.2.0.192.in-addr.arpa", "1.0.ip6.arpa", ".ip6.arpa"})
    EXPECT_FALSE(address_of_reverse_name(name)) << name;
}

}  // namespace
}  // namespace veredus::base::codec
