#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "io/dns/resolver.h"
#include "io/net/asio.h"
#include "io/net/endpoint.h"

namespace veredus::io::dns {

/// All addresses of a host, which may be a name or an address itself, with this port; IPv6 first. What one family has
/// is enough. Errors: of the question for IPv4, when both have failed. `resolver` is owned by someone who joins the
/// caller.
asio::awaitable<std::expected<std::vector<net::Endpoint>, DnsError>> endpoints_of(Resolver* resolver, std::string host,
                                                                                  std::uint16_t port);

}  // namespace veredus::io::dns
