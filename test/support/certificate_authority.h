#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "io/net/self_signed.h"

namespace veredus::test {

/// A root of trust in memory, for tests alone: EC P-256 throughout, nothing is checked.
class CertificateAuthority {
 public:
  CertificateAuthority() : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free) {
    certificate_ = made(key_.get(), {}, MachineClock().now(), std::chrono::days(365));
  }

  /// A new key and a certificate for it, with the root's behind it.
  [[nodiscard]] io::net::KeyAndCertificate issue(const std::vector<std::string>& names) const {
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const auto leaf = made(key.get(), names, MachineClock().now(), std::chrono::days(1));
    return {pem_of(key.get()), pem_of(leaf.get()) + pem_of(certificate_.get())};
  }
  /// For the key of a request (PKCS #10, DER): what its names are is said apart.
  [[nodiscard]] std::string sign(std::string_view request, const std::vector<std::string>& names, SystemTime now,
                                 std::chrono::days life) const {
    const auto* octets = reinterpret_cast<const unsigned char*>(request.data());
    const std::unique_ptr<X509_REQ, void (*)(X509_REQ*)> read(
        d2i_X509_REQ(nullptr, &octets, static_cast<long>(request.size())), &X509_REQ_free);
    if (!read) return {};
    return pem_of(made(X509_REQ_get0_pubkey(read.get()), names, now, life).get()) + pem_of(certificate_.get());
  }
  /// The root's certificate.
  [[nodiscard]] std::string pem() const { return pem_of(certificate_.get()); }
  [[nodiscard]] std::string der() const {
    unsigned char* octets = nullptr;
    const int length = i2d_X509(certificate_.get(), &octets);
    std::string text(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(length));
    OPENSSL_free(octets);
    return text;
  }

 private:
  using Key = std::shared_ptr<EVP_PKEY>;
  using Certificate = std::shared_ptr<X509>;

  static void put(X509* to, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    X509_add_ext(to, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static std::string text_of(BIO* bio) {
    char* octets = nullptr;
    const long length = BIO_get_mem_data(bio, &octets);
    std::string text(octets, static_cast<std::size_t>(length));
    BIO_free(bio);
    return text;
  }
  static std::string pem_of(X509* certificate) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate);
    return text_of(bio);
  }
  static std::string pem_of(EVP_PKEY* key) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(bio);
  }
  /// Without names: the root itself.
  [[nodiscard]] Certificate made(EVP_PKEY* key, const std::vector<std::string>& names, SystemTime now,
                                 std::chrono::days life) const {
    Certificate made(X509_new(), &X509_free);
    X509* to = made.get();
    X509* issuer = names.empty() ? to : certificate_.get();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    X509_set_version(to, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(to), ++serial_);
    const std::string name = names.empty() ? "Root of the tests" : names.front();
    X509_NAME_add_entry_by_txt(X509_get_subject_name(to), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1,
                               0);
    X509_set_issuer_name(to, X509_get_subject_name(issuer));
    ASN1_TIME_set(X509_getm_notBefore(to), seconds.count() - 3600);
    ASN1_TIME_set(X509_getm_notAfter(to), (seconds + std::chrono::seconds(life)).count());
    X509_set_pubkey(to, key);
    put(to, issuer, NID_basic_constraints, names.empty() ? "critical,CA:TRUE" : "critical,CA:FALSE");
    put(to, issuer, NID_subject_key_identifier, "hash");
    if (!names.empty()) {
      std::string alternatives;
      for (const auto& one : names) alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + one;
      put(to, issuer, NID_subject_alt_name, alternatives);
      put(to, issuer, NID_authority_key_identifier, "keyid:always");
    }
    X509_sign(to, key_.get(), EVP_sha256());
    return made;
  }

  Key key_;
  Certificate certificate_;
  mutable long serial_ = 0;
};

}  // namespace veredus::test
