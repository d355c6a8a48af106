#include "wire/sasl/channel_binding.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <memory>

namespace veredus::wire::sasl {
namespace {

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

}  // namespace

std::string tls_server_end_point(std::string_view certificate_der) {
  const auto* octets = reinterpret_cast<const unsigned char*>(certificate_der.data());
  const std::unique_ptr<X509, FreeCertificate> certificate(
      d2i_X509(nullptr, &octets, static_cast<long>(certificate_der.size())));
  if (!certificate) return {};
  int digest = NID_undef;
  // Ed25519 and its like have no hash function of their own: RFC 5929 s4.1 leaves the binding undefined.
  if (X509_get_signature_info(certificate.get(), &digest, nullptr, nullptr, nullptr) != 1 || digest == NID_undef)
    return {};
  const bool weak = digest == NID_md5 || digest == NID_sha1;
  const EVP_MD* const algorithm = weak ? EVP_sha256() : EVP_get_digestbynid(digest);
  if (algorithm == nullptr) return {};
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate.get(), algorithm, hash, &size) != 1) return {};
  return {reinterpret_cast<const char*>(hash), size};
}

}  // namespace veredus::wire::sasl
