#include "work/smtpclient/host_addresses.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <exception>
#include <utility>

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
  if (hosts.empty()) co_return hosts;
  const auto executor = co_await asio::this_coro::executor;
  using Question = decltype(asio::co_spawn(executor, look_up(resolver, {}, Family::kV4, nullptr), asio::deferred));
  std::vector<Question> questions;
  questions.reserve(hosts.size() * families.size());
  for (auto& host : hosts)
    for (std::size_t i = 0; i < families.size(); ++i)
      questions.push_back(
          asio::co_spawn(executor, look_up(resolver, host.name, families[i], &host.by_family[i]), asio::deferred));
  auto group = asio::experimental::make_parallel_group(std::move(questions));
  const auto [order, failures] = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
  co_return hosts;
}

}  // namespace veredus::work::smtpclient
