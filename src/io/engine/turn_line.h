#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "io/net/asio.h"

namespace veredus::io::engine {

/// What an operation in a TurnLine derives from: how it is told that its time has come.
class Waiter {
 private:
  template <class Operation>
  friend class TurnLine;
  enum class Resumed : std::uint8_t { kWaiting, kDone, kLeading };
  Resumed resumed_ = Resumed::kWaiting;
  std::move_only_function<void()> resume_;  // empty in the coroutine that leads
};

/// Who waits for one partition. The coroutine that finds it idle leads: it takes operations from the line, does and
/// commits them together, and calls `finish`; then the first one that came meanwhile leads. Thread-safe.
///
///     if (line.lead_now(operation) || co_await line.wait(operation)) co_await lead();
///
/// A coroutine that may lead must not be cancelled: others wait for it.
template <class Operation>
class TurnLine {
 public:
  /// Enters and answers true when nobody leads: the caller does. False: it has not entered.
  bool lead_now(Operation* operation) {
    const std::scoped_lock lock(mutex_);
    return !busy_ && enter(operation);
  }

  /// Enters; returns when the operation is done (false) or has to lead (true).
  asio::awaitable<bool> wait(Operation* operation) {
    const auto initiate = [this, operation](auto handler) {
      const auto executor = asio::get_associated_executor(handler);
      auto resume = [handler = std::move(handler), executor, work = asio::make_work_guard(executor)]() mutable {
        work.reset();
        asio::post(executor, std::move(handler));
      };
      Waiter& waiter = *operation;
      const std::scoped_lock lock(mutex_);
      waiter.resume_ = std::move(resume);
      if (enter(operation)) wake_leader(waiter);
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate, asio::use_awaitable);
    co_return operation->resumed_ == Waiter::Resumed::kLeading;
  }

  /// For the leader: the first operation, and those behind it as long as `fits`, which is asked of each in turn.
  template <class Fits>
  std::vector<Operation*> take(const Fits& fits) {
    std::vector<Operation*> taken;
    const std::scoped_lock lock(mutex_);
    while (!line_.empty()) {
      const bool fit = fits(std::as_const(*line_.front()));
      if (!fit && !taken.empty()) break;
      taken.push_back(line_.front());
      line_.pop_front();
    }
    return taken;
  }

  /// For the leader: what it has taken and cannot do in this turn stands first again.
  void put_back(std::span<Operation* const> operations) {
    const std::scoped_lock lock(mutex_);
    line_.insert(line_.begin(), operations.begin(), operations.end());
  }

  /// For the leader, at its end: wakes everybody who is done, and the next leader.
  void finish(const std::vector<Operation*>& done) {
    for (Waiter* waiter : done) {
      auto resume = std::move(waiter->resume_);
      waiter->resumed_ = Waiter::Resumed::kDone;
      if (resume) resume();  // from here on the operation may be gone
    }
    const std::scoped_lock lock(mutex_);
    busy_ = !line_.empty();
    if (busy_) wake_leader(*line_.front());
  }

 private:
  /// True: nobody led; this one does. Under the lock.
  bool enter(Operation* operation) {
    line_.push_back(operation);
    return !std::exchange(busy_, true);
  }

  static void wake_leader(Waiter& waiter) {
    waiter.resumed_ = Waiter::Resumed::kLeading;
    std::exchange(waiter.resume_, nullptr)();
  }

  std::mutex mutex_;
  bool busy_ = false;
  std::deque<Operation*> line_;
};

}  // namespace veredus::io::engine
