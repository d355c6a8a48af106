#include "io/dns/name.h"

#include <gtest/gtest.h>

namespace veredus::io::dns {
namespace {

TEST(QueryName, IsLowerCaseWithoutLastDotAndInALabels) {
  struct Case {
    std::string_view given, want;
  };
  const Case cases[] = {{"Example.ORG.", "example.org"},
                        {"_dmarc.example.org", "_dmarc.example.org"},
                        {"bücher.example", "xn--bcher-kva.example"},
                        {"-odd-.example.org", "-odd-.example.org"},
                        {"localhost", "localhost"},
                        {".", "."}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.given);
    EXPECT_EQ(query_name(c.given), c.want);
  }
}

TEST(QueryName, RefusesWhatCannotStandInDns) {
  const std::string long_label(64, 'a');
  std::string long_name = std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.';
  const std::string longest = long_name + std::string(61, 'd');  // 253 octets
  EXPECT_TRUE(query_name(longest));
  for (const std::string& name : {std::string(), std::string(".."), std::string("a..b"), std::string(".a"), long_label,
                                  longest + "d", std::string("a b.example"), std::string("a\\046b.example"),
                                  std::string("a\0b", 3), std::string("[192.0.2.1]"), std::string("\xFF.example")}) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(query_name(name));
  }
}

TEST(EscapedQueryName, IsForAnyOctets) {  // RFC 2181 s11
  EXPECT_EQ(escaped_query_name("A\\+B.Example.ORG."), "a\\+b.example.org");
  EXPECT_EQ(escaped_query_name("a\\046b.example.org"), "a\\.b.example.org");
  EXPECT_EQ(escaped_query_name("Example.ORG."), "example.org");
  EXPECT_EQ(escaped_query_name("b\xC3\xBC"
                               "cher.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(escaped_query_name("."), ".");
  EXPECT_EQ(escaped_query_name("a\\..example"), "a\\..example") << "an escaped dot is none";
  for (const auto* name : {"", "a+b.example", "a\\999.example", "a\\+..b"}) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(escaped_query_name(name));
  }
}

TEST(ReverseName, IsTheAddressBackwards) {
  EXPECT_EQ(reverse_name(net::IpAddress::parse("192.0.2.1").value()), "1.2.0.192.in-addr.arpa");
  EXPECT_EQ(reverse_name(net::IpAddress::parse("2001:db8::567:89ab").value()),
            "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

}  // namespace
}  // namespace veredus::io::dns
