#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/types/clock.h"
#include "work/queue/concurrency.h"
#include "work/queue/fair_share.h"
#include "work/queue/limits.h"
#include "work/smtpclient/site.h"

namespace veredus::work::queue {

/// What a lane has learnt, as it outlives a restart. A plain value.
struct LearntLane {
  unsigned connections = 0;  // 0: nothing
  unsigned failures = 0;     // in a row
  SteadyTime resting_until{};
  std::string tls;
  friend bool operator==(const LearntLane&, const LearntLane&) = default;
};

/// The way from one egress source to one site: what is ready to go there, and how many connections it bears. Domains
/// with the same mail hosts share it. A plain value.
struct Lane {
  Lane(const Concurrency::Options& options, const SiteLimits& site_limits)
      : limits(site_limits),
        concurrency(bounded(options, site_limits)),
        connection_rate(site_limits.connections_per_minute),
        message_rate(site_limits.messages_per_minute) {}

  /// How many connections it may have now.
  [[nodiscard]] unsigned allowed(SteadyTime now) const { return now < not_before ? 0 : concurrency.allowed(now); }
  /// Worth being remembered.
  [[nodiscard]] LearntLane learnt() const {
    return {.connections = concurrency.connections(),
            .failures = concurrency.failures(),
            .resting_until = concurrency.resting_until(),
            .tls = last_tls};
  }
  /// When it may go on after a rest or a rate limit.
  [[nodiscard]] SteadyTime resting_until() const { return std::max(not_before, concurrency.resting_until()); }

  std::string key;
  std::uint16_t source = 0;
  std::uint32_t way = 0;
  std::shared_ptr<const smtpclient::Site> site;
  SiteLimits limits;
  FairShare ready;
  Concurrency concurrency;
  RateGate connection_rate;
  RateGate message_rate;
  SteadyTime not_before{};  // a rate is used up until then
  unsigned workers = 0;
  bool queued = false;  // for a worker
  SteadyTime used{};
  std::string last_failure;
  std::string last_tls;  // "TLSv1.3 …"; empty: in the clear
  LearntLane saved;      // what is on disk of it
  std::uint64_t delivered = 0;
  std::uint64_t deferred = 0;
  std::uint64_t refused = 0;

 private:
  static Concurrency::Options bounded(Concurrency::Options options, const SiteLimits& limits) {
    if (limits.connections) options.most = std::max(1U, *limits.connections);
    return options;
  }
};

}  // namespace veredus::work::queue
