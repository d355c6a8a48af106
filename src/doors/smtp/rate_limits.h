#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/types/clock.h"
#include "doors/smtp/options.h"
#include "io/net/endpoint.h"

namespace veredus::doors::smtp {

/// How many sessions may begin and messages be sent in a minute, from one address and in all. IPv6 peers count by /64;
/// UNIX sockets count only in all. One for the whole program, shared by its listeners. Thread-safe, bounded memory.
class RateLimits {
 public:
  using Options = RateOptions;

  /// `clock` must outlive this.
  RateLimits(const Clock* clock, Options options) : clock_(clock), options_(options) {}

  /// Counts one; false: over a limit.
  bool admit_session(const io::net::Endpoint& peer);
  bool admit_message(const io::net::Endpoint& peer);
  /// From now on; what was counted stays.
  void change(Options options);

 private:
  struct Counts {
    std::uint32_t sessions = 0;
    std::uint32_t messages = 0;
  };
  Counts* counts_of(const io::net::Endpoint& peer);
  void turn_window();

  const Clock* clock_;
  Options options_;
  std::mutex mutex_;
  SteadyTime window_begin_{};
  Counts in_all_;
  std::unordered_map<io::net::IpAddress, Counts> by_address_;
};

}  // namespace veredus::doors::smtp
