#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "io/net/self_signed.h"
#include "work/acme/acme_error.h"

namespace veredus::work::acme {

/// A new key, and the request for a certificate of it.
struct KeyAndRequest {
  std::string key_pem;  // EC P-256, PKCS #8
  std::string request;  // PKCS #10, DER (RFC 2986)
};
/// For these DNS names, in A-labels; at least one. Errors: kKey.
Expected<KeyAndRequest> make_request(const std::vector<std::string>& names);

/// What is known of a certificate, the first of a chain.
struct CertificateFacts {
  std::vector<std::string> names;  // its DNS names, sorted
  SystemTime from{};
  SystemTime until{};
  bool self_signed = false;
  std::string renewal_id;  // RFC 9773 s4.1; empty: it has no authority key identifier

  /// A third of its life is left, or less.
  [[nodiscard]] SystemTime renew_at() const { return until - (until - from) / 3; }
};
/// `pem` may hold a key as well. Errors: kFile.
Expected<CertificateFacts> read_certificate(const std::string& pem);

/// What proves a name by TLS-ALPN: a certificate for it, signed by itself, with the hash of the key authorization in
/// it. Source: RFC 8737 s3.
Expected<io::net::KeyAndCertificate> make_proof(const std::string& name, std::string_view key_authorization,
                                                SystemTime now);

}  // namespace veredus::work::acme
