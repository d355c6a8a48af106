#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace veredus::work::queue {

/// Why an attempt came to nothing for now.
enum class Setback : std::uint8_t {
  kReply,      // the site answered 4xx
  kConnect,    // nobody of the site could be reached, or the connection broke
  kDns,        // the site could not be found out
  kUncertain,  // the message may have been taken: the connection broke, or this program ended, before the reply came
};
[[nodiscard]] std::string_view to_string(Setback setback);

/// How long a queued entry waits for its next attempt. A plain value.
class RetrySchedule {
 public:
  using Intervals = std::vector<std::chrono::milliseconds>;  // after the 1st, 2nd … attempt; the last one repeats
  struct Options {
    Intervals reply{std::chrono::minutes(5),  std::chrono::minutes(10), std::chrono::minutes(20),
                    std::chrono::minutes(40), std::chrono::hours(1),    std::chrono::hours(2)};
    Intervals connect{std::chrono::minutes(2), std::chrono::minutes(5), std::chrono::minutes(15),
                      std::chrono::minutes(30), std::chrono::hours(1)};
    Intervals dns{std::chrono::minutes(1), std::chrono::minutes(5), std::chrono::minutes(15), std::chrono::minutes(30),
                  std::chrono::hours(1)};
    std::chrono::milliseconds uncertain{std::chrono::minutes(10)};
    double jitter = 0.1;  // either way
  };

  explicit RetrySchedule(Options options) : options_(std::move(options)) {}

  /// After `attempts` attempts (1..) of which the last ended so. `chance` is any number in [0, 1). RFC 5321 s4.5.4.1
  /// asks for 30 minutes at least; a shorter wait at the beginning serves greylisting sites.
  [[nodiscard]] std::chrono::milliseconds wait(Setback setback, unsigned attempts, double chance) const;

 private:
  Options options_;
};

}  // namespace veredus::work::queue
