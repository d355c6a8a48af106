#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/http/message.h"
#include "io/net/asio.h"
#include "io/net/endpoint.h"
#include "io/net/tls_context.h"

namespace veredus::io::net {
class Reactor;
}

namespace veredus::io::http {

/// What is asked of a server, and who it is.
struct HttpsRequest {
  Method method = Method::kGet;
  std::string host;  // A-labels: SNI, the certificate's name, Host
  std::uint16_t port = 443;
  std::string target = "/";                                  // path and query, encoded
  std::vector<std::pair<std::string, std::string>> headers;  // beside Host, Connection, User-Agent and Content-Length
  std::string body;
};

/// What to ask for to get an https URL, its fragment left out. nullopt: it is no such URL.
[[nodiscard]] std::optional<HttpsRequest> https_request(const std::string& url);

enum class HttpsError : std::uint8_t {
  kConnect,      // no address answered
  kTimeout,      // over the deadline
  kCertificate,  // not trusted, or not this host's
  kTls,          // no handshake otherwise
  kBroken,       // the connection ended in the middle
  kMalformed,    // the answer is no HTTP
  kTooBig,       // the header or the body is over its limit
  kStopped,      // ended from this side
};
[[nodiscard]] std::string_view to_string(HttpsError error);

struct HttpsFailure {
  HttpsError error = HttpsError::kConnect;
  std::string detail;  // OpenSSL's words…; for people, may be empty
};
/// "not trusted (self-signed certificate)"
[[nodiscard]] std::string to_string(const HttpsFailure& failure);

struct HttpsOptions {
  std::shared_ptr<net::TlsContext> tls;  // a client's; without one the request goes in the clear
  std::chrono::milliseconds deadline = std::chrono::seconds(60);  // for all of it
  std::chrono::milliseconds connect = std::chrono::seconds(15);   // for one address
  std::size_t header_limit_octets = 16 * 1024;
  std::size_t body_limit_octets = 64 * 1024;
};

/// One request over a connection of its own to the first of `addresses` that answers. Redirections are answers like any
/// other. The response's header names are in lower case. `reactor` is the caller's own, owned by someone who joins him.
asio::awaitable<std::expected<Response, HttpsFailure>> fetch_https(net::Reactor* reactor,
                                                                   std::vector<net::Endpoint> addresses,
                                                                   HttpsRequest request, HttpsOptions options);

}  // namespace veredus::io::http
