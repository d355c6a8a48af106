#pragma once

#include <expected>
#include <string>
#include <vector>

#include "io/dns/resolver.h"
#include "io/net/asio.h"
#include "io/net/endpoint.h"

namespace veredus::work::smtpclient {

/// What DNS says of one mail host.
struct HostAddresses {
  using Answer = std::expected<io::dns::Answer<io::net::IpAddress>, io::dns::DnsError>;
  std::string name;
  std::vector<Answer> by_family;  // in the order of the families asked for
};

/// Asks for the addresses of all these hosts at the same time, so that a site costs one wait and not one for each host;
/// the answers come in the order of `names`. Cancelling the caller ends it at once. `resolver` is owned by someone who
/// joins the caller.
asio::awaitable<std::vector<HostAddresses>> look_up_hosts(io::dns::Resolver* resolver, std::vector<std::string> names,
                                                          std::vector<io::net::IpAddress::Family> families);

}  // namespace veredus::work::smtpclient
