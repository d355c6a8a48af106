#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

#include "io/net/asio.h"

namespace veredus::io::net {

/// Owns background coroutines on one executor: none outlives stop(). Cancelling ends a task at its next suspension:
/// what it awaits is cancelled where it can be, and the task unwinds by an exception that ends at the group. An
/// exception that is no cancellation is given to `on_failure` and ends that task alone.
/// spawn() and size() may be called from any thread.
class TaskGroup {
 public:
  using OnFailure = std::function<void(std::exception_ptr)>;

  explicit TaskGroup(asio::any_io_executor executor, OnFailure on_failure = {});
  /// The group must be stopped, or its executor never run again.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `work` on the group's executor. After stop() it is dropped unstarted; answers false then.
  bool spawn(asio::awaitable<void> work);
  /// The same; `begin` is called on the group's executor to make the coroutine.
  bool spawn(std::move_only_function<asio::awaitable<void>()> begin);

  /// Asks all tasks to end. Any thread; does not wait.
  void cancel();
  /// Takes no more tasks, cancels all and waits until the last has ended. Any executor but from within a task of this
  /// group.
  asio::awaitable<void> stop();
  /// Takes no more tasks and waits, without cancelling, until the last has ended. May be followed by stop().
  asio::awaitable<void> join();
  /// The same for at most `limit`; false: some have not ended, and join_within() or stop() may follow.
  asio::awaitable<bool> join_within(std::chrono::milliseconds limit);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] asio::any_io_executor executor() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace veredus::io::net
