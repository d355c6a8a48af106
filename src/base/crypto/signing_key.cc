#include "base/crypto/signing_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <mutex>
#include <optional>
#include <utility>

#include "base/codec/base64.h"
#include "base/crypto/digest.h"
#include "base/types/free_by.h"
#include "base/types/result.h"

namespace veredus::base::crypto {

namespace {

constexpr int kMostRsaBits = 8192;
/// Of a public exponent, the time of a check grows with it; all that people use is 3 to 65537.
constexpr int kMostExponentBits = 32;

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;

const unsigned char* octets_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// A SubjectPublicKeyInfo; else an RSAPublicKey.
KeyPointer read_rsa(std::string_view der) {
  const auto* at = octets_of(der);
  KeyPointer key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!key) {
    at = octets_of(der);
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
  }
  if (key && at != octets_of(der) + der.size()) key.reset();  // something follows the key
  ERR_clear_error();
  return key;
}

bool has_long_exponent(const EVP_PKEY* key) {
  BIGNUM* exponent = nullptr;
  const bool read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1;
  const bool is_long = !read || BN_num_bits(exponent) > kMostExponentBits;
  BN_free(exponent);
  return is_long;
}

std::optional<KeyKind> kind_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return KeyKind::kRsa;
    case EVP_PKEY_ED25519:
      return KeyKind::kEd25519;
    default:
      return std::nullopt;
  }
}

/// PKCS #1 v1.5 over a SHA-256 digest.
bool set_up_rsa(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1;
}

/// nullptr: the key is not one for RSA.
KeyContext context_to_verify_rsa(EVP_PKEY* key) {
  KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  const bool done = context && EVP_PKEY_verify_init(context.get()) == 1 && set_up_rsa(context.get());
  if (!done) context.reset();
  return context;
}

bool verify_ed25519(EVP_PKEY* key, std::string_view digest, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(digest), digest.size()) == 1;
}

std::string sign_rsa(EVP_PKEY* key, std::string_view digest) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = out.size();
  const bool done = context && EVP_PKEY_sign_init(context.get()) == 1 && set_up_rsa(context.get()) &&
                    EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, octets_of(digest),
                                  digest.size()) == 1;
  VEREDUS_CHECK(done);  // a key that was read signs
  out.resize(size);
  return out;
}

std::string sign_ed25519(EVP_PKEY* key, std::string_view digest) {
  const DigestContext context(EVP_MD_CTX_new());
  std::string out(64, '\0');
  std::size_t size = out.size();
  const bool done = context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
                    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                   octets_of(digest), digest.size()) == 1;
  VEREDUS_CHECK(done);
  return out;
}

}  // namespace

std::string_view to_string(KeyError error) {
  switch (error) {
    case KeyError::kMalformed:
      return "not a key";
    case KeyError::kWrongKind:
      return "a key of another kind";
    case KeyError::kTooLong:
      return "a key that is too long";
  }
  return "";
}

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

/// A key and, for RSA, OpenSSL's context for checks with it: to set one up takes longer than the check itself.
struct PublicKey::Check {
  bool rsa(std::string_view digest, std::string_view signature) {
    const std::scoped_lock lock(mutex);
    return context && EVP_PKEY_verify(context.get(), octets_of(signature), signature.size(), octets_of(digest),
                                      digest.size()) == 1;
  }

  KeyPointer key;
  std::mutex mutex;
  KeyContext context;
};

PublicKey::PublicKey(KeyKind kind, KeyPointer key) : kind_(kind), check_(std::make_shared<Check>()) {
  check_->key = std::move(key);
  if (kind == KeyKind::kRsa) check_->context = context_to_verify_rsa(check_->key.get());
}

std::expected<PublicKey, KeyError> PublicKey::rsa(std::string_view der) {
  auto key = read_rsa(der);
  if (!key) return std::unexpected(KeyError::kMalformed);
  if (kind_of(key.get()) != KeyKind::kRsa) return std::unexpected(KeyError::kWrongKind);
  if (EVP_PKEY_get_bits(key.get()) > kMostRsaBits || has_long_exponent(key.get()))
    return std::unexpected(KeyError::kTooLong);
  return PublicKey(KeyKind::kRsa, std::move(key));
}

std::expected<PublicKey, KeyError> PublicKey::ed25519(std::string_view octets) {
  KeyPointer key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets_of(octets), octets.size()));
  ERR_clear_error();
  if (!key) return std::unexpected(KeyError::kMalformed);
  return PublicKey(KeyKind::kEd25519, std::move(key));
}

unsigned PublicKey::bits() const { return static_cast<unsigned>(EVP_PKEY_get_bits(check_->key.get())); }

bool PublicKey::verify(std::string_view digest, std::string_view signature) const {
  VEREDUS_CHECK(digest.size() == kSha256Octets);
  const bool good =
      kind_ == KeyKind::kRsa ? check_->rsa(digest, signature) : verify_ed25519(check_->key.get(), digest, signature);
  if (!good) ERR_clear_error();
  return good;
}

std::expected<PrivateKey, KeyError> PrivateKey::read(const Secret& text) {
  const auto pem = text.reveal();
  KeyPointer key;
  if (pem.contains("-----BEGIN")) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    // An empty passphrase, lest a locked key asks at the terminal.
    key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>("")));
  } else if (auto raw = codec::base64_decode(pem.substr(0, pem.find_last_not_of(" \r\n") + 1))) {
    key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets_of(*raw), raw->size()));
    wipe(*raw);
  }
  ERR_clear_error();
  if (!key) return std::unexpected(KeyError::kMalformed);
  const auto kind = kind_of(key.get());
  if (!kind) return std::unexpected(KeyError::kWrongKind);
  if (EVP_PKEY_get_bits(key.get()) > kMostRsaBits) return std::unexpected(KeyError::kTooLong);
  return PrivateKey(*kind, std::move(key));
}

PrivateKey PrivateKey::make_rsa(unsigned bits) {
  KeyPointer key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits)));
  VEREDUS_CHECK(key != nullptr);
  return {KeyKind::kRsa, std::move(key)};
}

PrivateKey PrivateKey::make_ed25519() {
  KeyPointer key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  VEREDUS_CHECK(key != nullptr);
  return {KeyKind::kEd25519, std::move(key)};
}

unsigned PrivateKey::bits() const { return static_cast<unsigned>(EVP_PKEY_get_bits(key_.get())); }

Secret PrivateKey::pem() const {
  const Bio bio(BIO_new(BIO_s_secmem()));
  VEREDUS_CHECK(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  return Secret(std::string_view(text, static_cast<std::size_t>(size)));
}

std::string PrivateKey::public_octets() const {
  if (kind_ == KeyKind::kEd25519) {
    std::string out(32, '\0');
    std::size_t size = out.size();
    VEREDUS_CHECK(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(out.data()), &size) == 1);
    return out;
  }
  std::string out(static_cast<std::size_t>(i2d_PUBKEY(key_.get(), nullptr)), '\0');
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  i2d_PUBKEY(key_.get(), &at);
  return out;
}

std::string PrivateKey::sign(std::string_view digest) const {
  VEREDUS_CHECK(digest.size() == kSha256Octets);
  return kind_ == KeyKind::kRsa ? sign_rsa(key_.get(), digest) : sign_ed25519(key_.get(), digest);
}

}  // namespace veredus::base::crypto
