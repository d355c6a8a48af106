#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "io/net/asio.h"

namespace veredus::io::net {

enum class WorkError : std::uint8_t {
  kQueueFull,  // more work is waiting than the pool takes: answer "try again later"
  kStopped,    // the pool has ended
};
[[nodiscard]] std::string_view to_string(WorkError error);

/// Threads for what would hold up a reactor: password hashes, large parses, cold reads. Thread-safe.
class WorkerPool {
 public:
  struct Options {
    unsigned threads = 0;  // 0: as many as cores
    std::size_t queue_limit = 1024;
    int niceness = 0;             // added to the threads': a reactor that wakes beside one need not wait for it
    const char* name = "worker";  // the threads'; literal
  };

  WorkerPool() : WorkerPool(Options{}) {}
  explicit WorkerPool(Options options);
  /// Stops.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Runs `work()` on a thread of the pool; the caller resumes on its own executor with the result. `work` must not
  /// throw and must own what it uses: it runs to its end even when the caller is cancelled meanwhile.
  template <class Work>
  asio::awaitable<std::expected<std::invoke_result_t<Work>, WorkError>> run(Work work);

  /// Runs `job` on a thread of the pool, with nobody waiting. False: full or stopped, and it will not run.
  bool post(std::move_only_function<void()> job);

  /// Takes no more work, finishes what is queued and joins the threads. Blocks; not from a pool thread.
  void stop();
  [[nodiscard]] std::size_t waiting() const;

 private:
  WorkError refusal() const;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace veredus::io::net

#include "io/net/worker_pool_run.h"
