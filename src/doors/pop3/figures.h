#pragma once

#include "base/observe/metrics.h"
#include "doors/pop3/serve.h"
#include "work/login/authenticator.h"

namespace veredus::doors::pop3 {

/// What one door counts.
struct Door::Figures {
  Figures(base::observe::Metrics& metrics, const Door::Options& options);

  base::observe::Counter& sessions;
  base::observe::Gauge& sessions_now;
  base::observe::Counter& sessions_refused;
  base::observe::Counter& tls_started;
  base::observe::Counter& tls_failed;
  work::login::Figures logins;
  base::observe::Counter& messages_sent;
  base::observe::Counter& octets_sent;
  base::observe::Counter& messages_removed;
};

}  // namespace veredus::doors::pop3
