#pragma once

#include <string>

struct x509_st;

namespace veredus::io::net {

/// tls-server-end-point of a certificate: hashed with its signature's hash function, or with SHA-256 when that is MD5
/// or SHA-1. Empty without a certificate and when its signature has no single hash function. Source: RFC 5929 s4.1.
[[nodiscard]] std::string tls_server_end_point(x509_st* certificate);

}  // namespace veredus::io::net
