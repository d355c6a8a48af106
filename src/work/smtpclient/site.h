#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/result.h"
#include "io/dns/resolver.h"
#include "io/net/asio.h"
#include "io/net/endpoint.h"
#include "wire/smtp/reply.h"

namespace veredus::rules::mtasts {
struct Policy;
}

namespace veredus::work::smtpclient {

struct HostAddresses;
struct HostDane;

/// What the MTA-STS policy of the recipients' domain says of one host, where it is enforced.
enum class StsHost : std::uint8_t {
  kFree,       // nothing: there is no such policy, or DANE says more (RFC 8461 s2)
  kListed,     // its certificate must be trusted, and its own
  kNotListed,  // RFC 8461 s5: it gets no mail
};

/// One machine that takes mail for a domain.
struct MailHost {
  std::string name;  // A-labels, lower case, no trailing dot; the address itself for a literal
  unsigned preference = 0;
  std::vector<io::net::Endpoint> addresses;        // in the order to try; never empty
  std::shared_ptr<const HostDane> dane = nullptr;  // null: DNSSEC says nothing of its TLS
  StsHost sts = StsHost::kFree;
};

/// Where mail for a domain goes, in the order to try; hosts of equal preference are shuffled.
struct Site {
  /// The hosts' names, sorted and joined by ',', and what is asked of TLS with them: domains with the same mail hosts
  /// and the same rules share it.
  std::string key;
  std::vector<MailHost> hosts;
  std::chrono::seconds ttl{0};
  bool authentic = false;  // DNSSEC vouches for the host names (RFC 7672 s2.2.1)
  bool by_mx = false;      // the host names are what DNS says of a domain, not what configuration says
};

enum class SiteError : std::uint8_t {
  kNullMx,        // RFC 7505: the domain takes no mail
  kNoSuchDomain,  // NXDOMAIN, or a name that is none
  kNoAddress,     // no MX record, or none of its hosts, has a usable address
  kLoopsBack,     // RFC 5321 s5.1: the best host is this one
  kDnsTemporary,  // SERVFAIL, no answer
  kDnsBogus,      // DNSSEC: the answer is forged, or the zone is broken
  kStopped,       // this server stops
};
[[nodiscard]] std::string_view to_string(SiteError error);
[[nodiscard]] Permanence permanence(SiteError error);
[[nodiscard]] wire::smtp::EnhancedStatus status_of(SiteError error);

/// Takes note of what the domain's policy, which is enforced, says of the hosts that DNSSEC says nothing of.
void apply_sts(Site& site, const rules::mtasts::Policy& policy);

/// A host that was named by configuration; its name is looked up, its MX records are not.
struct HostPort {
  std::string host;  // a name, or an address without brackets
  std::uint16_t port = 25;

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// Finds the mail hosts of domains. Thread-safe; the resolver must outlive it. Source: RFC 5321 s5.1, RFC 7505.
class SiteFinder {
 public:
  enum class Families : std::uint8_t { kV6First, kV4First, kV6Only, kV4Only };
  struct Options {
    std::vector<std::string> own_names;             // any case; they and worse hosts are cut from a list
    std::vector<io::net::IpAddress> own_addresses;  // the same for hosts that have one of these
    std::uint16_t port = 25;
    Families families = Families::kV6First;
    std::size_t max_hosts = 10;      // of a site; worse ones are not looked at
    std::size_t max_addresses = 20;  // of all hosts of a site
    bool dane = true;                // TLSA records are asked for where they can be trusted
  };

  SiteFinder(io::dns::Resolver& resolver, Options options);

  /// `domain`: U-labels or A-labels, or an address literal with brackets.
  asio::awaitable<std::expected<Site, SiteError>> find(std::string domain);
  /// Smart hosts, in the order given.
  asio::awaitable<std::expected<Site, SiteError>> find_hosts(std::vector<HostPort> hosts);

 private:
  struct Search;
  [[nodiscard]] bool is_own_name(std::string_view name) const;
  asio::awaitable<void> add_hosts(Search* search, std::vector<io::dns::MxRecord> records);
  asio::awaitable<void> add_dane(Search* search);
  bool add_host(Search& search, HostAddresses found, unsigned preference, std::uint16_t port) const;
  [[nodiscard]] std::vector<io::net::IpAddress::Family> families() const;

  io::dns::Resolver* resolver_;
  Options options_;
};

}  // namespace veredus::work::smtpclient
