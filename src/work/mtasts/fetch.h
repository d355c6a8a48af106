#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "io/net/asio.h"
#include "io/net/endpoint.h"
#include "io/net/tls_context.h"
#include "rules/mtasts/policy.h"
#include "work/smtpclient/tls_outcome.h"

namespace veredus::io::dns {
class Resolver;
}
namespace veredus::io::http {
struct Response;
}
namespace veredus::io::net {
class Reactor;
}

namespace veredus::work::mtasts {

struct FetchOptions {
  std::chrono::milliseconds deadline = std::chrono::minutes(1);  // RFC 8461 s3.3
  std::uint16_t port = 443;                                      // others are for tests and private networks
  std::shared_ptr<io::net::TlsContext> tls;                      // strict_client()
  /// Where a policy host may be: whoever is written to says where it is, and reads in reports on TLS what became of it.
  /// Empty: anywhere.
  std::function<bool(const io::net::IpAddress&)> permits;
};

/// A client's context for policy hosts and mail hosts: a certificate that chains to a trusted root and has the host's
/// name among its DNS names; the common name does not count (RFC 8461 s3.3, s4.2).
std::expected<std::shared_ptr<io::net::TlsContext>, io::net::TlsError> strict_client(
    io::net::TlsContext::ClientOptions options);

/// Why there is no policy.
struct FetchFailure {
  smtpclient::TlsResult result = smtpclient::TlsResult::kStsPolicyFetchError;  // or …Invalid, …WebPkiInvalid
  std::string reason;                                                          // for people
};
using Fetched = std::expected<rules::mtasts::Policy, FetchFailure>;

/// Fetches the policy of a domain from its policy host, whose addresses the resolver knows. `reactor` is the caller's
/// own; it and `resolver` are owned by someone who joins the caller. Source: RFC 8461 s3.3.
asio::awaitable<Fetched> fetch_policy(io::net::Reactor* reactor, io::dns::Resolver* resolver, std::string domain,
                                      FetchOptions options);

/// What an answer of the policy host means.
[[nodiscard]] Fetched policy_of(const io::http::Response& response);

}  // namespace veredus::work::mtasts
