#pragma once

#include <memory>
#include <string>

#include "base/types/clock.h"
#include "doors/smtp/options.h"
#include "doors/smtp/rate_limits.h"
#include "io/net/asio.h"
#include "io/net/listener.h"
#include "work/doorstep/live_options.h"
#include "work/login/authenticator.h"

namespace veredus::base::observe {
class EventSink;
class Logger;
class Metrics;
}  // namespace veredus::base::observe
namespace veredus::io::engine {
class Engine;
}
namespace veredus::io::net {
class TlsContext;
}
namespace veredus::state::directory {
class AuthThrottle;
class Directory;
}  // namespace veredus::state::directory
namespace veredus::work::delivery {
class Receptions;
class Router;
}  // namespace veredus::work::delivery
namespace veredus::work::mailauth {
class Inspector;
}

namespace veredus::doors::smtp {

/// What the sessions of a door work with; all must outlive every session.
struct Services {
  const Clock& clock;
  io::engine::Engine& engine;  // asked for its health only
  state::directory::Directory& directory;
  state::directory::AuthThrottle& throttle;
  work::delivery::Router& router;
  work::delivery::Receptions& receptions;
  RateLimits& rates;
  base::observe::Logger& log;
  base::observe::Metrics& metrics;
  base::observe::EventSink& journal;               // told of refused recipients
  work::mailauth::Inspector* inspector = nullptr;  // null: nobody's mail is looked at
};

/// One listener's side of SMTP, submission or LMTP. Make one for each listener and give `serve` to the listener.
/// Thread-safe; must outlive its sessions.
class Door {
 public:
  struct Options {
    SessionOptions session;
    Timeouts timeouts;
    std::string name = "smtp";                 // of the listener, in logs and figures
    std::shared_ptr<io::net::TlsContext> tls;  // null: no TLS
    bool implicit_tls = false;                 // RFC 8314 s3: TLS from the first octet
    bool inspect = false;                      // whether strangers' mail is looked at
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

}  // namespace veredus::doors::smtp
