#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <future>
#include <optional>
#include <utility>

#include "io/net/asio.h"

namespace veredus::app::server {

/// The io_context of `run_here`. It lives as long as the process: the thread that posted the last step of a work (a
/// worker, the committer) may still be inside that post when the step has run.
inline asio::io_context& start_up_context() {
  static asio::io_context context;
  return context;
}

/// Runs `work` to its end on this thread. For start-up, before the reactors run; by one thread at a time.
template <class T>
T run_here(asio::awaitable<T> work) {
  auto& context = start_up_context();
  std::optional<T> result;
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown, T value) {
    failure = thrown;
    if (!thrown) result.emplace(std::move(value));
  });
  context.restart();
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
