#pragma once

#include <chrono>

#include "io/net/asio.h"

namespace veredus::io::net {

/// How long ago a coroutine that may find at hand all it needs last let others have their turn.
class Stint {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kLong{2};

  [[nodiscard]] bool is_long() const { return Clock::now() - began_ > kLong; }
  /// Whatever is ready goes first; then a new one begins.
  asio::awaitable<void> pause();

 private:
  Clock::time_point began_ = Clock::now();
};

}  // namespace veredus::io::net
