#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "io/net/asio.h"
#include "state/spool/queue_shards.h"
#include "work/queue/queue.h"
#include "work/queue/waiting.h"

namespace veredus::work::queue {

/// Writes results down: those of one shard that come while a commit of it is under way go into the next one. What
/// cannot be written now is tried again until it is; nobody forgets it meanwhile. Thread-safe.
class Settler {
 public:
  explicit Settler(Queue::Impl& queue) : queue_(queue) {}

  struct Result {
    Slot slot;
    state::spool::Settlement settlement;
  };
  void post(state::spool::Shard shard, Result result);
  /// Results that are not on disk yet.
  [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  struct Line {
    std::vector<Result> results;
    bool writing = false;
  };
  asio::awaitable<void> write(state::spool::Shard shard);
  std::vector<Result> next(state::spool::Shard shard);
  void written(state::spool::Shard shard, const std::vector<Result>& results,
               const std::vector<state::spool::SharedEntry>& stored);
  void lost(const std::vector<Result>& results);

  Queue::Impl& queue_;
  std::mutex mutex_;
  std::array<Line, state::spool::kShards> lines_;
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace veredus::work::queue
