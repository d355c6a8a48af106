#pragma once

#include <chrono>
#include <cstdint>

#include "base/types/clock.h"

namespace veredus::work::queue {

/// How many connections one lane may have open, learnt from what its site does: more while messages are taken, half as
/// many when it pushes back, none for a while when it cannot be reached. A plain value; the caller gives time and
/// chance.
class Concurrency {
 public:
  struct Options {
    unsigned first = 4;                               // connections at the beginning, and after an outage
    unsigned most = 20;                               // never more; a limit by provider may be lower
    std::chrono::milliseconds first_backoff{30'000};  // after the first failure; doubled with each further one
    std::chrono::milliseconds last_backoff{30 * 60'000};
    std::chrono::milliseconds quick{100};  // a transaction that took no longer: the site has room for more
    double jitter = 0.25;                  // of each back-off, either way, so that sites are not tried in step
  };

  explicit Concurrency(const Options& options);

  /// Connections allowed now: 0 during a back-off, 1 for the first try after it.
  [[nodiscard]] unsigned allowed(SteadyTime now) const;
  /// When a back-off ends; in the past: there is none.
  [[nodiscard]] SteadyTime resting_until() const { return resting_until_; }
  [[nodiscard]] unsigned failures() const { return failures_; }

  /// A message was taken, or refused for a reason of its own, in a transaction that took so long: the site works.
  void worked(std::chrono::milliseconds took);
  /// The site asked for less: 421, 4.7.x on rate, a time-out in a session. `chance` is any number in [0, 1).
  void pushed_back(SteadyTime now, double chance);
  /// No connection came about, or none got as far as a transaction.
  void unreachable(SteadyTime now, double chance);
  /// Somebody asked to try at once.
  void forget_backoff();
  /// What an earlier run learnt. `connections` 0: nothing.
  void restore(unsigned connections, unsigned failures, SteadyTime resting_until);
  /// As learnt, whatever rest there is now.
  [[nodiscard]] unsigned connections() const { return static_cast<unsigned>(connections_); }

 private:
  void rest(SteadyTime now, double chance);

  Options options_;
  double connections_;
  double slow_growth_from_;  // beyond it one more connection costs as many messages as there are connections
  unsigned failures_ = 0;    // in a row
  SteadyTime resting_until_{};
  SteadyTime last_cut_{};
};

}  // namespace veredus::work::queue
