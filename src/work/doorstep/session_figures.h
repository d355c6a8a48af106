#pragma once

#include <string>

#include "base/observe/metrics.h"

namespace veredus::work::doorstep {

/// What every door counts of its sessions.
struct SessionFigures {
  /// The counters' names in full, so that they are found where they are looked for.
  struct Names {
    std::string begun;
    std::string open;
    std::string refused;
    std::string tls;  // a label "result" is added
  };
  SessionFigures(base::observe::Metrics& metrics, const Names& names, const base::observe::Labels& labels);

  base::observe::Counter& begun;
  base::observe::Gauge& open;
  base::observe::Counter& refused;
  base::observe::Counter& tls_done;
  base::observe::Counter& tls_failed;
};

}  // namespace veredus::work::doorstep
