#include "work/records/survey.h"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <exception>
#include <utility>

#include "work/records/looks.h"

namespace veredus::work::records {

namespace {

using LookAt = Look (*)(const Subject*);

/// In the order in which people read them.
constexpr std::array<LookAt, 9> kLooks{look_at_exchanges, look_at_spf,      look_at_keys,
                                       look_at_dmarc,     look_at_mta_sts,  look_at_tls_reports,
                                       look_at_tlsa,      look_at_pointers, look_at_services};

asio::awaitable<void> fill(LookAt look, const Subject* subject, std::vector<Check>* out) {
  *out = co_await look(subject);
}

}  // namespace

asio::awaitable<Report> survey(io::dns::Resolver* resolver, OwnHost host, OwnDomain domain, SystemTime now) {
  Subject subject{
      .resolver = resolver, .host = std::move(host), .domain = std::move(domain), .now = now, .addresses = {}};
  Report report{.domain = subject.domain.name, .checks = co_await look_at_host(&subject)};
  std::array<std::vector<Check>, kLooks.size()> found;
  const auto executor = co_await asio::this_coro::executor;
  using Task = decltype(asio::co_spawn(executor, fill(nullptr, nullptr, nullptr), asio::deferred));
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < kLooks.size(); ++i)
    tasks.push_back(asio::co_spawn(executor, fill(kLooks[i], &subject, &found[i]), asio::deferred));
  auto group = asio::experimental::make_parallel_group(std::move(tasks));
  const auto [order, failures] = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
  for (auto& checks : found)
    for (auto& check : checks) report.checks.push_back(std::move(check));
  co_return report;
}

}  // namespace veredus::work::records
