#pragma once

#include <chrono>
#include <optional>

#include "base/observe/metrics.h"
#include "io/dns/dns_error.h"

namespace veredus::io::dns {

/// What the resolver counts.
class Figures {
 public:
  explicit Figures(base::observe::Metrics& metrics);
  /// `error` empty: answered; `any`: with records.
  void count(std::optional<DnsError> error, bool any, std::chrono::duration<double> took);

  base::observe::Gauge& open;

 private:
  base::observe::Counter& of(std::optional<DnsError> error, bool any);

  base::observe::Counter& answered_;
  base::observe::Counter& none_;
  base::observe::Counter& no_such_name_;
  base::observe::Counter& bogus_;
  base::observe::Counter& timeout_;
  base::observe::Counter& failed_;
  base::observe::Histogram& seconds_;
};

}  // namespace veredus::io::dns
