#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/search/progress.h"
#include "state/search/search_error.h"

namespace veredus::state::search {

/// The octets that all searches may take together. Of what others leave, one account may take seven eighths, so that
/// something is left for the next one. Thread-safe.
class SearchBudget {
 public:
  explicit SearchBudget(std::size_t octets) : limit_(octets) {}

  /// The most that one account may ever have.
  [[nodiscard]] std::size_t limit_of_one() const { return limit_ - limit_ / 8; }
  [[nodiscard]] bool take(AccountId account, std::size_t octets);
  void give_back(AccountId account, std::size_t octets);

  /// Who holds something may wait for more only while all who do so hold an eighth at most: else nobody could go on.
  [[nodiscard]] bool begin_wait(std::size_t held);
  void end_wait(std::size_t held);
  [[nodiscard]] std::size_t used_octets() const;

 private:
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::size_t used_ = 0;
  std::size_t waiting_ = 0;                      // of that
  std::map<AccountId, std::size_t> by_account_;  // none has 0
};

/// What one search has of the budget. Given back when it is destroyed. One thread at a time.
class SearchMemory {
 public:
  using Outcome = std::expected<void, SearchError>;

  /// `progress` may be null.
  SearchMemory(std::shared_ptr<SearchBudget> budget, AccountId account, std::shared_ptr<const Progress> progress)
      : budget_(std::move(budget)), account_(account), progress_(std::move(progress)) {}
  SearchMemory(const SearchMemory&) = delete;
  SearchMemory& operator=(const SearchMemory&) = delete;
  ~SearchMemory() { give_back(held_); }

  /// More, now. Errors: kTooLarge: more than one account may have; kBusy: others have it; kStopped.
  Outcome take(std::size_t octets);
  /// The same, after waiting for others to give some back, `wait` at most.
  asio::awaitable<Outcome> wait_for(std::size_t octets, std::chrono::milliseconds wait);
  void give_back(std::size_t octets);
  /// Gives back all but `octets`.
  void shrink_to(std::size_t octets) {
    if (octets < held_) give_back(held_ - octets);
  }
  [[nodiscard]] std::size_t octets() const { return held_; }

 private:
  std::shared_ptr<SearchBudget> budget_;
  AccountId account_;
  std::shared_ptr<const Progress> progress_;
  std::size_t held_ = 0;
};

}  // namespace veredus::state::search
