#include "io/dns/resolv_conf.h"

#include "base/codec/ascii.h"

namespace veredus::io::dns {
namespace {

using namespace base::codec;

constexpr std::uint16_t kDnsPort = 53;
constexpr std::string_view kKeyword = "nameserver";
constexpr std::string_view kBlanks = " \t\r";

}  // namespace

std::vector<net::Endpoint> servers_of_resolv_conf(std::string_view text) {
  std::vector<net::Endpoint> servers;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.starts_with(kKeyword)) continue;
    line.remove_prefix(kKeyword.size());
    if (line.empty() || !kBlanks.contains(line.front())) continue;
    line = trim_ascii(line);
    line = line.substr(0, line.find_first_of(kBlanks));
    if (const auto address = net::IpAddress::parse(line)) servers.push_back(net::Endpoint::ip(*address, kDnsPort));
  }
  if (servers.empty()) servers.push_back(net::Endpoint::ip(net::IpAddress::v4({127, 0, 0, 1}), kDnsPort));
  return servers;
}

}  // namespace veredus::io::dns
