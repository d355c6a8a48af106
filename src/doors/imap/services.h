#pragma once

#include "base/types/clock.h"

namespace veredus::base::observe {
class Logger;
class Metrics;
}  // namespace veredus::base::observe
namespace veredus::io::net {
class WorkerPool;
}
namespace veredus::state::directory {
class AuthThrottle;
class Directory;
}  // namespace veredus::state::directory
namespace veredus::state::mailbox {
class Mailboxes;
}
namespace veredus::state::search {
class Searcher;
}

namespace veredus::doors::imap {

class AccountSessions;

/// What the sessions of a door work with; all must outlive every session.
struct Services {
  const Clock& clock;
  state::directory::Directory& directory;
  state::directory::AuthThrottle& throttle;  // one for the program, shared with the other doors
  state::mailbox::Mailboxes& mailboxes;
  state::search::Searcher& searcher;
  io::net::WorkerPool& workers;
  AccountSessions& account_sessions;  // one for all IMAP doors
  base::observe::Logger& log;
  base::observe::Metrics& metrics;
};

}  // namespace veredus::doors::imap
