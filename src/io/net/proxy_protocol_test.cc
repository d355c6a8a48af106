#include "io/net/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>

namespace veredus::io::net {
namespace {

using namespace std::string_literals;

const std::string kV2("\r\n\r\n\0\r\nQUIT\n", 12);

TEST(ProxyProtocol, ReadsVersion1) {  // section 2.1
  const std::string line = "PROXY TCP4 192.0.2.7 198.51.100.2 56324 25\r\n";
  const auto parsed = parse_proxy_header(line + "EHLO x\r\n");
  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ((*parsed)->command, ProxyHeader::Command::kProxy);
  EXPECT_EQ((*parsed)->source.to_string(), "192.0.2.7:56324");
  EXPECT_EQ((*parsed)->destination.to_string(), "198.51.100.2:25");
  EXPECT_EQ((*parsed)->octets, line.size());
}

TEST(ProxyProtocol, KeepsTheSocketsEndpointsForUnknown) {
  for (const auto* line : {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 whatever 1 2\r\n"}) {
    SCOPED_TRACE(line);
    const auto parsed = parse_proxy_header(line);
    ASSERT_TRUE(parsed && *parsed);
    EXPECT_EQ((*parsed)->command, ProxyHeader::Command::kLocal);
  }
}

TEST(ProxyProtocol, RefusesWhatIsNoVersion1) {
  struct Case {
    std::string input;
    ProxyError want;
  };
  const Case cases[] = {
      {"EHLO example.org\r\n", ProxyError::kSignature},
      {"PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n", ProxyError::kUnsupported},
      {"PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", ProxyError::kUnsupported},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", ProxyError::kMalformed},
      {"PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", ProxyError::kMalformed},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", ProxyError::kMalformed},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", ProxyError::kMalformed},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", ProxyError::kAddress},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n", ProxyError::kAddress},
      {"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", ProxyError::kAddress},
      {"PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", ProxyError::kAddress},
      {"PROXY TCP4 192.0.2.1 192.0.2.x 1 2\r\n", ProxyError::kAddress},
      {"PROXY TCP4 " + std::string(120, '1'), ProxyError::kTooLong},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.input);
    const auto parsed = parse_proxy_header(c.input);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error(), c.want);
  }
}

TEST(ProxyProtocol, ReadsBackBothVersions) {
  const char* pairs[][2] = {{"192.0.2.7:56324", "198.51.100.2:25"}, {"[2001:db8::7]:1", "[2001:db8::2]:587"}};
  for (const auto& pair : pairs) {
    SCOPED_TRACE(pair[0]);
    const auto source = *Endpoint::parse(pair[0]);
    const auto destination = *Endpoint::parse(pair[1]);
    for (const auto& text : {format_proxy_v1(source, destination), format_proxy_v2(source, destination)}) {
      const auto parsed = parse_proxy_header(text);
      ASSERT_TRUE(parsed && *parsed);
      EXPECT_EQ((*parsed)->source, source);
      EXPECT_EQ((*parsed)->destination, destination);
      EXPECT_EQ((*parsed)->octets, text.size());
    }
  }
}

TEST(ProxyProtocol, WaitsForTheRestOfWhatIsRightSoFar) {
  const auto source = *Endpoint::parse("[2001:db8::7]:1");
  for (const auto& text : {format_proxy_v1(source, source), format_proxy_v2(source, source)}) {
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
      SCOPED_TRACE(cut);
      const auto parsed = parse_proxy_header(std::string_view(text).substr(0, cut));
      ASSERT_TRUE(parsed);
      EXPECT_FALSE(*parsed);
    }
  }
}

TEST(ProxyProtocol, SkipsTheExtensionsOfVersion2) {
  const auto header = kV2 + "\x21\x11\x00\x0F"s + "\xC0\x00\x02\x07\xC6\x33\x64\x02\xDC\x04\x00\x19"s + "\x04\x00\x00"s;
  const auto parsed = parse_proxy_header(header + "rest");
  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ((*parsed)->octets, header.size());
  EXPECT_EQ((*parsed)->source.to_string(), "192.0.2.7:56324");
}

TEST(ProxyProtocol, TakesHealthChecksOfVersion2) {
  const auto parsed = parse_proxy_header(kV2 + "\x20\x00\x00\x00"s);
  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ((*parsed)->command, ProxyHeader::Command::kLocal);
  EXPECT_EQ((*parsed)->octets, 16U);
}

TEST(ProxyProtocol, RefusesWhatIsNoVersion2) {
  struct Case {
    std::string tail;
    ProxyError want;
  };
  const Case cases[] = {
      {"\x11\x11\x00\x0C"s, ProxyError::kUnsupported},                         // version 1 in binary
      {"\x22\x11\x00\x0C"s, ProxyError::kUnsupported},                         // no such command
      {"\x21\x12\x00\x0C"s + std::string(12, 'x'), ProxyError::kUnsupported},  // datagrams
      {"\x21\x41\x00\x0C"s + std::string(12, 'x'), ProxyError::kUnsupported},  // no such family
      {"\x21\x11\x00\x0B"s + std::string(11, 'x'), ProxyError::kMalformed},    // too short for its family
      {"\x21\x21\x00\x23"s + std::string(35, 'x'), ProxyError::kMalformed},
      {"\x21\x31\x00\x01"s + std::string(1, 'x'), ProxyError::kMalformed},
      {"\x21\x11\xFF\xFF"s, ProxyError::kTooLong},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.tail));
    const auto parsed = parse_proxy_header(kV2 + c.tail);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error(), c.want);
  }
}

TEST(ProxyHeaderNeeds, NeverReadsPastTheHeader) {
  const auto source = *Endpoint::parse("192.0.2.1:1234");
  const auto destination = *Endpoint::parse("192.0.2.2:25");
  for (const std::string& header :
       {format_proxy_v1(source, destination), format_proxy_v2(source, destination), std::string("PROXY UNKNOWN\r\n")}) {
    SCOPED_TRACE(header);
    std::string seen;
    while (seen.size() < header.size()) {
      const auto needs = proxy_header_needs(seen);
      ASSERT_GE(needs, 1u);
      ASSERT_LE(seen.size() + needs, header.size());
      seen += header.substr(seen.size(), needs);
    }
    const auto parsed = parse_proxy_header(seen);
    ASSERT_TRUE(parsed && *parsed);
    EXPECT_EQ((*parsed)->octets, header.size());
  }
}

}  // namespace
}  // namespace veredus::io::net
