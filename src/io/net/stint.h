#pragma once

#include <chrono>

#include "io/net/asio.h"

namespace veredus::io::net {

/// How long a coroutine that finds at hand all it needs has kept its thread, so that it lets others have their turn.
class Stint {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kLong{2};

  /// It has just waited for something.
  void begin() { began_ = Clock::now(); }
  [[nodiscard]] bool is_long() const { return Clock::now() - began_ > kLong; }
  /// Whatever is ready goes first; then a new one begins.
  asio::awaitable<void> pause();

 private:
  Clock::time_point began_ = Clock::now();
};

}  // namespace veredus::io::net
