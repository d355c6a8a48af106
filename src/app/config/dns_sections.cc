#include "app/config/lists.h"
#include "app/config/sections.h"
#include "io/dns/name.h"

namespace veredus::app::config {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::string_view kRootAnchor = "/usr/share/dns/root.key";  // of Debian's package dns-root-data

/// "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353".
std::optional<io::net::Endpoint> server_of(const std::string& text) {
  if (const auto address = io::net::IpAddress::parse(text)) return io::net::Endpoint::ip(*address, kDnsPort);
  auto endpoint = io::net::Endpoint::parse(text);
  if (!endpoint || endpoint->kind != io::net::Endpoint::Kind::kIp || endpoint->port == 0) return std::nullopt;
  return endpoint;
}

std::vector<io::net::Endpoint> read_servers(TableReader& in, const toml::node* node) {
  std::vector<std::string> texts;
  in.read(node, texts);
  std::vector<io::net::Endpoint> servers;
  for (const auto& text : texts) {
    if (auto server = server_of(text))
      servers.push_back(*std::move(server));
    else
      in.fail(node,
              "wants addresses, with a port where it is not 53, such as [\"192.0.2.53\", \"[2001:db8::53]:5353\"]");
  }
  return servers;
}

void read_stub_zone(const toml::table& table, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(&table, "dns.stub_zone.", place.file, errors);
  io::dns::StubZone zone;
  const auto* name = in.key("dns.stub_zone.name");
  in.read(name, zone.name);
  if (const auto known = io::dns::query_name(zone.name))
    zone.name = *known;
  else if (name != nullptr)
    in.fail(name, "wants the name of a zone, such as \"corp.example.org\", or \".\" for all");
  zone.addresses = read_servers(in, in.key("dns.stub_zone.servers"));
  in.read(in.key("dns.stub_zone.validate"), zone.validate);
  in.finish();
  if (name == nullptr || zone.addresses.empty())
    errors.push_back({place.file, table.source().begin.line, "a [[dns.stub_zone]] needs 'name' and 'servers'"});
  else
    to.dns.stub_zones.push_back(std::move(zone));
}

/// Whom to ask. Forwarders make a source of their own; two answers to one question are a mistake.
void read_source(TableReader& in, Configuration& to) {
  using io::dns::Source;
  const auto* source = in.key("dns.source");
  const auto* forwarders = in.key("dns.forwarders");
  to.dns.forwarders = read_servers(in, forwarders);
  if (!to.dns.forwarders.empty()) to.dns.source = Source::kForwarders;
  if (const auto choice = in.read_choice(source, {"system", "forwarders", "root"}))
    to.dns.source = static_cast<Source>(*choice);
  if (to.dns.source == Source::kForwarders && to.dns.forwarders.empty())
    in.fail(source, "is \"forwarders\", and 'dns.forwarders' names none");
  if (to.dns.source != Source::kForwarders && !to.dns.forwarders.empty())
    in.fail(forwarders, "are not asked while 'dns.source' is something else");
}

/// Whoever names an anchor wants validation, and whoever names "" wants none. Else it is validated wherever that is
/// proven to work: a default must not make mail undeliverable behind a server that strips signatures.
void read_validation(TableReader& in, Configuration& to) {
  enum Choice : std::size_t { kAuto, kAlways, kNever };
  const auto* anchor = in.key("dns.trust_anchor");
  const auto* validate = in.key("dns.validate");
  std::string file(kRootAnchor);
  in.read(anchor, file);
  const std::size_t usual = anchor != nullptr                         ? file.empty() ? kNever : kAlways
                            : to.dns.source == io::dns::Source::kRoot ? kAlways
                                                                      : kAuto;
  const auto choice = in.read_choice(validate, {"auto", "always", "never"}).value_or(usual);
  if (file.empty() && choice != kNever) in.fail(validate, "needs 'dns.trust_anchor'");
  if (choice == kAlways) to.dns.trust_anchor_file = file;
  if (choice == kAuto) to.proven_anchor = file;
}

}  // namespace

void read_dns(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "dns", place, errors), "dns.", place.file, errors);
  read_source(in, to);
  in.read(in.key("dns.resolv_conf"), to.dns.resolv_conf);
  read_validation(in, to);
  in.read(in.key("dns.root_hints"), to.dns.root_hints_file);
  in.read_size(in.key("dns.cache"), to.dns.cache_octets);
  in.read(in.key("dns.minimum_ttl"), to.dns.minimum_ttl);
  in.read(in.key("dns.maximum_ttl"), to.dns.maximum_ttl);
  const auto* deadline = in.key("dns.deadline");
  in.read(deadline, to.dns.deadline);
  if (to.dns.deadline < std::chrono::milliseconds(100)) in.fail(deadline, "wants at least \"100ms\"");
  in.read(in.key("dns.in_flight"), to.dns.in_flight, 1, 10'000);
  in.read(in.key("dns.ipv6"), to.dns.use_ipv6);
  for (const auto* zone : tables_of(in, in.key("dns.stub_zone"), "dns.stub_zone"))
    read_stub_zone(*zone, place, to, errors);
  in.finish();
}

}  // namespace veredus::app::config
