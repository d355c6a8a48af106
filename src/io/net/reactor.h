#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/types/clock.h"
#include "io/net/asio.h"
#include "io/net/buffer_pool.h"
#include "io/net/deadline.h"
#include "io/net/task_group.h"

namespace boost::asio {
class io_context;
}

namespace veredus::io::net {

/// One thread's world: an io_context, the buffers and deadlines of its streams, and its sessions. Everything that has
/// to do with one session happens on one reactor, so it needs no locks. Members are for the reactor's own thread,
/// except executor(), context(), tasks() and index().
class Reactor {
 public:
  /// A reactor that nobody runs: the caller runs context(). For tests and for commands with one thread.
  Reactor() : Reactor(0, machine_clock()) {}  // also ignores SIGPIPE for the whole program
  Reactor(std::size_t index, const Clock& clock, TaskGroup::OnFailure on_failure = {});
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  [[nodiscard]] asio::io_context& context();
  [[nodiscard]] asio::any_io_executor executor();
  [[nodiscard]] std::size_t index() const;
  [[nodiscard]] BufferPool& buffers();
  [[nodiscard]] DeadlineSweep& deadlines();
  /// Sessions and whatever else must end before the reactor does.
  [[nodiscard]] TaskGroup& tasks();
  /// New sessions should not begin, and sessions should end at their next chance.
  [[nodiscard]] bool draining() const { return sweep_.draining(); }

  /// Looks at the deadlines once a second from now on, as long as the context runs.
  void start_sweeping();

  /// The reactor whose thread this is; null on other threads.
  static Reactor* current();

 private:
  friend class Reactors;
  static const Clock& machine_clock();
  struct Parts;
  DeadlineSweep sweep_;
  BufferPool buffers_;
  std::unique_ptr<Parts> parts_;
};

/// All reactors of the program.
class Reactors {
 public:
  struct Options {
    unsigned count = 0;  // 0: as many as cores
    TaskGroup::OnFailure on_failure = {};
  };

  Reactors() : Reactors(Options{}) {}
  /// Makes them, not yet running, so that others can be wired to them.
  explicit Reactors(Options options);
  /// Stops at once.
  ~Reactors();
  Reactors(const Reactors&) = delete;
  Reactors& operator=(const Reactors&) = delete;

  void start();
  /// Tells every session that the server drains: reads between commands end with IoError::kStopping. Any thread.
  void drain();
  /// Drains, waits up to `grace` for the sessions to end by themselves, cancels the rest, joins the threads. Blocks;
  /// not from a reactor. Answers how many tasks had to be cancelled.
  std::size_t stop(std::chrono::milliseconds grace);

  [[nodiscard]] std::size_t size() const { return reactors_.size(); }
  [[nodiscard]] Reactor& operator[](std::size_t index) { return *reactors_[index]; }
  /// Round robin, for work that has no reactor yet. Thread-safe.
  [[nodiscard]] Reactor& next();

 private:
  struct Threads;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace veredus::io::net
