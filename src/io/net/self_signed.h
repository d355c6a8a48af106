#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "io/net/tls_context.h"

namespace veredus::io::net {

struct KeyAndCertificate {
  std::string key_pem;          // EC P-256, PKCS #8, not encrypted
  std::string certificate_pem;  // X.509 v3
};

/// A new key and a certificate for `names` (DNS names or IP addresses; the first is also the common name) signed by
/// itself, valid from an hour before `now`. For first starts and tests. Errors: kCertificateNames, kLibrary.
std::expected<KeyAndCertificate, TlsError> make_self_signed(std::vector<std::string> names, SystemTime now,
                                                            std::chrono::days valid_for);

}  // namespace veredus::io::net
