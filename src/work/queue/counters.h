#pragma once

#include "base/observe/metrics.h"

namespace veredus::work::queue {

/// What the queue counts (docs/metrics.md).
struct Counters {
  explicit Counters(base::observe::Metrics& metrics);

  base::observe::Counter& delivered;
  base::observe::Counter& deferred;
  base::observe::Counter& refused;
  base::observe::Counter& transactions;
  base::observe::Counter& connections;
  base::observe::Counter& connections_failed;
  base::observe::Counter& sites_found;
  base::observe::Counter& sites_not_found;
  base::observe::Counter& uncertain;
  base::observe::Counter& reports;
  base::observe::Counter& reports_dropped;
  base::observe::Counter& late_bounces;
  base::observe::Counter& complaints;
  base::observe::Counter& late_others;
  base::observe::Counter& late_dropped;
  base::observe::Counter& members_suspended;
  base::observe::Counter& braked;
  base::observe::Histogram& delay_seconds;
};

}  // namespace veredus::work::queue
