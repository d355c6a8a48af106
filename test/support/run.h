#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "io/net/asio.h"

namespace veredus::test {

/// Runs one coroutine to its end on `io` and answers its result. For tests only.
template <class T>
T run(asio::io_context& io, asio::awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T value) {
    failure = e;
    if (!e) result.emplace(std::move(value));
  });
  io.restart();
  while (!result && !failure && io.run_one() != 0) {
  }
  if (failure) std::rethrow_exception(failure);
  return std::move(result).value();
}

}  // namespace veredus::test
