#include "work/acme/account_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <boost/json.hpp>
#include <utility>

#include "base/codec/base64.h"
#include "base/crypto/digest.h"
#include "base/types/free_by.h"

namespace veredus::work::acme {
namespace {

using base::codec::base64url_encode;

constexpr int kCoordinateOctets = 32;

using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using NumberPtr = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, FreeBy<ECDSA_SIG_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;

std::string padded(const BIGNUM* number) {
  std::string octets(kCoordinateOctets, '\0');
  if (BN_bn2binpad(number, reinterpret_cast<unsigned char*>(octets.data()), kCoordinateOctets) != kCoordinateOctets)
    return {};
  return octets;
}

std::string coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
  const NumberPtr owned(number);
  return base64url_encode(padded(number));
}

/// RFC 7515 s7.2.2.
template <class Sign>
std::string flattened(const boost::json::object& head, std::string_view payload, Sign sign) {
  const auto head_text = base64url_encode(boost::json::serialize(head));
  const auto payload_text = base64url_encode(payload);
  const auto signature = base64url_encode(sign(head_text + "." + payload_text));
  return boost::json::serialize(
      boost::json::object{{"protected", head_text}, {"payload", payload_text}, {"signature", signature}});
}

}  // namespace

Expected<AccountKey> AccountKey::make() {
  std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  if (!key) return failed(AcmeError::kKey, "no account key can be made");
  return AccountKey(std::move(key));
}

Expected<AccountKey> AccountKey::read(const std::string& pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const auto no_password = [](char*, int, int, void*) { return 0; };
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), &EVP_PKEY_free);
  if (!key || EVP_PKEY_get_bits(key.get()) != 256 || coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_X).empty())
    return failed(AcmeError::kKey, "the account key is no EC key on P-256");
  return AccountKey(std::move(key));
}

std::string AccountKey::pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) return {};
  char* octets = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &octets);
  return {octets, static_cast<std::size_t>(length)};
}

std::string AccountKey::jwk() const {
  return R"({"crv":"P-256","kty":"EC","x":")" + coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X) + R"(","y":")" +
         coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y) + "\"}";
}

std::string AccountKey::thumbprint() const { return base64url_encode(base::crypto::sha256(jwk())); }

std::string AccountKey::sign(std::string_view octets) const {
  const DigestPtr digest(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
  std::size_t length = 0;
  if (!digest || EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(digest.get(), nullptr, &length, data, octets.size()) != 1)
    return {};
  std::string der(length, '\0');
  if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(der.data()), &length, data, octets.size()) != 1)
    return {};
  const auto* from = reinterpret_cast<const unsigned char*>(der.data());
  const SignaturePtr signature(d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(length)));
  if (!signature) return {};
  return padded(ECDSA_SIG_get0_r(signature.get())) + padded(ECDSA_SIG_get0_s(signature.get()));
}

std::string signed_request(const AccountKey& key, const Envelope& envelope, std::string_view payload) {
  namespace json = boost::json;
  json::object head{{"alg", "ES256"}, {"nonce", envelope.nonce}, {"url", envelope.url}};
  if (envelope.account.empty())
    head["jwk"] = json::parse(key.jwk());
  else
    head["kid"] = envelope.account;
  return flattened(head, payload, [&key](std::string_view octets) { return key.sign(octets); });
}

std::string binding_of(const AccountKey& key, const Binding& binding, const std::string& url) {
  const boost::json::object head{{"alg", "HS256"}, {"kid", binding.id}, {"url", url}};
  return flattened(head, key.jwk(),
                   [&binding](std::string_view octets) { return base::crypto::hmac_sha256(binding.key, octets); });
}

std::string key_authorization(const AccountKey& key, std::string_view token) {
  return std::string(token) + "." + key.thumbprint();
}

}  // namespace veredus::work::acme
