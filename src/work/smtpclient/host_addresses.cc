#include "work/smtpclient/host_addresses.h"

#include <utility>

#include "io/net/run_together.h"

namespace veredus::work::smtpclient {
namespace {

using Family = io::net::IpAddress::Family;

asio::awaitable<void> look_up(io::dns::Resolver* resolver, std::string name, Family family,
                              HostAddresses::Answer* answer) {
  auto asked = family == Family::kV6 ? resolver->aaaa(std::move(name)) : resolver->a(std::move(name));
  *answer = co_await std::move(asked);
}

}  // namespace

asio::awaitable<std::vector<HostAddresses>> look_up_hosts(io::dns::Resolver* resolver, std::vector<std::string> names,
                                                          std::vector<Family> families) {
  std::vector<HostAddresses> hosts(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    hosts[i].name = std::move(names[i]);
    hosts[i].by_family.resize(families.size(), std::unexpected(io::dns::DnsError::kStopped));
  }
  std::vector<asio::awaitable<void>> questions;
  questions.reserve(hosts.size() * families.size());
  for (auto& host : hosts)
    for (std::size_t i = 0; i < families.size(); ++i)
      questions.push_back(look_up(resolver, host.name, families[i], &host.by_family[i]));
  co_await io::net::run_together(std::move(questions));
  co_return hosts;
}

}  // namespace veredus::work::smtpclient
