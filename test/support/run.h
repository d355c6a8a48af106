#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "io/net/asio.h"

namespace veredus::test {

/// Runs one coroutine to its end on `io` and answers its result. For tests only. Throws std::bad_optional_access when
/// it has none after two minutes.
///
/// A thread that lets go of the last work of the run before may stop `io` after this one began: the loop starts it
/// again.
template <class T>
T run(asio::io_context& io, asio::awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T value) {
    failure = e;
    if (!e) result.emplace(std::move(value));
  });
  const auto guard = asio::make_work_guard(io);
  const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!result && !failure && std::chrono::steady_clock::now() < give_up_at) {
    if (io.stopped()) io.restart();
    io.run_one_until(give_up_at);
  }
  if (failure) std::rethrow_exception(failure);
  return std::move(result).value();
}

}  // namespace veredus::test
