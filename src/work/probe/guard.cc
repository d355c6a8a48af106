#include <algorithm>
#include <array>

#include "work/probe/options.h"

namespace veredus::work::probe {
namespace {

/// What the Internet does not route, or routes back to us. Source: the registries of RFC 6890, RFC 5771, RFC 4291.
constexpr std::array<std::string_view, 31> kReserved{
    "0.0.0.0/8",        // this network
    "10.0.0.0/8",       // RFC 1918 s3
    "100.64.0.0/10",    // RFC 6598 s7: carriers' NAT
    "127.0.0.0/8",      // loopback
    "169.254.0.0/16",   // RFC 3927 s2.1: link-local; where clouds keep their metadata
    "172.16.0.0/12",    // RFC 1918 s3
    "192.0.0.0/24",     // protocol assignments
    "192.0.2.0/24",     // RFC 5737 s3: documentation
    "192.88.99.0/24",   // RFC 7526 s1: former 6to4 relays
    "192.168.0.0/16",   // RFC 1918 s3
    "198.18.0.0/15",    // RFC 2544: benchmarks
    "198.51.100.0/24",  // RFC 5737 s3
    "203.0.113.0/24",   // RFC 5737 s3
    "224.0.0.0/4",      // multicast
    "240.0.0.0/4",      // reserved, and broadcast
    "::/128",           // unspecified
    "::1/128",          // loopback
    "::/96",            // RFC 4291 s2.5.5.1: IPv4-compatible
    "64:ff9b::/96",     // RFC 6052 s2.1: IPv4 in translation, whatever it leads to
    "64:ff9b:1::/48",   // RFC 8215
    "100::/64",         // RFC 6666: discard
    "2001::/23",        // protocol assignments, Teredo among them
    "2001:db8::/32",    // RFC 3849 s2: documentation
    "2002::/16",        // RFC 3056: 6to4, IPv4 inside
    "3fff::/20",        // RFC 9637: documentation
    "5f00::/16",        // RFC 9602: segment routing
    "fc00::/7",         // RFC 4193: unique local
    "fe80::/10",        // link-local
    "fec0::/10",        // RFC 3879: former site-local
    "ff00::/8",         // multicast
    "::ffff:0:0/96",    // IPv4-mapped
};

const std::vector<io::net::Network>& reserved() {
  static const auto all = [] {
    std::vector<io::net::Network> networks;
    for (const auto text : kReserved)
      if (const auto network = io::net::Network::parse(text)) networks.push_back(*network);
    return networks;
  }();
  return all;
}

bool is_within(const std::vector<io::net::Network>& networks, const io::net::IpAddress& address) {
  return std::ranges::any_of(networks, [&](const auto& network) { return network.contains(address); });
}

}  // namespace

bool is_public(const io::net::IpAddress& address) { return !is_within(reserved(), address); }

Guard guard_of_strangers() { return {.only_public = true, .allowed = {}, .ports = {25, 465, 587, 2525}}; }

bool Guard::permits(const io::net::IpAddress& address) const {
  return !only_public || is_public(address) || is_within(allowed, address);
}

bool Guard::permits_port(std::uint16_t port) const {
  return ports.empty() || std::ranges::find(ports, port) != ports.end();
}

}  // namespace veredus::work::probe
