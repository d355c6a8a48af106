#include "state/search/search_memory.h"

#include <algorithm>

#include "io/net/deadline.h"

namespace veredus::state::search {
namespace {

constexpr std::chrono::milliseconds kLookEvery{100};

class Wait {
 public:
  Wait(SearchBudget& budget, std::size_t held) : budget_(budget), held_(held), granted_(budget.begin_wait(held)) {}
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  ~Wait() {
    if (granted_) budget_.end_wait(held_);
  }
  [[nodiscard]] bool granted() const { return granted_; }

 private:
  SearchBudget& budget_;
  std::size_t held_;
  bool granted_;
};

}  // namespace

bool SearchBudget::take(AccountId account, std::size_t octets) {
  const std::lock_guard lock(mutex_);
  const auto at = by_account_.find(account);
  const std::size_t own = at == by_account_.end() ? 0 : at->second;
  const std::size_t left = limit_ - (used_ - own);
  const std::size_t most = left - left / 8;
  if (own > most || octets > most - own) return false;
  used_ += octets;
  by_account_[account] += octets;
  return true;
}

void SearchBudget::give_back(AccountId account, std::size_t octets) {
  const std::lock_guard lock(mutex_);
  const auto at = by_account_.find(account);
  used_ -= octets;
  at->second -= octets;
  if (at->second == 0) by_account_.erase(at);
}

bool SearchBudget::begin_wait(std::size_t held) {
  const std::lock_guard lock(mutex_);
  if (held > 0 && waiting_ + held > limit_ / 8) return false;
  waiting_ += held;
  return true;
}

void SearchBudget::end_wait(std::size_t held) {
  const std::lock_guard lock(mutex_);
  waiting_ -= held;
}

std::size_t SearchBudget::used_octets() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

SearchMemory::Outcome SearchMemory::take(std::size_t octets) {
  if (progress_ && progress_->stop.load(std::memory_order_relaxed)) return std::unexpected(SearchError::kStopped);
  if (octets == 0) return {};
  const std::size_t most = budget_->limit_of_one();
  if (held_ > most || octets > most - held_) return std::unexpected(SearchError::kTooLarge);
  if (!budget_->take(account_, octets)) return std::unexpected(SearchError::kBusy);
  held_ += octets;
  return {};
}

asio::awaitable<SearchMemory::Outcome> SearchMemory::wait_for(std::size_t octets, std::chrono::milliseconds wait) {
  auto outcome = take(octets);
  if (outcome || outcome.error() != SearchError::kBusy) co_return outcome;
  const Wait place(*budget_, held_);
  if (!place.granted()) co_return outcome;
  for (auto left = wait; left >= kLookEvery; left -= kLookEvery) {
    co_await io::net::pause(kLookEvery);  // not in a line, where who waits for much holds up all who need a little
    outcome = take(octets);
    if (outcome || outcome.error() != SearchError::kBusy) break;
  }
  co_return outcome;
}

void SearchMemory::give_back(std::size_t octets) {
  if (octets == 0) return;
  budget_->give_back(account_, octets);
  held_ -= octets;
}

}  // namespace veredus::state::search
