#include "work/smtpclient/site.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <random>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/idna.h"
#include "base/types/result.h"
#include "rules/mtasts/policy.h"
#include "work/smtpclient/host_addresses.h"
#include "work/smtpclient/host_dane.h"

namespace veredus::work::smtpclient {
namespace {

using io::dns::DnsError;
using io::net::Endpoint;
using io::net::IpAddress;

/// Which choices are made does not matter, only that others make others.
std::minstd_rand& dice() {
  thread_local std::minstd_rand generator(std::random_device{}());
  return generator;
}

SiteError error_of(DnsError error) {
  if (error == DnsError::kNoSuchName || error == DnsError::kMalformedName) return SiteError::kNoSuchDomain;
  if (error == DnsError::kBogus) return SiteError::kDnsBogus;
  return error == DnsError::kStopped ? SiteError::kStopped : SiteError::kDnsTemporary;
}

/// RFC 5321 s4.1.3: "[192.0.2.1]", "[IPv6:2001:db8::1]"
std::optional<IpAddress> literal_address(std::string_view domain) {
  if (!domain.starts_with('[') || !domain.ends_with(']')) return std::nullopt;
  domain = domain.substr(1, domain.size() - 2);
  constexpr std::string_view kTag = "IPv6:";
  if (!base::codec::istarts_with_ascii(domain, kTag)) {
    const auto address = IpAddress::parse(domain);
    return address && !address->is_v6() ? address : std::nullopt;
  }
  return IpAddress::parse(domain.substr(kTag.size()));
}

Site site_of_address(const IpAddress& address, std::uint16_t port) {
  Site site;
  const auto endpoint = Endpoint::ip(address, port);
  site.key = endpoint.to_string();
  site.hosts.push_back({.name = address.to_string(), .preference = 0, .addresses = {endpoint}});
  site.ttl = std::chrono::hours(1);
  return site;
}

/// RFC 5321 s5.1: in the order of preference; equal ones in any order, chosen anew each time.
void put_in_order(std::vector<io::dns::MxRecord>& records) {
  std::ranges::sort(records, {}, &io::dns::MxRecord::preference);
  for (auto begin = records.begin(); begin != records.end();) {
    const auto end =
        std::find_if(begin, records.end(), [&](const auto& r) { return r.preference != begin->preference; });
    std::shuffle(begin, end, dice());
    begin = end;
  }
}

std::vector<const MailHost*> by_name(const Site& site) {
  std::vector<const MailHost*> hosts;
  for (const auto& host : site.hosts) hosts.push_back(&host);
  std::ranges::sort(hosts, {}, &MailHost::name);
  return hosts;
}

char mark_of(const MailHost& host) {
  if (!host.dane) return '-';
  switch (host.dane->state) {
    case HostDane::State::kUsable:
      return 'd';
    case HostDane::State::kUnusable:
      return 'u';
    case HostDane::State::kFailed:
      break;
  }
  return 'f';
}

/// What DNSSEC says of the hosts, in the order of their names; empty: nothing of any. Where the domain's own name is
/// one that a certificate may have, nobody else shares the site.
std::string dane_mark(const Site& site, const std::vector<std::string>& next_hops) {
  std::string marks;
  bool by_anchor = false;
  for (const auto* host : by_name(site)) {
    marks.push_back(mark_of(*host));
    by_anchor = by_anchor || (host->dane && host->dane->by_anchor);
  }
  if (marks.find_first_not_of('-') == std::string::npos) return {};
  std::string mark = "|dane=" + marks;
  if (by_anchor && !next_hops.empty()) mark += "@" + next_hops.front();
  return mark;
}

}  // namespace

void apply_sts(Site& site, const rules::mtasts::Policy& policy) {
  bool all_listed = true;
  for (auto& host : site.hosts) {
    if (host.dane) continue;  // RFC 8461 s2: it never overrides DANE, whatever came of that
    host.sts = policy.lists(host.name) ? StsHost::kListed : StsHost::kNotListed;
    all_listed = all_listed && host.sts == StsHost::kListed;
  }
  site.key += "|sts";
  if (all_listed) return;
  site.key += "=";
  for (const auto* host : by_name(site)) site.key.push_back(host->sts == StsHost::kNotListed ? '0' : '1');
}

std::string_view to_string(SiteError error) {
  switch (error) {
    case SiteError::kNullMx:
      return "the domain takes no mail";
    case SiteError::kNoSuchDomain:
      return "the domain does not exist";
    case SiteError::kNoAddress:
      return "the domain has no mail host with an address";
    case SiteError::kLoopsBack:
      return "mail for the domain would come back to this server";
    case SiteError::kDnsTemporary:
      return "DNS does not answer for the domain now";
    case SiteError::kDnsBogus:
      return "what DNS says of the domain is not signed as it must be";
    case SiteError::kStopped:
      return "stopped";
  }
  return "unknown";
}

Permanence permanence(SiteError error) {
  switch (error) {
    case SiteError::kNullMx:
    case SiteError::kNoSuchDomain:
    case SiteError::kNoAddress:
    case SiteError::kLoopsBack:
      return Permanence::kPermanent;
    default:
      return Permanence::kTemporary;
  }
}

wire::smtp::EnhancedStatus status_of(SiteError error) {
  switch (error) {
    case SiteError::kNullMx:
      return {5, 1, 10};  // RFC 7505 s4.2
    case SiteError::kNoSuchDomain:
      return {5, 1, 2};  // RFC 3463 s3.2: bad destination system address
    case SiteError::kNoAddress:
      return {5, 4, 4};  // RFC 3463 s3.5: unable to route
    case SiteError::kLoopsBack:
      return {5, 4, 6};  // RFC 3463 s3.5: routing loop detected
    case SiteError::kDnsTemporary:
    case SiteError::kDnsBogus:
      return {4, 4, 3};  // RFC 3463 s3.5: directory server failure
    case SiteError::kStopped:
      return {4, 3, 0};
  }
  return {4, 0, 0};
}

/// One search under way.
struct SiteFinder::Search {
  Site site;
  bool loops = false;                 // this server is among the hosts: the search is over
  std::optional<SiteError> obstacle;  // of a host: what is said when no host is left
  std::size_t addresses = 0;
  std::vector<DaneQuestion> dane;  // of the hosts, in order; empty: nobody asks
  std::vector<std::string> next_hops;

  void limit_ttl(std::chrono::seconds ttl) { site.ttl = std::min(site.ttl, ttl); }
  [[nodiscard]] std::expected<Site, SiteError> finish();
};

std::expected<Site, SiteError> SiteFinder::Search::finish() {
  if (site.hosts.empty()) {
    if (loops) return std::unexpected(SiteError::kLoopsBack);
    return std::unexpected(obstacle.value_or(SiteError::kNoAddress));
  }
  std::vector<std::string_view> names;
  for (const auto& host : site.hosts) names.push_back(host.name);
  std::ranges::sort(names);
  for (const auto name : names) {
    if (!site.key.empty()) site.key.push_back(',');
    site.key.append(name);
  }
  if (const auto port = site.hosts.front().addresses.front().port; port != 25) site.key += ":" + std::to_string(port);
  const auto mark = dane_mark(site, next_hops);
  // RFC 8689 s4.2.1: whether the hosts' names are proven is the domain's matter; DANE alone says that they are.
  site.key += mark.empty() && site.by_mx && site.authentic ? "|signed" : mark;
  return std::move(site);
}

SiteFinder::SiteFinder(io::dns::Resolver& resolver, Options options)
    : resolver_(&resolver), options_(std::move(options)) {
  for (auto& name : options_.own_names) name = base::codec::to_ascii(name).value_or(name);
}

bool SiteFinder::is_own_name(std::string_view name) const {
  return std::ranges::find(options_.own_names, name) != options_.own_names.end();
}

std::vector<IpAddress::Family> SiteFinder::families() const {
  using Family = IpAddress::Family;
  switch (options_.families) {
    case Families::kV6First:
      return {Family::kV6, Family::kV4};
    case Families::kV4First:
      return {Family::kV4, Family::kV6};
    case Families::kV6Only:
      return {Family::kV6};
    case Families::kV4Only:
      return {Family::kV4};
  }
  return {};
}

/// Adds a host with its addresses, in the order of the families. Answers false when it is this server.
bool SiteFinder::add_host(Search& search, HostAddresses found, unsigned preference, std::uint16_t port) const {
  auto question = options_.dane ? std::optional(dane_question(found, port, search.next_hops)) : std::nullopt;
  MailHost host{.name = std::move(found.name), .preference = preference, .addresses = {}};
  bool own = is_own_name(host.name);
  for (auto& answer : found.by_family) {
    if (!answer) {
      const auto error = error_of(answer.error());
      if (permanence(error) == Permanence::kTemporary) search.obstacle = error;
      continue;
    }
    search.limit_ttl(answer->ttl);
    own = own || is_own_name(answer->canonical_name);
    std::ranges::shuffle(answer->records, dice());
    for (const auto& address : answer->records) {
      own = own || std::ranges::find(options_.own_addresses, address) != options_.own_addresses.end();
      if (search.addresses == options_.max_addresses) continue;
      host.addresses.push_back(Endpoint::ip(address, port));
      ++search.addresses;
    }
  }
  if (own && port == options_.port) return false;
  if (host.addresses.empty()) return true;
  search.site.hosts.push_back(std::move(host));
  if (question) search.dane.push_back(*std::move(question));
  return true;
}

asio::awaitable<std::expected<Site, SiteError>> SiteFinder::find(std::string domain) {
  if (const auto address = literal_address(domain)) {
    const bool own = std::ranges::find(options_.own_addresses, *address) != options_.own_addresses.end();
    if (own) co_return std::unexpected(SiteError::kLoopsBack);
    co_return site_of_address(*address, options_.port);
  }
  const auto name = base::codec::to_ascii(domain);
  if (!name) co_return std::unexpected(SiteError::kNoSuchDomain);
  auto answer = co_await resolver_->mx(*name);
  if (!answer) co_return std::unexpected(error_of(answer.error()));

  Search search;
  search.site.ttl = answer->ttl;
  search.site.authentic = answer->authentic;
  auto& records = answer->records;
  // RFC 7505 s3: "." alone; among others it means nothing (s4.1 has it alone).
  if (records.size() == 1 && records.front().is_null()) co_return std::unexpected(SiteError::kNullMx);
  const bool implicit = records.empty();
  std::erase_if(records, [](const auto& r) { return r.is_null(); });
  // RFC 5321 s5.1: without MX records the domain, or what it is an alias of, is its own mail host.
  if (implicit) records.push_back({0, answer->canonical_name.empty() ? *name : answer->canonical_name});
  put_in_order(records);
  search.site.by_mx = true;
  search.next_hops = {*name};
  if (!answer->canonical_name.empty() && answer->canonical_name != *name)
    search.next_hops.push_back(answer->canonical_name);
  co_await add_hosts(&search, std::move(records));
  // RFC 7672 s2.2.1: whoever can forge the names of the hosts gains nothing by certificates of those.
  if (search.site.authentic) co_await add_dane(&search);
  co_return search.finish();
}

/// Asks what DNSSEC says of the hosts that are left.
asio::awaitable<void> SiteFinder::add_dane(Search* search) {
  std::vector<DaneQuestion> questions;
  for (const auto& host : search->site.hosts) {
    const auto is_of_host = [&host](const DaneQuestion& question) {
      return question.host == host.name && question.port == host.addresses.front().port;
    };
    const auto of_host = std::ranges::find_if(search->dane, is_of_host);
    questions.push_back(of_host == search->dane.end() ? DaneQuestion() : *of_host);
  }
  if (search->dane.empty()) co_return;
  auto found = co_await look_up_dane(resolver_, std::move(questions));
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) continue;
    if (found[i]->ttl) search->limit_ttl(*found[i]->ttl);
    search->site.hosts[i].dane = std::move(found[i]);
  }
}

/// RFC 5321 s5.1: this server's own name cuts off all hosts that are not better.
asio::awaitable<void> SiteFinder::add_hosts(Search* search, std::vector<io::dns::MxRecord> records) {
  const auto own = std::ranges::find_if(records, [this](const auto& r) { return is_own_name(r.exchange); });
  if (own != records.end()) {
    search->loops = true;
    const auto limit = own->preference;
    std::erase_if(records, [limit](const auto& r) { return r.preference >= limit; });
  }
  if (records.size() > options_.max_hosts) records.resize(options_.max_hosts);
  std::vector<std::string> names;
  for (auto& record : records) names.push_back(std::move(record.exchange));
  auto hosts = co_await look_up_hosts(resolver_, std::move(names), families());
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto limit = records[i].preference;
    if (add_host(*search, std::move(hosts[i]), limit, options_.port)) continue;
    search->loops = true;
    std::erase_if(search->site.hosts, [limit](const auto& host) { return host.preference >= limit; });
    co_return;
  }
}

asio::awaitable<std::expected<Site, SiteError>> SiteFinder::find_hosts(std::vector<HostPort> hosts) {
  Search search;
  search.site.ttl = std::chrono::hours(1);
  std::vector<std::string> names;
  for (const auto& host : hosts)
    if (!IpAddress::parse(host.host)) names.push_back(base::codec::to_ascii(host.host).value_or(""));
  std::vector<std::string> to_ask = names;
  std::erase(to_ask, "");
  auto answers = co_await look_up_hosts(resolver_, std::move(to_ask), families());
  auto name = names.begin();
  auto answer = answers.begin();
  unsigned preference = 0;
  for (const auto& host : hosts) {
    if (const auto address = IpAddress::parse(host.host)) {
      auto one = site_of_address(*address, host.port);
      search.site.hosts.push_back(std::move(one.hosts.front()));
      search.site.hosts.back().preference = preference++;
      continue;
    }
    if ((name++)->empty()) continue;
    // Configuration may name this machine, at another port than its own.
    if (!add_host(search, std::move(*answer++), preference++, host.port)) search.loops = true;
  }
  co_await add_dane(&search);  // RFC 7672 s2.2.2: a host named by configuration is known without DNS
  co_return search.finish();
}

}  // namespace veredus::work::smtpclient
