#pragma once

#include "io/net/worker_pool.h"

namespace veredus::io::net {

template <class Work>
asio::awaitable<std::expected<std::invoke_result_t<Work>, WorkError>> WorkerPool::run(Work work) {
  using Value = std::invoke_result_t<Work>;
  using Outcome = std::expected<Value, WorkError>;
  using Signature = void(Outcome);

  auto initiate = [this](auto handler, Work job) {
    const auto executor = asio::get_associated_executor(handler);
    // Shared, because a refused job gives nothing back and the handler must be called all the same.
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    auto finish = [executor, kept](Outcome outcome) {
      asio::post(executor, [kept, outcome = std::move(outcome)]() mutable { std::move (*kept)(std::move(outcome)); });
    };
    const bool taken = post([finish, job = std::move(job)]() mutable {
      if constexpr (std::is_void_v<Value>) {
        job();
        finish(Outcome{});
      } else {
        finish(Outcome{job()});
      }
    });
    if (!taken) finish(std::unexpected(refusal()));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, Signature>(std::move(initiate), asio::use_awaitable,
                                                                         std::move(work));
}

}  // namespace veredus::io::net
