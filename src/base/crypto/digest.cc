#include "base/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/types/result.h"

namespace veredus::base::crypto {
namespace {

const unsigned char* octets_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* octets_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Fetched once: asking OpenSSL 3 for an algorithm by name costs more than hashing a short text.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  VEREDUS_CHECK(algorithm != nullptr);
  return algorithm;
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  VEREDUS_CHECK(context_ && EVP_DigestInit_ex2(context_.get(), sha256_algorithm(), nullptr) == 1);
}

void Sha256::update(std::string_view octets) {
  VEREDUS_CHECK(EVP_DigestUpdate(context_.get(), octets.data(), octets.size()) == 1);
}

std::string Sha256::finish() {
  std::string out(kSha256Octets, '\0');
  VEREDUS_CHECK(EVP_DigestFinal_ex(context_.get(), octets_of(out), nullptr) == 1);
  VEREDUS_CHECK(EVP_DigestInit_ex2(context_.get(), sha256_algorithm(), nullptr) == 1);
  return out;
}

std::string sha256(std::string_view octets) {
  std::string out(kSha256Octets, '\0');
  VEREDUS_CHECK(EVP_Digest(octets.data(), octets.size(), octets_of(out), nullptr, sha256_algorithm(), nullptr) == 1);
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string out(kSha256Octets, '\0');
  const void* const key_octets = key.empty() ? "" : key.data();  // OpenSSL takes a null key for "the one from before"
  VEREDUS_CHECK(HMAC(sha256_algorithm(), key_octets, static_cast<int>(key.size()), octets_of(message), message.size(),
                     octets_of(out), nullptr) != nullptr);
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace veredus::base::crypto
