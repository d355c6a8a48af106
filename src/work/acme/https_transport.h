#pragma once

#include <memory>
#include <string>

#include "io/net/tls_context.h"
#include "work/acme/session.h"

namespace veredus::io::dns {
class Resolver;
}
namespace veredus::io::net {
class Reactor;
}

namespace veredus::work::acme {

/// Calls over HTTPS, each over a connection of its own. Called on its reactor.
class HttpsTransport final : public Transport {
 public:
  /// `tls`: a client's context that verifies. All must outlive it.
  HttpsTransport(io::net::Reactor& reactor, io::dns::Resolver& resolver, std::shared_ptr<io::net::TlsContext> tls)
      : reactor_(&reactor), resolver_(&resolver), tls_(std::move(tls)) {}
  asio::awaitable<Expected<io::http::Response>> call(io::http::Method method, std::string url,
                                                     std::string body) override;

 private:
  io::net::Reactor* reactor_;
  io::dns::Resolver* resolver_;
  std::shared_ptr<io::net::TlsContext> tls_;
};

}  // namespace veredus::work::acme
