#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

#include "io/net/asio.h"
#include "state/spool/queue_shards.h"
#include "work/queue/queue.h"
#include "work/queue/waiting.h"

namespace veredus::work::queue {

/// Writes results down, in waves: what comes while one is under way goes with the next, and each gathers for a moment,
/// so that one sync serves many. What cannot be written now is tried again until it is; nobody forgets it meanwhile.
/// Thread-safe.
class Settler {
 public:
  explicit Settler(Queue::Impl& queue);

  struct Result {
    Slot slot;
    state::spool::Settlement settlement;
  };
  void post(state::spool::Shard shard, Result result);
  /// Results that are not on disk yet.
  [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  using Wave = std::map<state::spool::Shard, std::vector<Result>>;
  struct Line {  // one for each reactor
    Wave gathered;
    bool writing = false;
  };
  asio::awaitable<void> work(std::size_t line);
  Wave next(std::size_t line);
  asio::awaitable<void> write(state::spool::Shard shard, std::vector<Result> results);
  void written(state::spool::Shard shard, const std::vector<Result>& results,
               const std::vector<state::spool::SharedEntry>& stored);
  void lost(const std::vector<Result>& results);

  Queue::Impl& queue_;
  std::mutex mutex_;
  std::vector<Line> lines_;
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace veredus::work::queue
