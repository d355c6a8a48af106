#include "io/net/tls_binding.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <array>

namespace veredus::io::net {

std::string tls_server_end_point(x509_st* certificate) {
  if (certificate == nullptr) return {};
  int digest_nid = NID_undef;
  if (X509_get_signature_info(certificate, &digest_nid, nullptr, nullptr, nullptr) != 1) return {};
  // Ed25519 and its like have no hash function of their own: RFC 5929 s4.1 leaves the binding undefined.
  if (digest_nid == NID_undef) return {};
  if (digest_nid == NID_md5 || digest_nid == NID_sha1 || digest_nid == NID_md5_sha1) digest_nid = NID_sha256;
  const auto* digest = EVP_get_digestbynid(digest_nid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  if (digest == nullptr || X509_digest(certificate, digest, hash.data(), &length) != 1) return {};
  return {reinterpret_cast<const char*>(hash.data()), length};
}

}  // namespace veredus::io::net
