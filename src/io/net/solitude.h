#pragma once

#include <chrono>

namespace veredus::io::net {

/// Whether the calling thread, a reactor's, has one peer to serve and no other: it has heard nobody else for a while,
/// and this one waits for an answer. What blocks the thread for less than a millisecond, once, keeps nobody waiting
/// then.
class Solitude {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kLongEnough{5};  // without anybody else
  static constexpr std::chrono::milliseconds kSilence{100};   // after it, it begins anew
  static constexpr std::chrono::milliseconds kJustNow{5};     // later than that, it is not this peer's answer

  /// `speaker` was heard, whoever that is; `has_more`: some of what it said is still to be looked at.
  static void note_heard(const void* speaker, bool has_more, Clock::time_point now = Clock::now());
  /// `speaker` has gone.
  static void note_gone(const void* speaker);
  [[nodiscard]] static bool is_here(Clock::time_point now = Clock::now());
  /// The thread was blocked for it: not again before the peer says something.
  static void spend();
};

}  // namespace veredus::io::net
