#include "state/search/thread_memory.h"

#include <algorithm>
#include <utility>

#include "io/net/deadline.h"

namespace veredus::state::search {
namespace {

constexpr std::size_t kShareOctets = std::size_t{4} * 1024 * 1024;  // at least, of one share after the first
constexpr std::chrono::milliseconds kLookEvery{100};

}  // namespace

asio::awaitable<ThreadMemory::Outcome> ThreadMemory::begin(std::size_t octets, std::chrono::milliseconds wait) {
  const std::size_t asked = std::min(octets, budget_.limit_octets());
  for (auto left = wait;; left -= kLookEvery) {
    if (is_stopped()) co_return std::unexpected(SearchError::kStopped);
    if (auto share = budget_.try_acquire(asked)) {
      shares_.push_back(*std::move(share));
      granted_ = asked;
      co_return Outcome();
    }
    if (left < kLookEvery) co_return std::unexpected(SearchError::kBusy);
    co_await io::net::pause(kLookEvery);  // not in the budget's line, which holds up all who need a little
  }
}

ThreadMemory::Outcome ThreadMemory::settle(std::size_t octets) {
  shares_.front().shrink_to(octets);
  granted_ = shares_.front().octets();
  return take(octets);
}

ThreadMemory::Outcome ThreadMemory::take(std::size_t octets) {
  if (is_stopped()) return std::unexpected(SearchError::kStopped);
  if (octets <= granted_ - taken_) {
    taken_ += octets;
    return {};
  }
  const std::size_t needed = octets - (granted_ - taken_);
  const std::size_t limit = budget_.limit_octets();
  if (needed > limit - granted_) return std::unexpected(SearchError::kTooLarge);
  const std::size_t asked = std::min(std::max(needed, kShareOctets), limit - granted_);
  auto share = budget_.try_acquire(asked);
  if (!share) return std::unexpected(SearchError::kBusy);
  shares_.push_back(*std::move(share));
  granted_ += asked;
  taken_ += octets;
  return {};
}

}  // namespace veredus::state::search
