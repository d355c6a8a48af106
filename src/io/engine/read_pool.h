#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <type_traits>
#include <utility>

#include "io/engine/completions.h"
#include "io/net/asio.h"

namespace veredus::io::engine {

/// The few threads that may wait for the disk.
class ReadPool {
 public:
  explicit ReadPool(unsigned threads) : pool_(threads) {}
  ~ReadPool() { join(); }
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  /// Runs `work` on a pool thread and answers its result on the caller's executor.
  template <class Work>
  asio::awaitable<std::invoke_result_t<Work&>> run(Work work) {
    std::optional<std::invoke_result_t<Work&>> result;
    auto initiate = [this, &work, &result](auto handler) {
      auto job = [&work, &result, done = Completion(std::move(handler))]() mutable {
        result.emplace(work());
        CompletionGroup group;
        group.add(std::move(done));
        group.post();
      };
      asio::post(pool_, std::move(job));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate, asio::use_awaitable);
    co_return std::move(*result);
  }

  /// For work nobody awaits.
  template <class Work>
  void post(Work work) {
    asio::post(pool_, std::move(work));
  }

  /// Waits for all that was given; nothing may be given after.
  void join() { pool_.join(); }

 private:
  asio::thread_pool pool_;
};

}  // namespace veredus::io::engine
