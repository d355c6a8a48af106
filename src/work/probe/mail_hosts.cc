#include "work/probe/mail_hosts.h"

#include <algorithm>

#include "io/dns/name.h"
#include "io/dns/resolver.h"

namespace veredus::work::probe {
namespace {

constexpr std::size_t kMaxHosts = 20;

/// RFC 5321 s5.1: a domain without MX is its own mail host.
asio::awaitable<void> be_own_host(io::dns::Resolver* resolver, Domain* domain) {
  MailHost host{.name = domain->name};
  co_await find_addresses(resolver, &host);
  if (!host.addresses.empty()) {
    domain->route = MailRoute::kImplicit;
    domain->hosts.push_back(std::move(host));
  } else {
    domain->error = host.error;
    domain->route = !host.error                                     ? MailRoute::kNone
                    : *host.error == io::dns::DnsError::kNoSuchName ? MailRoute::kNoSuchDomain
                                                                    : MailRoute::kDnsFailed;
  }
}

}  // namespace

asio::awaitable<void> find_addresses(io::dns::Resolver* resolver, MailHost* host) {
  const auto v4 = co_await resolver->a(host->name);
  const auto v6 = co_await resolver->aaaa(host->name);
  bool authentic = true;
  for (const auto* answer : {&v4, &v6}) {
    if (!*answer) {
      host->error = answer->error();
      authentic = false;
      continue;
    }
    const auto& records = (*answer)->records;
    host->addresses.insert(host->addresses.end(), records.begin(), records.end());
    host->is_alias |= (*answer)->canonical_name != host->name;
    authentic &= (*answer)->authentic;
  }
  if (!authentic) co_return;
  const auto tlsa = co_await resolver->tlsa("_25._tcp." + host->name);  // RFC 7672 s2.2
  host->tlsa = tlsa && tlsa->authentic && !tlsa->records.empty();
}

asio::awaitable<Domain> find_mail_hosts(io::dns::Resolver* resolver, std::string domain) {
  Domain out{.name = io::dns::query_name(domain).value_or(domain)};
  auto mx = co_await resolver->mx(domain);
  if (!mx) {
    out.error = mx.error();
    const bool absent = permanence(mx.error()) == Permanence::kPermanent;
    out.route = absent ? MailRoute::kNoSuchDomain : MailRoute::kDnsFailed;
    co_return out;
  }
  out.authentic = mx->authentic;
  auto& records = mx->records;
  std::ranges::sort(records);
  const bool null = std::ranges::any_of(records, &io::dns::MxRecord::is_null);
  if (null && records.size() == 1) {  // RFC 7505 s3
    out.route = MailRoute::kNullMx;
    co_return out;
  }
  out.null_mx_among_others = null;
  if (records.empty()) {
    co_await be_own_host(resolver, &out);
    co_return out;
  }
  for (const auto& record : records) {
    if (record.is_null() || out.hosts.size() == kMaxHosts) continue;
    MailHost host{.name = record.exchange, .preference = record.preference};
    co_await find_addresses(resolver, &host);
    out.hosts.push_back(std::move(host));
  }
  co_return out;
}

}  // namespace veredus::work::probe
