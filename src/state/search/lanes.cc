#include "state/search/lanes.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace veredus::state::search {
namespace {

struct Shared {
  Pieces* pieces;
  Pieces::Outcome outcome;
};

asio::awaitable<void> run_one(Shared* shared) {
  while (shared->outcome) {
    const auto more = co_await shared->pieces->next();
    if (!more) shared->outcome = std::unexpected(more.error());
    if (!more || !*more) co_return;
  }
}

}  // namespace

asio::awaitable<Pieces::Outcome> run_lanes(Pieces* pieces, std::size_t lanes) {
  Shared shared{pieces, {}};
  if (lanes <= 1) {
    co_await run_one(&shared);
    co_return shared.outcome;
  }
  const auto executor = co_await asio::this_coro::executor;
  using Lane = decltype(asio::co_spawn(executor, run_one(&shared), asio::deferred));
  std::vector<Lane> running;
  running.reserve(lanes);
  for (std::size_t i = 0; i < lanes; ++i) running.push_back(asio::co_spawn(executor, run_one(&shared), asio::deferred));
  auto group = asio::experimental::make_parallel_group(std::move(running));
  const auto [order, failures] = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
  co_return shared.outcome;
}

}  // namespace veredus::state::search
