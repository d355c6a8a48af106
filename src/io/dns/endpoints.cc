#include "io/dns/endpoints.h"

namespace veredus::io::dns {

asio::awaitable<std::expected<std::vector<net::Endpoint>, DnsError>> endpoints_of(Resolver* resolver, std::string host,
                                                                                  std::uint16_t port) {
  std::vector<net::Endpoint> endpoints;
  if (const auto literal = net::IpAddress::parse(host)) {
    endpoints.push_back(net::Endpoint::ip(*literal, port));
    co_return endpoints;
  }
  const auto six = co_await resolver->aaaa(host);
  const auto four = co_await resolver->a(host);
  if (!six && !four) co_return std::unexpected(four.error());
  for (const auto* answer : {&six, &four})
    if (*answer)
      for (const auto& address : (*answer)->records) endpoints.push_back(net::Endpoint::ip(address, port));
  co_return endpoints;
}

}  // namespace veredus::io::dns
