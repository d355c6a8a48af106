#include "io/dns/resolv_conf.h"

#include <gtest/gtest.h>

namespace veredus::io::dns {
namespace {

std::vector<std::string> servers(std::string_view text) {
  std::vector<std::string> out;
  for (const auto& server : servers_of_resolv_conf(text)) out.push_back(server.to_string());
  return out;
}

TEST(ServersOfResolvConf, AreItsNameserversInOrder) {
  EXPECT_EQ(
      servers("# by hand\nsearch example.org\nnameserver 192.0.2.53\nnameserver\t2001:db8::53 \r\noptions rotate\n"),
      (std::vector<std::string>{"192.0.2.53:53", "[2001:db8::53]:53"}));
}

TEST(ServersOfResolvConf, AreThisMachineWhenThereIsNone) {
  for (const std::string_view text : {"", "nameserver", "nameserver resolver.test\n", "nameserver fe80::1%eth0\n",
                                      "#nameserver 192.0.2.1\n", "nameservers 192.0.2.1"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(servers(text), (std::vector<std::string>{"127.0.0.1:53"}));
  }
}

}  // namespace
}  // namespace veredus::io::dns
