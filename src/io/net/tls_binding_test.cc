#include "io/net/tls_binding.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace veredus::io::net {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

// A certificate of nobody, signed by itself.
Certificate certificate(EVP_PKEY* key, const EVP_MD* digest) {
  Certificate made(X509_new(), X509_free);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key);
  EXPECT_GT(X509_sign(made.get(), key, digest), 0);
  return made;
}

std::string digest_of(X509* certificate, const EVP_MD* algorithm) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(certificate, algorithm, hash, &size);
  return {reinterpret_cast<const char*>(hash), size};
}

TEST(TlsServerEndPoint, HashesWithTheSignaturesHash) {  // RFC 5929 s4.1
  struct Case {
    const EVP_MD* signature;
    const EVP_MD* want;
  };
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Case cases[] = {{EVP_sha256(), EVP_sha256()}, {EVP_sha384(), EVP_sha384()}, {EVP_sha1(), EVP_sha256()}};
  for (const auto& c : cases) {
    SCOPED_TRACE(EVP_MD_get0_name(c.signature));
    const auto made = certificate(key.get(), c.signature);
    EXPECT_EQ(tls_server_end_point(made.get()), digest_of(made.get(), c.want));
  }
}

TEST(TlsServerEndPoint, IsUndefinedWithoutAHash) {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  EXPECT_EQ(tls_server_end_point(certificate(key.get(), nullptr).get()), "");
  EXPECT_EQ(tls_server_end_point(nullptr), "");
}

}  // namespace
}  // namespace veredus::io::net
