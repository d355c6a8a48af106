#include "io/dns/rdata.h"

#include <gtest/gtest.h>

#include <string>

namespace veredus::io::dns {
namespace {

using namespace std::string_literals;

TEST(ParseTarget, PresentsNamesInLowerCaseWithWhatIsStrangeEscaped) {
  struct Case {
    std::string rdata;
    std::string want;
  };
  const Case cases[] = {{"\2mX\7example\3ORG\0"s, "mx.example.org"},
                        {"\0"s, "."},
                        {"\3a.b\0"s, R"(a\.b)"},
                        {"\2\x07\xFF\0"s, R"(\007\255)"},
                        {"\1 \0"s, R"(\032)"},
                        {"\1\\\0"s, R"(\\)"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    EXPECT_EQ(parse_target(c.rdata), c.want);
  }
}

TEST(ParseTarget, RefusesWhatIsNoWholeName) {
  const std::string long_name = [] {
    std::string name;
    for (int i = 0; i < 128; ++i) name += "\1a";
    return name + '\0';  // 257 octets
  }();
  for (const auto& rdata : {""s, "\2mx"s, "\3mx\0"s, "\1a\0\1b\0"s, "\1a\0x"s, "\xC0\x0C"s,
                            "\x40"s + std::string(64, 'a') + '\0', long_name}) {
    SCOPED_TRACE(rdata);
    EXPECT_FALSE(parse_target(rdata));
  }
}

TEST(ParseMx, ReadsPreferenceAndExchange) {
  const auto mx = parse_mx("\x01\x02\2mx\4test\0"s);
  ASSERT_TRUE(mx);
  EXPECT_EQ(mx->preference, 258);
  EXPECT_EQ(mx->exchange, "mx.test");
  EXPECT_FALSE(mx->is_null());
  for (const auto& rdata : {""s, "\0"s, "\0\1"s, "\0\1\2mx"s}) EXPECT_FALSE(parse_mx(rdata));
}

TEST(ParseMx, KnowsTheNullMx) {  // RFC 7505 s3
  const auto mx = parse_mx("\0\0\0"s);
  ASSERT_TRUE(mx);
  EXPECT_TRUE(mx->is_null());
}

TEST(ParseAddress, WantsExactlyItsOctets) {
  EXPECT_EQ(parse_a("\xC0\0\2\1"s), net::IpAddress::parse("192.0.2.1"));
  EXPECT_FALSE(parse_a("\xC0\0\2"s));
  EXPECT_FALSE(parse_a("\xC0\0\2\1\1"s));
  EXPECT_EQ(parse_aaaa("\x20\x01\x0d\xb8"s + std::string(11, '\0') + '\1'), net::IpAddress::parse("2001:db8::1"));
  EXPECT_FALSE(parse_aaaa(std::string(15, '\1')));
  EXPECT_FALSE(parse_aaaa(std::string(10, '\0') + "\xFF\xFF\xC0\0\2\1"s)) << "an IPv4 address in IPv6's clothes";
}

TEST(ParseTxt, JoinsItsStrings) {
  EXPECT_EQ(parse_txt("\7v=spf1 \4-all"s), "v=spf1 -all");
  EXPECT_EQ(parse_txt("\0"s), "");
  EXPECT_FALSE(parse_txt(""s));
  EXPECT_FALSE(parse_txt("\5four"s));
}

TEST(ParseSrv, ReadsWhereAServiceIs) {
  const auto srv = parse_srv("\0\1\0\2\3\xE1\2mx\7example\3org\0"s);
  ASSERT_TRUE(srv);
  EXPECT_EQ(*srv, (SrvRecord{.priority = 1, .weight = 2, .port = 993, .target = "mx.example.org"}));
  EXPECT_EQ(parse_srv("\0\0\0\0\0\0\0"s)->target, ".");
  EXPECT_FALSE(parse_srv("\0\1\0\2\3\xE1"s));
  EXPECT_FALSE(parse_srv("\0\1\0"s));
}

TEST(ParseTlsa, WantsAnAssociation) {
  const auto tlsa = parse_tlsa("\3\1\1digest"s);
  ASSERT_TRUE(tlsa);
  EXPECT_EQ(tlsa->usage, 3);
  EXPECT_EQ(tlsa->selector, 1);
  EXPECT_EQ(tlsa->matching, 1);
  EXPECT_EQ(tlsa->association, "digest");
  EXPECT_FALSE(parse_tlsa("\3\1\1"s));
  EXPECT_FALSE(parse_tlsa("\3"s));
}

}  // namespace
}  // namespace veredus::io::dns
