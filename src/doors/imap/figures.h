#pragma once

#include "base/observe/metrics.h"
#include "doors/imap/serve.h"
#include "work/doorstep/session_figures.h"
#include "work/login/authenticator.h"

namespace veredus::doors::imap {

/// What one door counts.
struct Door::Figures {
  Figures(base::observe::Metrics& metrics, const Door::Options& options);

  work::doorstep::SessionFigures sessions;
  work::login::Figures logins;
  base::observe::Counter& commands_ok;
  base::observe::Counter& commands_no;
  base::observe::Counter& commands_bad;
  base::observe::Counter& messages_fetched;
  base::observe::Counter& messages_appended;
  base::observe::Counter& body_octets;
};

}  // namespace veredus::doors::imap
