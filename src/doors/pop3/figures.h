#pragma once

#include "base/observe/metrics.h"
#include "doors/pop3/serve.h"
#include "work/doorstep/session_figures.h"
#include "work/login/authenticator.h"

namespace veredus::doors::pop3 {

/// What one door counts.
struct Door::Figures {
  Figures(base::observe::Metrics& metrics, const Door::Options& options);

  work::doorstep::SessionFigures sessions;
  work::login::Figures logins;
  base::observe::Counter& messages_sent;
  base::observe::Counter& octets_sent;
  base::observe::Counter& messages_removed;
};

}  // namespace veredus::doors::pop3
