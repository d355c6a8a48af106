#pragma once

#include <string>
#include <string_view>

namespace veredus::wire::sasl {

constexpr std::string_view kTlsServerEndPoint =
    "tls-server-end-point";                                // RFC 5929 s4: hash of the server's certificate
constexpr std::string_view kTlsExporter = "tls-exporter";  // RFC 9266 s2: 32 octets of exported key material

/// What ties an authentication to the TLS connection under it.
struct ChannelBinding {
  std::string type;
  std::string octets;
};

}  // namespace veredus::wire::sasl
