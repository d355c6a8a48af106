#include "io/net/self_signed.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/types/free_by.h"
#include "io/net/endpoint.h"

namespace veredus::io::net {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, FreeBy<X509_free>>;
using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeBy<X509_EXTENSION_free>>;

constexpr std::size_t kCommonNameLimit = 64;  // RFC 5280 appendix A.1, ub-common-name

/// Letters, digits, '-', '.' and a leading "*."; so nothing that the extension's syntax would read.
bool is_dns_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

std::expected<std::string, TlsError> alternative_names(const std::vector<std::string>& names) {
  if (names.empty()) return std::unexpected(TlsError::kCertificateNames);
  std::string value;
  for (const auto& name : names) {
    const bool is_address = IpAddress::parse(name).has_value();
    if (!is_address && !is_dns_name(name)) return std::unexpected(TlsError::kCertificateNames);
    if (!value.empty()) value += ',';
    value += (is_address ? "IP:" : "DNS:") + name;
  }
  return value;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1) return false;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), (serial >> 1) | 1) == 1;
}

bool set_subject(X509* certificate, const std::string& name) {
  auto* subject = X509_get_subject_name(certificate);
  const auto shown = name.substr(0, kCommonNameLimit);
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(shown.data()),
                                    static_cast<int>(shown.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

bool set_validity(X509* certificate, SystemTime now, std::chrono::days valid_for) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  const auto begin = seconds - std::chrono::hours(1);
  const auto end = seconds + std::chrono::seconds(valid_for);
  return ASN1_TIME_set(X509_getm_notBefore(certificate), begin.count()) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), end.count()) != nullptr;
}

std::string text_of(BIO* bio) {
  char* octets = nullptr;
  const long length = BIO_get_mem_data(bio, &octets);
  return {octets, static_cast<std::size_t>(length)};
}

}  // namespace

std::expected<KeyAndCertificate, TlsError> make_self_signed(std::vector<std::string> names, SystemTime now,
                                                            std::chrono::days valid_for) {
  const auto alternatives = alternative_names(names);
  if (!alternatives) return std::unexpected(alternatives.error());
  const KeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  const bool made = key && certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                    set_serial(certificate.get()) && set_subject(certificate.get(), names.front()) &&
                    set_validity(certificate.get(), now, valid_for) &&
                    X509_set_pubkey(certificate.get(), key.get()) == 1 &&
                    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature") &&
                    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth") &&
                    add_extension(certificate.get(), NID_subject_alt_name, *alternatives) &&
                    X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0;
  if (!made) return std::unexpected(TlsError::kLibrary);

  const BioPtr key_text(BIO_new(BIO_s_mem()));
  const BioPtr certificate_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1)
    return std::unexpected(TlsError::kLibrary);
  return KeyAndCertificate{text_of(key_text.get()), text_of(certificate_text.get())};
}

}  // namespace veredus::io::net
