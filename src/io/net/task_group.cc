#include "io/net/task_group.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <list>
#include <mutex>
#include <vector>

#include "base/types/result.h"

namespace veredus::io::net {
namespace {

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

/// Resumes somebody who waits, on their own executor.
using Waiter = std::move_only_function<void()>;

void wake(std::vector<Waiter> waiters) {
  for (auto& waiter : waiters) waiter();
}

}  // namespace

class TaskGroup::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::any_io_executor executor, OnFailure on_failure)
      : executor_(std::move(executor)), on_failure_(std::move(on_failure)) {}

  template <class Work>
  bool spawn(Work work) {
    std::unique_lock lock(mutex_);
    if (closed_) return false;
    const auto task = tasks_.emplace(tasks_.end());
    lock.unlock();
    auto finish = [self = shared_from_this(), task](std::exception_ptr failure) { self->finished(task, failure); };
    asio::co_spawn(executor_, std::move(work), asio::bind_cancellation_slot(task->slot(), std::move(finish)));
    return true;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

  void cancel() {
    asio::post(executor_, [self = shared_from_this()] { self->emit_all(); });
  }

  /// Calls `waiter` on its own executor once there are no tasks.
  void when_empty(Waiter waiter) {
    std::vector<Waiter> now;
    {
      const std::lock_guard lock(mutex_);
      (tasks_.empty() ? now : waiters_).push_back(std::move(waiter));
    }
    wake(std::move(now));
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return tasks_.size();
  }
  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

 private:
  using Tasks = std::list<asio::cancellation_signal>;

  // Signals are emitted and tasks end on the executor, so no signal goes away while it is emitted.
  void emit_all() {
    std::vector<asio::cancellation_signal*> signals;
    {
      const std::lock_guard lock(mutex_);
      for (auto& signal : tasks_) signals.push_back(&signal);
    }
    for (auto* signal : signals) signal->emit(asio::cancellation_type::terminal);
  }

  void finished(Tasks::iterator task, const std::exception_ptr& failure) {
    if (failure && on_failure_ && !is_cancellation(failure)) on_failure_(failure);
    // The slot is in use until the completion handler, which is what calls here, has gone.
    asio::post(executor_, [self = shared_from_this(), task] { self->forget(task); });
  }

  void forget(Tasks::iterator task) {
    std::vector<Waiter> waiters;
    {
      const std::lock_guard lock(mutex_);
      tasks_.erase(task);
      if (tasks_.empty()) waiters.swap(waiters_);
    }
    wake(std::move(waiters));
  }

  asio::any_io_executor executor_;
  OnFailure on_failure_;
  mutable std::mutex mutex_;
  Tasks tasks_;
  std::vector<Waiter> waiters_;
  bool closed_ = false;
};

TaskGroup::TaskGroup(asio::any_io_executor executor, OnFailure on_failure)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_failure))) {}

TaskGroup::~TaskGroup() { state_->close(); }

bool TaskGroup::spawn(asio::awaitable<void> work) { return state_->spawn(std::move(work)); }

bool TaskGroup::spawn(std::move_only_function<asio::awaitable<void>()> begin) {
  return state_->spawn(std::move(begin));
}

void TaskGroup::cancel() { state_->cancel(); }

asio::awaitable<void> TaskGroup::join() {
  state_->close();
  auto initiate = [](auto handler, std::shared_ptr<State> state) {
    const auto executor = asio::get_associated_executor(handler);
    state->when_empty([executor, handler = std::move(handler)]() mutable { asio::post(executor, std::move(handler)); });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void()>(std::move(initiate), asio::use_awaitable, state_);
}

asio::awaitable<bool> TaskGroup::join_within(std::chrono::milliseconds limit) {
  state_->close();
  const auto executor = co_await asio::this_coro::executor;
  const auto alarm = std::make_shared<asio::steady_timer>(executor, limit);
  auto ring = [alarm] { alarm->expires_at(asio::steady_timer::time_point::min()); };
  state_->when_empty([executor, ring] { asio::post(executor, ring); });
  co_await alarm->async_wait(asio::as_tuple(asio::use_awaitable));
  co_return state_->size() == 0;
}

asio::awaitable<void> TaskGroup::stop() {
  state_->close();
  state_->cancel();
  return join();
}

std::size_t TaskGroup::size() const { return state_->size(); }

asio::any_io_executor TaskGroup::executor() const { return state_->executor(); }

}  // namespace veredus::io::net
