#include "work/acme/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/crypto/digest.h"
#include "base/types/free_by.h"

namespace veredus::work::acme {
namespace {

using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, FreeBy<X509_REQ_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeBy<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeBy<X509_EXTENSION_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, FreeBy<ASN1_OCTET_STRING_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, FreeBy<ASN1_OBJECT_free>>;
struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * stack) const { sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free); }
};
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

constexpr const char* kAcmeIdentifier = "1.3.6.1.5.5.7.1.31";  // RFC 8737 s6.1
constexpr auto kProofLife = std::chrono::days(7);

std::string text_of(BIO* bio) {
  char* octets = nullptr;
  const long length = BIO_get_mem_data(bio, &octets);
  return {octets, static_cast<std::size_t>(length)};
}

std::string pem_of(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) return {};
  return text_of(bio.get());
}

/// "DNS:a.test,DNS:b.test"; empty: a name would break out of it.
std::string alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    if (name.empty() || name.find_first_of(",:\n ") != std::string::npos) return {};
    text += (text.empty() ? "DNS:" : ",DNS:") + name;
  }
  return text;
}

ExtensionPtr extension(int nid, const std::string& value) {
  return ExtensionPtr(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
}

SystemTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return SystemTime(std::chrono::seconds(::timegm(&parts)));
}

std::vector<std::string> dns_names(X509* certificate) {
  std::vector<std::string> names;
  auto* stack = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(stack); ++i) {
    const auto* name = sk_GENERAL_NAME_value(stack, i);
    if (name->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    names.push_back(
        base::codec::to_lower_ascii(std::string(text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)))));
  }
  GENERAL_NAMES_free(stack);
  std::ranges::sort(names);
  return names;
}

std::string octets_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// RFC 9773 s4.1: authority key identifier and serial number, each in base64url.
std::string renewal_id(X509* certificate) {
  const auto* authority = X509_get0_authority_key_id(certificate);
  if (authority == nullptr) return {};
  std::string serial = octets_of(X509_get0_serialNumber(certificate));
  if (!serial.empty() && (static_cast<unsigned char>(serial.front()) & 0x80) != 0) serial.insert(0, 1, '\0');
  return base::codec::base64url_encode(octets_of(authority)) + "." + base::codec::base64url_encode(serial);
}

bool add(X509* certificate, const ExtensionPtr& extension) {
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// RFC 8737 s3: critical, an OCTET STRING of SHA-256 of the key authorization.
ExtensionPtr proof_extension(std::string_view key_authorization) {
  const std::string value = std::string("\x04\x20") + base::crypto::sha256(key_authorization);
  const ObjectPtr object(OBJ_txt2obj(kAcmeIdentifier, 1));
  const OctetsPtr octets(ASN1_OCTET_STRING_new());
  if (!object || !octets ||
      ASN1_OCTET_STRING_set(octets.get(), reinterpret_cast<const unsigned char*>(value.data()),
                            static_cast<int>(value.size())) != 1)
    return nullptr;
  return ExtensionPtr(X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 1, octets.get()));
}

bool set_frame(X509* certificate, EVP_PKEY* key, SystemTime now) {
  std::uint64_t serial = 0;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  const std::chrono::seconds end = seconds + kProofLife;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1 &&
         X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), (serial >> 1) | 1) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), seconds.count() - 3600) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), end.count()) != nullptr &&
         X509_set_pubkey(certificate, key) == 1;
}

}  // namespace

Expected<KeyAndRequest> make_request(const std::vector<std::string>& names) {
  const auto listed = alternatives(names);
  const KeyPtr key(EVP_EC_gen("P-256"));
  const RequestPtr request(X509_REQ_new());
  auto names_extension = listed.empty() ? nullptr : extension(NID_subject_alt_name, listed);
  ExtensionsPtr extensions(sk_X509_EXTENSION_new_null());
  if (!key || !request || !names_extension || !extensions ||
      sk_X509_EXTENSION_push(extensions.get(), names_extension.get()) == 0)
    return failed(AcmeError::kKey, "no request can be made for these names");
  static_cast<void>(names_extension.release());  // the stack's now
  const bool made = X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
                    X509_REQ_add_extensions(request.get(), extensions.get()) == 1 &&
                    X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
                    X509_REQ_sign(request.get(), key.get(), EVP_sha256()) != 0;
  unsigned char* octets = nullptr;
  const int length = made ? i2d_X509_REQ(request.get(), &octets) : -1;
  if (length <= 0) return failed(AcmeError::kKey, "no request can be made for these names");
  KeyAndRequest result{.key_pem = pem_of(key.get()),
                       .request = {reinterpret_cast<const char*>(octets), static_cast<std::size_t>(length)}};
  OPENSSL_free(octets);
  return result;
}

Expected<CertificateFacts> read_certificate(const std::string& pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!certificate) return failed(AcmeError::kFile, "there is no certificate");
  CertificateFacts facts;
  facts.names = dns_names(certificate.get());
  facts.from = time_of(X509_get0_notBefore(certificate.get()));
  facts.until = time_of(X509_get0_notAfter(certificate.get()));
  facts.self_signed =
      X509_NAME_cmp(X509_get_subject_name(certificate.get()), X509_get_issuer_name(certificate.get())) == 0;
  facts.renewal_id = renewal_id(certificate.get());
  return facts;
}

Expected<io::net::KeyAndCertificate> make_proof(const std::string& name, std::string_view key_authorization,
                                                SystemTime now) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate(X509_new());
  const auto listed = alternatives({name});
  const bool made = key && certificate && !listed.empty() && set_frame(certificate.get(), key.get(), now) &&
                    add(certificate.get(), extension(NID_subject_alt_name, "critical," + listed)) &&
                    add(certificate.get(), proof_extension(key_authorization)) &&
                    X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0;
  if (!made) return failed(AcmeError::kKey, "no proof can be made for " + name);
  const BioPtr text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(text.get(), certificate.get()) != 1) return failed(AcmeError::kKey, "no proof can be made");
  return io::net::KeyAndCertificate{pem_of(key.get()), text_of(text.get())};
}

}  // namespace veredus::work::acme
