#pragma once

#include <chrono>
#include <cstdint>

#include "io/net/asio.h"

namespace veredus::io::net {
class LineStream;
}

namespace veredus::work::doorstep {

/// One session's client, who may be one that sends its next command as soon as it has the last answer (webmail on the
/// same machine, a copying program). To fall asleep and be woken takes longer than a short command does, so such a
/// client is waited for awake for a moment, where this thread has nothing else to do. Whoever takes longer to answer
/// costs nothing but a look at the clock.
class Lockstep {
 public:
  using Duration = std::chrono::steady_clock::duration;
  static constexpr std::chrono::microseconds kAwake{150};  // longest wait
  static constexpr std::chrono::microseconds kHaste{300};  // who answers within this, while we sleep, is tried
  static constexpr std::uint8_t kPassedOver = 64;          // commands, after a wait for nothing

  /// Before the wait for a command. May send what is queued and wait awake: input may have arrived then, or not.
  /// `stream` is the caller's, who reads from it next, and learns there what is wrong with it.
  asio::awaitable<void> expect(io::net::LineStream* stream);
  /// After it: input has arrived.
  void arrived();

  // What it does by the clock.
  /// Whether the next command is worth waiting for awake.
  [[nodiscard]] bool is_worth_it();
  void note(Duration waited) { is_hasty_ = waited < kHaste; }
  void note_miss() { passes_ = kPassedOver; }

 private:
  std::chrono::steady_clock::time_point since_;
  bool is_hasty_ = false;
  std::uint8_t passes_ = 0;  // commands to come that are not waited for awake
};

}  // namespace veredus::work::doorstep
