#include "io/net/run_together.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

namespace veredus::io::net {

asio::awaitable<void> run_together(std::vector<asio::awaitable<void>> works) {
  if (works.empty()) co_return;
  const auto executor = co_await asio::this_coro::executor;
  using Job = decltype(asio::co_spawn(executor, std::move(works.front()), asio::deferred));
  std::vector<Job> jobs;
  jobs.reserve(works.size());
  for (auto& work : works) jobs.push_back(asio::co_spawn(executor, std::move(work), asio::deferred));
  auto group = asio::experimental::make_parallel_group(std::move(jobs));
  const auto [order, failures] = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace veredus::io::net
