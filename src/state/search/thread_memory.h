#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <utility>
#include <vector>

#include "io/net/asio.h"
#include "io/net/memory_budget.h"
#include "state/search/progress.h"
#include "state/search/search_error.h"

namespace veredus::state::search {

/// What one THREAD takes of the memory that all of them may use together. Given back when it is destroyed. One thread
/// at a time.
class ThreadMemory {
 public:
  using Outcome = std::expected<void, SearchError>;

  /// The budget outlives it. `progress` may be null.
  ThreadMemory(io::net::MemoryBudget& budget, std::shared_ptr<const Progress> progress)
      : budget_(budget), progress_(std::move(progress)) {}

  /// Room for as much as it may become, all there is at most. Waits for others to give some back, `wait` at most: who
  /// holds nothing yet holds up nobody. Once, first of all. Errors: kBusy, kStopped.
  asio::awaitable<Outcome> begin(std::size_t octets, std::chrono::milliseconds wait);
  /// What it became, once, after begin(); the rest is given back.
  Outcome settle(std::size_t octets);
  /// More. Errors: kTooLarge: more than all may use; kBusy: others have it; kStopped.
  Outcome take(std::size_t octets);

 private:
  [[nodiscard]] bool is_stopped() const { return progress_ && progress_->stop.load(std::memory_order_relaxed); }

  io::net::MemoryBudget& budget_;
  std::shared_ptr<const Progress> progress_;
  std::vector<io::net::MemoryBudget::Share> shares_;
  std::size_t granted_ = 0;  // in the shares
  std::size_t taken_ = 0;    // of that
};

}  // namespace veredus::state::search
