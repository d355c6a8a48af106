#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <future>
#include <optional>
#include <utility>

#include "io/net/asio.h"

namespace veredus::app::server {

/// Runs `work` to its end on an io_context of its own, on this thread. For start-up, before the reactors run.
template <class T>
T run_here(asio::awaitable<T> work) {
  asio::io_context context(1);
  std::optional<T> result;
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown, T value) {
    failure = thrown;
    if (!thrown) result.emplace(std::move(value));
  });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(result).value();
}

/// Runs `work` on a running executor and waits for it. Never from that executor's own thread.
template <class T>
T wait_for(asio::any_io_executor executor, asio::awaitable<T> work) {
  std::promise<T> promise;
  auto future = promise.get_future();
  asio::co_spawn(executor, std::move(work), [&](std::exception_ptr thrown, T value) {
    if (thrown)
      promise.set_exception(thrown);
    else
      promise.set_value(std::move(value));
  });
  return future.get();
}

inline void wait_for(asio::any_io_executor executor, asio::awaitable<void> work) {
  std::promise<void> promise;
  auto future = promise.get_future();
  asio::co_spawn(executor, std::move(work), [&](std::exception_ptr thrown) {
    if (thrown)
      promise.set_exception(thrown);
    else
      promise.set_value();
  });
  future.get();
}

}  // namespace veredus::app::server
