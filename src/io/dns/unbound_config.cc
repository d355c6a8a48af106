#include "io/dns/unbound_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "io/dns/name.h"

namespace veredus::io::dns {
namespace {

/// Zones libunbound would answer for by itself, saying they are empty (RFC 6303, RFC 6761): whoever else is asked may
/// know better.
constexpr std::string_view kBuiltInZones[] = {"test.", "invalid.", "home.arpa.", "onion."};

bool is_quotable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '"' || static_cast<unsigned char>(c) < ' '; });
}

std::string server_address(const net::Endpoint& server) {
  return fmt::format("{}@{}", server.address.to_string(), server.port);
}

void append_caches(std::string& out, const ResolverOptions& options) {
  // unbound.conf(5) wants the records' cache twice as large as the messages'.
  const auto share = std::max<std::uint64_t>(options.cache_octets / 8, 64 * 1024);
  fmt::format_to(std::back_inserter(out),
                 "  msg-cache-size: {}\n  rrset-cache-size: {}\n  key-cache-size: {}\n  neg-cache-size: {}\n"
                 "  cache-min-ttl: {}\n  cache-max-ttl: {}\n",
                 2 * share, 4 * share, share, share, options.minimum_ttl.count(), options.maximum_ttl.count());
}

/// A server that was silent is asked again now and then, so that the first answer after its return is found.
constexpr std::string_view kInfra = "  infra-host-ttl: 60\n  infra-keep-probing: yes\n";

void append_limits(std::string& out, const ResolverOptions& options) {
  fmt::format_to(std::back_inserter(out),
                 "  outgoing-range: {}\n  num-queries-per-thread: {}\n  outgoing-num-tcp: 32\n  do-ip6: {}\n"
                 "  do-not-query-localhost: no\n  edns-buffer-size: 1232\n",
                 options.in_flight, options.in_flight, options.use_ipv6 ? "yes" : "no");
}

}  // namespace

std::expected<std::string, ResolverError> unbound_config(const ResolverOptions& options,
                                                         const std::vector<net::Endpoint>& forwarders) {
  for (const auto* file : {&options.trust_anchor_file, &options.root_hints_file})
    if (!is_quotable(*file)) return std::unexpected(ResolverError::kSetting);

  std::string out = "server:\n  verbosity: 0\n  chroot: \"\"\n  directory: \"\"\n  username: \"\"\n";
  const bool validates = !options.trust_anchor_file.empty();
  out += validates ? "  module-config: \"validator iterator\"\n" : "  module-config: \"iterator\"\n";
  if (validates) out += "  trust-anchor-file: \"" + options.trust_anchor_file + "\"\n";
  if (!options.root_hints_file.empty()) out += "  root-hints: \"" + options.root_hints_file + "\"\n";
  append_caches(out, options);
  append_limits(out, options);
  out += kInfra;
  if (!forwarders.empty() || !options.stub_zones.empty()) {
    out += "  unblock-lan-zones: yes\n  insecure-lan-zones: yes\n";
    for (const auto zone : kBuiltInZones)
      fmt::format_to(std::back_inserter(out), "  local-zone: \"{}\" nodefault\n", zone);
  }

  std::string zones;
  for (const auto& stub : options.stub_zones) {
    const auto name = query_name(stub.name);
    if (!name || stub.addresses.empty()) return std::unexpected(ResolverError::kSetting);
    if (validates && !stub.validate) out += "  domain-insecure: \"" + *name + "\"\n";
    out += "  local-zone: \"" + *name + "\" nodefault\n";  // also where libunbound has one of its own
    zones += "stub-zone:\n  name: \"" + *name + "\"\n  stub-prime: no\n";
    for (const auto& address : stub.addresses) zones += "  stub-addr: " + server_address(address) + "\n";
  }
  if (!forwarders.empty() && !zones.contains("name: \".\"")) {
    zones += "forward-zone:\n  name: \".\"\n";
    for (const auto& address : forwarders) zones += "  forward-addr: " + server_address(address) + "\n";
  }
  return out + zones;
}

}  // namespace veredus::io::dns
