#pragma once

#include <cstdint>
#include <string>

#include "doors/imap/options.h"
#include "doors/imap/outcome.h"
#include "doors/imap/output.h"
#include "doors/imap/services.h"
#include "doors/imap/session.h"
#include "work/login/authenticator.h"

namespace veredus::doors::imap {

class Input;

/// What commands have done, for the figures.
struct Counts {
  std::uint64_t messages_fetched = 0;
  std::uint64_t body_octets = 0;
  std::uint64_t messages_appended = 0;
};

/// What a command works with. Lives as long as the connection; commands are free coroutines
/// `asio::awaitable<Outcome> name(Talk* talk, wire::imap::Name command)`, one at a time.
struct Talk {
  const Services& services;
  const SessionOptions& options;
  const Timeouts& timeouts;
  Session& session;
  Output& out;
  work::login::Authenticator& authenticator;
  work::login::Caller caller;
  Counts counts;
  std::string tag;  // of the command being done
  Input& in;        // for commands with more to come: APPEND, IDLE, AUTHENTICATE
};

}  // namespace veredus::doors::imap
