#include "work/probe/certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <memory>
#include <utility>

#include "base/codec/hex.h"
#include "base/crypto/digest.h"
#include "base/types/free_by.h"
#include "io/net/endpoint.h"

namespace veredus::work::probe {
namespace {

using OwnedX509 = std::unique_ptr<X509, FreeBy<X509_free>>;
using OwnedStore = std::unique_ptr<X509_STORE, FreeBy<X509_STORE_free>>;
using OwnedBio = std::unique_ptr<BIO, FreeBy<BIO_free>>;
using OwnedVerify = std::unique_ptr<X509_STORE_CTX, FreeBy<X509_STORE_CTX_free>>;
struct FreeStack {  // sk_X509_free is a macro
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

std::string text_of(BIO* bio) {
  char* octets = nullptr;
  const auto length = BIO_get_mem_data(bio, &octets);
  return length > 0 ? std::string(octets, static_cast<std::size_t>(length)) : std::string();
}

std::string text_of(const X509_NAME* name) {
  const OwnedBio out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  return text_of(out.get());
}

SystemTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::time_point_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

std::string address_of(const ASN1_OCTET_STRING* octets) {
  const auto* const data = ASN1_STRING_get0_data(octets);
  const auto length = static_cast<std::size_t>(ASN1_STRING_length(octets));
  if (length == 4) return io::net::IpAddress::v4({data[0], data[1], data[2], data[3]}).to_string();
  if (length != 16) return {};
  std::array<std::uint8_t, 16> all{};
  std::copy_n(data, all.size(), all.begin());
  return io::net::IpAddress::v6(all).to_string();
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> all;
  const std::unique_ptr<GENERAL_NAMES, FreeBy<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      const auto* const text = name->d.dNSName;
      all.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                       static_cast<std::size_t>(ASN1_STRING_length(text)));
    } else if (name->type == GEN_IPADD) {
      all.push_back(address_of(name->d.iPAddress));
    }
  }
  return all;
}

std::string key_of(EVP_PKEY* key) {
  if (key == nullptr) return "unreadable";
  const int type = EVP_PKEY_get_base_id(key);
  if (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS) return "RSA " + std::to_string(EVP_PKEY_get_bits(key));
  if (type == EVP_PKEY_EC) {
    std::array<char, 64> group{};
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1)
      return "EC " + std::string(group.data());
  }
  const char* const name = OBJ_nid2sn(type);
  return name == nullptr ? "unknown" : name;
}

Certificate read(const X509* certificate, const std::string& der) {
  Certificate out;
  out.subject = text_of(X509_get_subject_name(certificate));
  out.issuer = text_of(X509_get_issuer_name(certificate));
  out.names = names_of(certificate);
  out.not_before = time_of(X509_get0_notBefore(certificate));
  out.not_after = time_of(X509_get0_notAfter(certificate));
  EVP_PKEY* const key = X509_get0_pubkey(certificate);
  out.key = key_of(key);
  out.security_bits = key == nullptr ? 0 : static_cast<unsigned>(EVP_PKEY_get_security_bits(key));
  const char* const signature = OBJ_nid2ln(X509_get_signature_nid(certificate));
  out.signature = signature == nullptr ? "unknown" : signature;
  out.sha256 = base::codec::hex_encode(base::crypto::sha256(der));
  out.self_signed = out.subject == out.issuer;
  return out;
}

OwnedX509 parse(const std::string& der) {
  const auto* octets = reinterpret_cast<const unsigned char*>(der.data());
  return OwnedX509(d2i_X509(nullptr, &octets, static_cast<long>(der.size())));
}

OwnedStore store_of(std::string_view trusted_pem) {
  OwnedStore store(X509_STORE_new());
  if (trusted_pem.empty()) {
    X509_STORE_set_default_paths(store.get());
    return store;
  }
  const OwnedBio in(BIO_new_mem_buf(trusted_pem.data(), static_cast<int>(trusted_pem.size())));
  while (const OwnedX509 root{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)})
    X509_STORE_add_cert(store.get(), root.get());
  return store;
}

/// Empty: trusted.
std::string distrust_of(const std::vector<OwnedX509>& chain, SystemTime now, std::string_view trusted_pem) {
  const auto store = store_of(trusted_pem);
  const std::unique_ptr<STACK_OF(X509), FreeStack> others(sk_X509_new_null());
  for (const auto& certificate : chain) sk_X509_push(others.get(), certificate.get());
  const OwnedVerify verify(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(verify.get(), store.get(), chain.front().get(), others.get()) != 1)
    return "cannot be verified";
  X509_STORE_CTX_set_default(verify.get(), "ssl_server");
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(verify.get()),
                             std::chrono::system_clock::to_time_t(std::chrono::system_clock::time_point(now)));
  if (X509_verify_cert(verify.get()) == 1) return {};
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(verify.get()));
}

bool stands_for(X509* certificate, const std::string& host) {
  if (io::net::IpAddress::parse(host)) return X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
  return X509_check_host(certificate, host.c_str(), host.size(), 0, nullptr) == 1;
}

int witness(X509_STORE_CTX* verification, void* chain_der) {
  auto& chain = *static_cast<std::vector<std::string>*>(chain_der);
  chain.clear();
  STACK_OF(X509)* const shown = X509_STORE_CTX_get0_untrusted(verification);
  for (int i = 0; i < sk_X509_num(shown); ++i) {
    unsigned char* der = nullptr;
    const int length = i2d_X509(sk_X509_value(shown, i), &der);
    if (length > 0) chain.emplace_back(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
  }
  X509_STORE_CTX_set_error(verification, X509_V_OK);
  return 1;
}

}  // namespace

CertificateWitness::CertificateWitness(ssl_ctx_st* context) {
  SSL_CTX_set_cert_verify_callback(context, &witness, &chain_der_);
}

CertificateChain examine_chain(const std::vector<std::string>& chain_der, const std::string& host, SystemTime now,
                               std::string_view trusted_pem) {
  CertificateChain out;
  std::vector<OwnedX509> chain;
  for (const auto& der : chain_der) {
    auto certificate = parse(der);
    if (!certificate) continue;
    out.certificates.push_back(read(certificate.get(), der));
    chain.push_back(std::move(certificate));
  }
  if (chain.empty()) {
    out.distrust = "no certificate";
    return out;
  }
  out.distrust = distrust_of(chain, now, trusted_pem);
  out.trusted = out.distrust.empty();
  out.name_matches = stands_for(chain.front().get(), host);
  return out;
}

}  // namespace veredus::work::probe
