#pragma once

#include <chrono>

#include "io/net/asio.h"

namespace veredus::io::net {

/// How long ago a coroutine that may find at hand all it needs last let others have their turn: nothing else would ever
/// make it wait. To be asked for each command, chunk or field block, not for each octet: it reads the clock.
///
///   if (stint.is_long()) co_await stint.pause();
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
