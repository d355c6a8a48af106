#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "io/dns/name.h"
#include "work/records/looks.h"

namespace veredus::work::records {

using io::net::IpAddress;

namespace {

/// All addresses of a name, IPv4 first; the error when neither question had an answer.
asio::awaitable<std::expected<std::vector<IpAddress>, io::dns::DnsError>> addresses_of(io::dns::Resolver* resolver,
                                                                                       std::string name) {
  std::vector<IpAddress> out;
  auto v4 = co_await resolver->a(name);
  auto v6 = co_await resolver->aaaa(name);
  if (!v4 && !v6) co_return std::unexpected(says_nothing_there(v4.error()) ? v6.error() : v4.error());
  if (v4) out.insert(out.end(), v4->records.begin(), v4->records.end());
  if (v6) out.insert(out.end(), v6->records.begin(), v6->records.end());
  co_return out;
}

}  // namespace

Look look_at_host(Subject* subject) {
  const auto& host = subject->host.name;
  Check check{.kind = "A", .name = host, .record = zone_line(host, "A", "<this machine's IPv4 address>")};
  auto addresses = co_await addresses_of(subject->resolver, host);
  if (!addresses && note_failure(check, addresses.error())) co_return std::vector{check};
  if (addresses) subject->addresses = *std::move(addresses);
  if (subject->addresses.empty()) {
    set_missing(check, "this server's name has no address: nobody finds it");
    co_return std::vector{check};
  }
  check.state = State::kOk;
  check.record.clear();
  for (const auto& address : subject->addresses) {
    check.found.push_back(address.to_string());
    check.record +=
        (check.record.empty() ? "" : "\n") + zone_line(host, address.is_v6() ? "AAAA" : "A", address.to_string());
  }
  co_return std::vector{check};
}

/// Other hosts take little from addresses whose names do not lead back: each that mail leaves from needs one.
Look look_at_pointers(const Subject* subject) {
  std::vector<Check> out;
  std::set<IpAddress> addresses(subject->addresses.begin(), subject->addresses.end());
  addresses.insert(subject->host.egress.begin(), subject->host.egress.end());
  for (const auto& address : addresses) {
    Check check{.kind = "PTR", .name = io::dns::reverse_name(address)};
    check.record = zone_line(check.name, "PTR", subject->host.name + ".");
    const auto answer = co_await subject->resolver->ptr(address);
    if (answer) check.found = answer->records;
    const auto fix = fmt::format("have the provider of {} set: {}", address.to_string(), check.record);
    if (!answer && note_failure(check, answer.error())) {
      // said already
    } else if (check.found.empty()) {
      set_missing(check, "the address has no name");
      check.fix = fix;
    } else if (std::ranges::find(check.found, subject->host.name) != check.found.end()) {
      check.state = State::kOk;
    } else {
      set_wrong(check, "the address is called otherwise", fix);
    }
    out.push_back(std::move(check));
  }
  co_return out;
}

Look look_at_exchanges(const Subject* subject) {
  const auto& host = subject->host.name;
  Check check{.kind = "MX", .name = subject->domain.name};
  check.record = zone_line(check.name, "MX", fmt::format("10 {}.", host));
  const auto answer = co_await subject->resolver->mx(check.name);
  if (!answer && note_failure(check, answer.error())) co_return std::vector{check};
  std::vector<std::string> hosts;
  bool is_null = false;
  if (answer)
    for (const auto& record : answer->records) {
      check.found.push_back(fmt::format("{} {}.", record.preference, record.is_null() ? "" : record.exchange));
      is_null = is_null || record.is_null();
      hosts.push_back(record.exchange);
    }
  if (hosts.empty()) {
    set_missing(check, "the domain has no MX record");
    co_return std::vector{check};
  }
  if (is_null) {  // RFC 7505 s3
    set_wrong(check, "a null MX says that the domain takes no mail",
              fmt::format("remove: {}\nadd: {}", zone_line(check.name, "MX", "0 ."), check.record));
    co_return std::vector{check};
  }
  check.state = State::kOk;
  if (std::ranges::find(hosts, host) != hosts.end()) {
    // RFC 5321 s5.1: the name in an MX record must not be an alias.
    const auto alias = co_await subject->resolver->cname(host);
    if (alias && !alias->records.empty())
      set_wrong(check, fmt::format("{} is an alias (CNAME), which a mail host must not be", host),
                fmt::format("give {} an A record of its own instead of the CNAME", host));
    co_return std::vector{check};
  }
  for (const auto& other : hosts) {  // another name of this server does as well
    const auto addresses = co_await addresses_of(subject->resolver, other);
    if (!addresses) continue;
    for (const auto& address : *addresses)
      if (std::ranges::find(subject->addresses, address) != subject->addresses.end()) {
        check.problem = fmt::format("{} is another name of this server", other);
        co_return std::vector{check};
      }
  }
  set_wrong(check, "mail goes to other hosts, and none of them is this server", fmt::format("add: {}", check.record));
  co_return std::vector{check};
}

Look look_at_services(const Subject* subject) {
  std::vector<Check> out;
  unsigned priority = 0;
  for (const auto& service : subject->host.services) {
    Check check{.kind = "SRV",
                .name = fmt::format("{}._tcp.{}", service.name, subject->domain.name),
                .need = Need::kRecommended};
    check.record = zone_line(check.name, "SRV", fmt::format("{} 1 {} {}.", priority, service.port, subject->host.name));
    priority += 10;
    const auto answer = co_await subject->resolver->srv(check.name);
    bool leads_here = false;
    if (answer)
      for (const auto& [rank, weight, port, target] : answer->records) {
        check.found.push_back(fmt::format("{} {} {} {}{}", rank, weight, port, target, target == "." ? "" : "."));
        leads_here = leads_here || (port == service.port && target == subject->host.name);
      }
    if (!answer && note_failure(check, answer.error())) {
      // said already
    } else if (check.found.empty()) {
      set_missing(check, "mail programs do not find the service by themselves");
    } else if (leads_here) {
      check.state = State::kOk;
    } else {
      set_wrong(check, "it leads to another host or port", fmt::format("replace by: {}", check.record));
    }
    out.push_back(std::move(check));
  }
  co_return out;
}

}  // namespace veredus::work::records
