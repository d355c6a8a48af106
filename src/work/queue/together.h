#pragma once

#include <vector>

#include "io/net/asio.h"
#include "io/net/task_group.h"

namespace veredus::work::queue {

/// Does all of it at the same time, on the caller's executor, and waits for the last. Not to be cancelled: the steps
/// work on what their caller holds.
inline asio::awaitable<void> together(std::vector<asio::awaitable<void>> steps) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  if (steps.size() == 1) {
    co_await std::move(steps.front());
  } else {
    io::net::TaskGroup group(co_await asio::this_coro::executor);
    for (auto& step : steps) group.spawn(std::move(step));
    co_await group.join();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
}

}  // namespace veredus::work::queue
