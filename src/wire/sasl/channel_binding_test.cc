#include "wire/sasl/channel_binding.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace veredus::wire::sasl {
namespace {

// A certificate of nobody, signed by itself.
std::string certificate(EVP_PKEY* key, const EVP_MD* digest) {
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key);
  EXPECT_GT(X509_sign(made.get(), key, digest), 0);
  unsigned char* octets = nullptr;
  const int size = i2d_X509(made.get(), &octets);
  std::string der(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
  OPENSSL_free(octets);
  return der;
}

std::string digest_of(std::string_view octets, const EVP_MD* algorithm) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(octets.data(), octets.size(), hash, &size, algorithm, nullptr);
  return {reinterpret_cast<const char*>(hash), size};
}

TEST(TlsServerEndPoint, HashesWithTheSignaturesHash) {  // RFC 5929 s4.1
  struct Case {
    const EVP_MD* signature;
    const EVP_MD* want;
  };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Case cases[] = {{EVP_sha256(), EVP_sha256()}, {EVP_sha384(), EVP_sha384()}, {EVP_sha1(), EVP_sha256()}};
  for (const auto& c : cases) {
    SCOPED_TRACE(EVP_MD_get0_name(c.signature));
    const std::string der = certificate(key.get(), c.signature);
    EXPECT_EQ(tls_server_end_point(der), digest_of(der, c.want));
  }
}

TEST(TlsServerEndPoint, IsUndefinedWithoutAHash) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                                                EVP_PKEY_free);
  EXPECT_EQ(tls_server_end_point(certificate(key.get(), nullptr)), "");
  EXPECT_EQ(tls_server_end_point("no certificate"), "");
  EXPECT_EQ(tls_server_end_point(""), "");
}

}  // namespace
}  // namespace veredus::wire::sasl
