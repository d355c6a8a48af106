#pragma once

#include <memory>
#include <string>

#include "base/types/clock.h"
#include "doors/pop3/account_gate.h"
#include "doors/pop3/options.h"
#include "io/net/asio.h"
#include "io/net/listener.h"
#include "work/doorstep/live_options.h"
#include "work/login/authenticator.h"

namespace veredus::base::observe {
class Logger;
class Metrics;
}  // namespace veredus::base::observe
namespace veredus::io::net {
class TlsContext;
}
namespace veredus::state::directory {
class AuthThrottle;
class Directory;
}  // namespace veredus::state::directory
namespace veredus::state::mailbox {
class Mailboxes;
}

namespace veredus::doors::pop3 {

/// What the sessions of a door work with; all must outlive every session.
struct Services {
  const Clock& clock;
  state::directory::Directory& directory;
  state::directory::AuthThrottle& throttle;  // one for the program, shared with the SMTP doors
  state::mailbox::Mailboxes& mailboxes;
  AccountGate& gate;  // one for all POP3 doors
  base::observe::Logger& log;
  base::observe::Metrics& metrics;
};

/// One listener's side of POP3. Make one for each listener and give `serve` to the listener. Thread-safe; must outlive
/// its sessions.
class Door {
 public:
  struct Options {
    SessionOptions session;
    Timeouts timeouts;
    std::string name = "pop3";                 // of the listener, in logs and figures
    std::shared_ptr<io::net::TlsContext> tls;  // null: no TLS
    bool implicit_tls = false;                 // RFC 8314 s3: TLS from the first octet
  };

  Door(Services services, Options options);
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// For sessions that begin from now on; name and TLS stay.
  void change(SessionOptions session, Timeouts timeouts);

  /// Serves one connection until QUIT, a broken peer, a timeout or the server's end.
  asio::awaitable<void> serve(io::net::Connection connection);

 private:
  friend class Conversation;
  struct Figures;
  Services services_;
  work::doorstep::LiveOptions<Options> options_;
  std::unique_ptr<Figures> figures_;
  work::login::Authenticator authenticator_;
};

}  // namespace veredus::doors::pop3
