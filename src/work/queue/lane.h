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
