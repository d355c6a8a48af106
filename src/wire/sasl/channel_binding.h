#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace veredus::wire::sasl {

constexpr std::string_view kTlsServerEndPoint =
    "tls-server-end-point";                                // RFC 5929 s4: hash of the server's certificate
constexpr std::string_view kTlsExporter = "tls-exporter";  // RFC 9266 s2: 32 octets of exported key material
/// What to ask the TLS library for: label, empty context, length. Source: RFC 9266 s2.
constexpr std::string_view kTlsExporterLabel = "EXPORTER-Channel-Binding";
constexpr std::size_t kTlsExporterOctets = 32;

/// What ties an authentication to the TLS connection under it.
struct ChannelBinding {
  std::string type;
  std::string octets;
};

/// tls-server-end-point of a certificate in DER: hashed with its signature's hash function, or with SHA-256 when that
/// is MD5 or SHA-1. Empty when the certificate cannot be read or its signature has no single hash function. Source: RFC
/// 5929 s4.1.
std::string tls_server_end_point(std::string_view certificate_der);

}  // namespace veredus::wire::sasl
