#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "io/net/endpoint.h"

namespace veredus::io::net {

/// What a proxy says of the connection it hands on. Source: HAProxy "The PROXY protocol", versions 1 and 2.
struct ProxyHeader {
  enum class Command : std::uint8_t {
    kLocal,  // the proxy speaks for itself (health check), or does not know: keep the socket's endpoints
    kProxy,
  };
  Command command = Command::kLocal;
  Endpoint source;
  Endpoint destination;
  std::size_t octets = 0;  // of the header; the session's first octet follows
};

enum class ProxyError : std::uint8_t {
  kSignature,    // neither version 1 nor version 2
  kTooLong,      // over the 107 octets of version 1, or kProxyHeaderLimit of version 2
  kMalformed,    // does not follow its grammar
  kAddress,      // an address or port that is none
  kUnsupported,  // a version, command or transport that cannot be ours
};
[[nodiscard]] std::string_view to_string(ProxyError error);

/// Octets a header may have, version 2 with its TLVs included.
constexpr std::size_t kProxyHeaderLimit = 4096;

/// Looks for one header at the beginning of `input`. nullopt: so far right, but not all there. Never allocates for
/// invalid input.
std::expected<std::optional<ProxyHeader>, ProxyError> parse_proxy_header(std::string_view input);

/// How many octets more, at least 1, a header that begins with `seen` and is not all there has at the least: reading no
/// more than that leaves what follows the header untouched.
std::size_t proxy_header_needs(std::string_view seen);

/// A header as a proxy would send it: for tests and for handing on. Both endpoints must be of one kind and family.
std::string format_proxy_v1(const Endpoint& source, const Endpoint& destination);
std::string format_proxy_v2(const Endpoint& source, const Endpoint& destination);

}  // namespace veredus::io::net
