#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "io/http/message.h"
#include "io/http/router.h"
#include "io/net/asio.h"
#include "io/net/listener.h"
#include "io/net/tls_context.h"

namespace veredus::io::http {

struct ServerOptions {
  std::size_t header_limit_octets = 16 * 1024;
  std::size_t body_limit_octets = 1024 * 1024;
  std::chrono::seconds header_wait{30};      // for a whole request head
  std::chrono::seconds body_wait{60};        // for each chunk of the body, and for the peer to take the answer
  std::chrono::seconds keep_alive_wait{60};  // between requests
  std::size_t requests_per_connection = 1000;
  std::shared_ptr<net::TlsContext> tls;  // null: plain
};

/// HTTP/1.1 (RFC 9112) over Router's actions: keep-alive, limits, problem+json for what goes wrong. An action that
/// throws is answered 500 and told to `on_failure`. Thread-safe; must outlive its sessions.
class Server {
 public:
  using OnFailure = std::function<void(const Request& request, std::string_view what)>;

  Server(Router router, ServerOptions options, OnFailure on_failure = {});

  /// Serves one connection to its end: give it to net::Listener::open as
  /// `[&server](net::Connection c) { return server.serve(std::move(c)); }`.
  asio::awaitable<void> serve(net::Connection connection);
  [[nodiscard]] const Router& router() const { return router_; }

 private:
  Router router_;
  ServerOptions options_;
  OnFailure on_failure_;
};

}  // namespace veredus::io::http
