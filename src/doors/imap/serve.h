#pragma once

#include <memory>
#include <string>

#include "doors/imap/account_sessions.h"
#include "doors/imap/options.h"
#include "doors/imap/services.h"
#include "io/net/asio.h"
#include "io/net/listener.h"
#include "work/doorstep/live_options.h"
#include "work/login/authenticator.h"

namespace veredus::io::net {
class TlsContext;
}

namespace veredus::doors::imap {

/// One listener's side of IMAP. Make one for each listener and give `serve` to the listener. Thread-safe; must outlive
/// its sessions.
class Door {
 public:
  struct Options {
    SessionOptions session;
    Timeouts timeouts;
    std::string name = "imap";                 // of the listener, in logs and figures
    std::shared_ptr<io::net::TlsContext> tls;  // null: no TLS
    bool implicit_tls = false;                 // RFC 8314 s3: TLS from the first octet
  };

  Door(Services services, Options options);
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// For sessions that begin from now on; name and TLS stay.
  void change(SessionOptions session, Timeouts timeouts);

  /// Serves one connection until LOGOUT, a broken peer, a timeout or the server's end.
  asio::awaitable<void> serve(io::net::Connection connection);

 private:
  friend class Conversation;
  struct Figures;
  Services services_;
  work::doorstep::LiveOptions<Options> options_;
  std::unique_ptr<Figures> figures_;
  work::login::Authenticator authenticator_;
};

}  // namespace veredus::doors::imap
