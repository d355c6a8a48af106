#pragma once

#include "base/observe/metrics.h"
#include "doors/smtp/serve.h"
#include "work/doorstep/session_figures.h"
#include "work/login/authenticator.h"

namespace veredus::doors::smtp {

/// What one door counts.
struct Door::Figures {
  Figures(base::observe::Metrics& metrics, const Door::Options& options);

  work::doorstep::SessionFigures sessions;
  work::login::Figures logins;
  base::observe::Counter& recipients;
  base::observe::Counter& recipients_refused;
  base::observe::Counter& messages;
  base::observe::Counter& messages_refused;
  base::observe::Counter& message_octets;
  base::observe::Histogram& commit_seconds;
};

}  // namespace veredus::doors::smtp
