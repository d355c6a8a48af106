#pragma once

#include <string>

#include "doors/imap/options.h"
#include "doors/imap/outcome.h"
#include "doors/imap/output.h"
#include "doors/imap/services.h"
#include "doors/imap/session.h"

namespace veredus::doors::imap {

class Input;

/// What a command works with. Lives as long as the connection; commands are free coroutines
/// `asio::awaitable<Outcome> name(Talk* talk, wire::imap::Name command)`, one at a time.
struct Talk {
  const Services& services;
  const SessionOptions& options;
  const Timeouts& timeouts;
  Session& session;
  Output& out;
  std::string tag;  // of the command being done
  Input& in;        // for commands with more to come: APPEND, IDLE, AUTHENTICATE
};

}  // namespace veredus::doors::imap
