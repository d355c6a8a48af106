#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/types/clock.h"
#include "io/net/asio.h"

namespace veredus::io::net {

class DeadlineSweep;

/// Something that waits on a peer and must not wait for ever. Lives in its reactor's list from construction to
/// destruction; setting and clearing are one store each, and there is no timer of its own. All on the reactor's thread.
class Deadline {
 public:
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void clear() { due_ = kNever; }
  [[nodiscard]] bool is_set() const { return due_ != kNever; }

 protected:
  explicit Deadline(DeadlineSweep& sweep);
  virtual ~Deadline();
  /// Due after `wait`, or up to two seconds later; never sooner.
  void set(std::chrono::milliseconds wait);
  DeadlineSweep& sweep() const { return *sweep_; }

 private:
  friend class DeadlineSweep;
  /// The deadline has passed; it is cleared already. Must not destroy any Deadline.
  virtual void overdue() = 0;
  /// The server begins to drain. Must not destroy any Deadline.
  virtual void draining() {}

  static constexpr std::int64_t kNever = INT64_MAX;
  std::int64_t due_ = kNever;  // milliseconds of the steady clock
  DeadlineSweep* sweep_;
  Deadline* before_ = nullptr;
  Deadline* after_ = nullptr;
};

/// All deadlines of one reactor, looked at once a second.
class DeadlineSweep {
 public:
  /// The clock must outlive the sweep.
  explicit DeadlineSweep(const Clock& clock) : clock_(&clock) { refresh(); }
  DeadlineSweep(const DeadlineSweep&) = delete;
  DeadlineSweep& operator=(const DeadlineSweep&) = delete;

  /// Calls overdue() of every deadline that has passed. Its reactor calls this once a second.
  void look();
  /// Tells every deadline that the server drains.
  void drain();
  [[nodiscard]] bool draining() const { return draining_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Milliseconds of the steady clock, as of the last look.
  [[nodiscard]] std::int64_t coarse_now() const { return now_; }

 private:
  friend class Deadline;
  void add(Deadline& deadline);
  void remove(Deadline& deadline);
  void refresh();

  const Clock* clock_;
  std::int64_t now_ = 0;
  Deadline* first_ = nullptr;
  std::size_t size_ = 0;
  bool draining_ = false;
};

/// Suspends the calling coroutine. Ends early, by exception, only when its task group stops.
asio::awaitable<void> pause(std::chrono::milliseconds length);

}  // namespace veredus::io::net
