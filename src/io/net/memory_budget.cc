#include "io/net/memory_budget.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <mutex>
#include <vector>

namespace veredus::io::net {
namespace {

/// Somebody in the queue. The timer is touched on its own executor only; `granted` under the budget's lock.
struct Waiter {
  Waiter(const asio::any_io_executor& executor, std::size_t asked) : timer(executor), octets(asked) {}
  asio::steady_timer timer;
  std::size_t octets;
  bool granted = false;
};

}  // namespace

struct MemoryBudgetState {
  explicit MemoryBudgetState(std::size_t limit_octets) : limit(limit_octets) {}
  const std::size_t limit;
  mutable std::mutex mutex;
  std::size_t used = 0;
  std::list<std::shared_ptr<Waiter>> queue;

  bool take_now(std::size_t octets) {
    const std::lock_guard lock(mutex);
    if (!queue.empty() || octets > limit - used) return false;
    used += octets;
    return true;
  }

  void give_back(std::size_t octets) {
    std::unique_lock lock(mutex);
    used -= octets;
    serve(lock);
  }

  /// Takes the waiter out of the queue. True: it had got its share before.
  bool leave(const std::shared_ptr<Waiter>& waiter) {
    std::unique_lock lock(mutex);
    if (waiter->granted) return true;
    std::erase(queue, waiter);
    serve(lock);  // it may have held up smaller ones
    return false;
  }

 private:
  void serve(std::unique_lock<std::mutex>& lock) {
    std::vector<std::shared_ptr<Waiter>> served;
    while (!queue.empty() && queue.front()->octets <= limit - used) {
      used += queue.front()->octets;
      queue.front()->granted = true;
      served.push_back(std::move(queue.front()));
      queue.pop_front();
    }
    lock.unlock();
    for (auto& waiter : served) {
      const auto executor = waiter->timer.get_executor();
      asio::post(executor, [waiter = std::move(waiter)] { waiter->timer.cancel(); });
    }
  }
};

namespace {

/// A place in the queue that is left whatever ends the wait.
class Place {
 public:
  Place(std::shared_ptr<MemoryBudgetState> state, std::shared_ptr<Waiter> waiter)
      : state_(std::move(state)), waiter_(std::move(waiter)) {
    const std::lock_guard lock(state_->mutex);
    state_->queue.push_back(waiter_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (waiter_ && leave()) state_->give_back(octets_);
  }
  /// True: the share is the caller's now.
  bool leave() {
    const auto waiter = std::move(waiter_);
    octets_ = waiter->octets;
    return state_->leave(waiter);
  }

 private:
  std::shared_ptr<MemoryBudgetState> state_;
  std::shared_ptr<Waiter> waiter_;
  std::size_t octets_ = 0;
};

}  // namespace

std::string_view to_string(BudgetError error) {
  switch (error) {
    case BudgetError::kTimeout:
      return "no memory came free in time";
    case BudgetError::kOverBudget:
      return "more than the whole memory budget";
  }
  return "unknown error";
}

MemoryBudget::Share::Share(std::shared_ptr<MemoryBudgetState> state, std::size_t octets)
    : state_(std::move(state)), octets_(octets) {}

MemoryBudget::Share& MemoryBudget::Share::operator=(Share&& other) noexcept {
  if (this == &other) return *this;
  release();
  state_ = std::move(other.state_);
  octets_ = std::exchange(other.octets_, 0);
  return *this;
}

void MemoryBudget::Share::release() { shrink_to(0); }

void MemoryBudget::Share::shrink_to(std::size_t octets) {
  if (octets >= octets_) return;
  state_->give_back(octets_ - octets);
  octets_ = octets;
}

MemoryBudget::MemoryBudget(std::size_t limit_octets) : state_(std::make_shared<MemoryBudgetState>(limit_octets)) {}

MemoryBudget::~MemoryBudget() = default;

std::optional<MemoryBudget::Share> MemoryBudget::try_acquire(std::size_t octets) {
  if (!state_->take_now(octets)) return std::nullopt;
  return Share(state_, octets);
}

asio::awaitable<std::expected<MemoryBudget::Share, BudgetError>> MemoryBudget::acquire(std::size_t octets,
                                                                                       std::chrono::milliseconds wait) {
  const auto state = state_;
  if (octets > state->limit) co_return std::unexpected(BudgetError::kOverBudget);
  if (state->take_now(octets)) co_return Share(state, octets);
  const auto executor = co_await asio::this_coro::executor;
  const auto waiter = std::make_shared<Waiter>(executor, octets);
  waiter->timer.expires_after(wait);
  Place place(state, waiter);
  co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!place.leave()) co_return std::unexpected(BudgetError::kTimeout);
  co_return Share(state, octets);
}

std::size_t MemoryBudget::limit_octets() const { return state_->limit; }

std::size_t MemoryBudget::used_octets() const {
  const std::lock_guard lock(state_->mutex);
  return state_->used;
}

}  // namespace veredus::io::net
