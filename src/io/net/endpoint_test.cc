#include "io/net/endpoint.h"

#include <gtest/gtest.h>

namespace veredus::io::net {
namespace {

TEST(Endpoint, IsReadBackAsItIsWritten) {
  for (const auto* text : {"192.0.2.1:25", "[2001:db8::1]:587", "[::]:0", "0.0.0.0:65535", "unix:/run/veredus.sock"}) {
    SCOPED_TRACE(text);
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint);
    EXPECT_EQ(endpoint->to_string(), text);
  }
  EXPECT_EQ(Endpoint::parse("/run/x.sock"), Endpoint::unix_socket("/run/x.sock"));
}

TEST(Endpoint, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "25", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:+5", "192.0.2.256:25", "2001:db8::1:25",
        "[192.0.2.1]:25", "[2001:db8::1]", "localhost:25", "[::1%lo]:25", "unix:relative"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(Endpoint::parse(text));
  }
}

TEST(IpAddress, KeepsMappedAddressesAsIpv4) {
  const auto address = IpAddress::parse("::ffff:192.0.2.1");
  ASSERT_TRUE(address);
  EXPECT_EQ(*address, IpAddress::v4({192, 0, 2, 1}));
  EXPECT_EQ(address->octets().size(), 4U);
}

TEST(IpAddress, KnowsLoopback) {
  EXPECT_TRUE(IpAddress::parse("127.5.0.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
  EXPECT_TRUE(Endpoint::unix_socket("/x").is_local_machine());
}

TEST(Network, ContainsItsAddressesAndNoOthers) {
  struct Case {
    const char* network;
    const char* address;
    bool inside;
  };
  const Case cases[] = {
      {"192.0.2.0/24", "192.0.2.255", true},
      {"192.0.2.0/24", "192.0.3.0", false},
      {"192.0.2.77/25", "192.0.2.1", true},
      {"192.0.2.77/25", "192.0.2.128", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::1", false},
      {"2001:db8::/33", "2001:db8:7fff::", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.0", false},
      {"::1/128", "::1", true},
      {"::/0", "192.0.2.1", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.network) + " " + c.address);
    const auto network = Network::parse(c.network);
    ASSERT_TRUE(network);
    EXPECT_EQ(network->contains(*IpAddress::parse(c.address)), c.inside);
  }
}

TEST(Network, RefusesPrefixesOutOfRange) {
  for (const auto* text : {"192.0.2.0/33", "::/129", "192.0.2.0/", "192.0.2.0/x", "/8", "192.0.2/24", "192.0.2.0/-1"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(Network::parse(text));
  }
}

}  // namespace
}  // namespace veredus::io::net
