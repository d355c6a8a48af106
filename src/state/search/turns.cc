#include "state/search/turns.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>

namespace veredus::state::search {
namespace {

/// Somebody in the line. The timer is touched on its own executor only; `has_turn` under the lock.
struct Waiter {
  explicit Waiter(const asio::any_io_executor& executor)
      : timer(executor, std::chrono::steady_clock::time_point::max()) {}
  asio::steady_timer timer;
  bool has_turn = false;
};

}  // namespace

struct Turns::State {
  explicit State(std::size_t at_once) : free(at_once) {}

  std::mutex mutex;
  std::size_t free;
  std::map<AccountId, std::deque<std::shared_ptr<Waiter>>> lines;  // none is empty
  std::deque<AccountId> accounts;                                  // of the lines, the next one first

  /// Null: the turn is there at once.
  std::shared_ptr<Waiter> enter(AccountId account, const asio::any_io_executor& executor) {
    const std::lock_guard lock(mutex);
    if (free > 0) {
      --free;
      return nullptr;
    }
    auto waiter = std::make_shared<Waiter>(executor);
    auto& line = lines[account];
    if (line.empty()) accounts.push_back(account);
    line.push_back(waiter);
    return waiter;
  }
  /// True: it had got its turn before.
  bool leave(AccountId account, const std::shared_ptr<Waiter>& waiter) {
    const std::lock_guard lock(mutex);
    if (waiter->has_turn) return true;
    const auto line = lines.find(account);
    std::erase(line->second, waiter);
    if (!line->second.empty()) return false;
    lines.erase(line);
    std::erase(accounts, account);
    return false;
  }
  void give_back() {
    std::shared_ptr<Waiter> next;
    {
      const std::lock_guard lock(mutex);
      if (accounts.empty()) {
        ++free;
        return;
      }
      next = take_next();
    }
    const auto executor = next->timer.get_executor();
    asio::post(executor, [next = std::move(next)] { next->timer.cancel(); });
  }

 private:
  std::shared_ptr<Waiter> take_next() {
    const auto account = accounts.front();
    accounts.pop_front();
    const auto line = lines.find(account);
    auto next = std::move(line->second.front());
    line->second.pop_front();
    next->has_turn = true;
    if (line->second.empty())
      lines.erase(line);
    else
      accounts.push_back(account);
    return next;
  }
};

void Turns::Turn::end() {
  if (const auto state = std::move(state_)) state->give_back();
}

Turns::Turns(std::size_t at_once) : state_(std::make_shared<State>(at_once)) {}

/// A place in the line that is left whatever ends the wait.
class Turns::Place {
 public:
  Place(std::shared_ptr<State> state, AccountId account, std::shared_ptr<Waiter> waiter)
      : state_(std::move(state)), account_(account), waiter_(std::move(waiter)) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (waiter_) (void)leave();
  }
  /// Of nothing, if it was not reached.
  Turn leave() {
    const auto waiter = std::move(waiter_);
    return state_->leave(account_, waiter) ? Turn(state_) : Turn();
  }

 private:
  std::shared_ptr<State> state_;
  AccountId account_;
  std::shared_ptr<Waiter> waiter_;
};

asio::awaitable<Turns::Turn> Turns::take(AccountId account) {
  const auto state = state_;
  const auto executor = co_await asio::this_coro::executor;
  const auto waiter = state->enter(account, executor);
  if (!waiter) co_return Turn(state);
  Place place(state, account, waiter);
  co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return place.leave();
}

}  // namespace veredus::state::search
