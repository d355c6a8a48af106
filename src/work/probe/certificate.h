#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"

struct ssl_ctx_st;

namespace veredus::work::probe {

/// One certificate, as people want to read it.
struct Certificate {
  std::string subject;  // "CN=mx.example.org"
  std::string issuer;
  std::vector<std::string> names;  // DNS names and addresses it stands for
  SystemTime not_before{};
  SystemTime not_after{};
  std::string key;             // "RSA 2048", "EC P-256", "ED25519"
  unsigned security_bits = 0;  // what breaking the key costs: RSA 2048 has 112
  std::string signature;       // "sha256WithRSAEncryption"
  std::string sha256;          // fingerprint, hexadecimal
  bool self_signed = false;
};

/// What a server has shown, and what is to be thought of it.
struct CertificateChain {
  std::vector<Certificate> certificates;  // the server's own first
  bool trusted = false;                   // leads to a root this machine trusts, and all in it is valid now
  std::string distrust;                   // why not, in OpenSSL's words
  bool name_matches = false;              // RFC 6125 s6: the first one stands for the host
};

/// Remembers the certificates of the next handshakes of a client's context and lets every handshake pass: what is wrong
/// with them is to be told, not to be stopped at. The context must be this object's alone, and be outlived by it.
class CertificateWitness {
 public:
  explicit CertificateWitness(ssl_ctx_st* context);
  CertificateWitness(const CertificateWitness&) = delete;
  CertificateWitness& operator=(const CertificateWitness&) = delete;

  /// DER, the server's own first; empty before a handshake.
  [[nodiscard]] const std::vector<std::string>& chain_der() const { return chain_der_; }

 private:
  std::vector<std::string> chain_der_;
};

/// Looks at a chain as it was shown. `host` is a name or an address; `trusted_pem` empty: the system's roots. What
/// cannot be read as a certificate is passed over.
CertificateChain examine_chain(const std::vector<std::string>& chain_der, const std::string& host, SystemTime now,
                               std::string_view trusted_pem);

}  // namespace veredus::work::probe
