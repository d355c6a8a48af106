#pragma once

#include <chrono>

namespace veredus {

using SystemTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Where everything here gets the time, so that tests can hold it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time, UTC.
  [[nodiscard]] virtual SystemTime now() const = 0;
  /// For durations and deadlines; never goes back.
  [[nodiscard]] virtual SteadyTime steady_now() const = 0;
};

/// The machine's clock.
class MachineClock final : public Clock {
 public:
  [[nodiscard]] SystemTime now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
};

/// A clock that moves only when told. For tests and for commands with `--now`.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(SystemTime start) : now_(start) {}
  [[nodiscard]] SystemTime now() const override { return now_; }
  [[nodiscard]] SteadyTime steady_now() const override { return steady_; }
  void advance(std::chrono::milliseconds by) {
    now_ += by;
    steady_ += by;
  }

 private:
  SystemTime now_;
  SteadyTime steady_{};
};

}  // namespace veredus
