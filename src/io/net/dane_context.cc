#include "io/net/dane_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "base/types/free_by.h"

namespace veredus::io::net {
namespace {

constexpr std::uint8_t kDaneTa = 2;
constexpr std::uint8_t kDaneEe = 3;

void free_expectation(void* /*parent*/, void* expectation, CRYPTO_EX_DATA* /*data*/, int /*index*/, long /*argument*/,
                      void* /*pointer*/) {
  delete static_cast<DaneExpectation*>(expectation);
}

/// The place in an OpenSSL context where its expectation is kept, and with which it ends.
int place() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_expectation);
  return index;
}

}  // namespace

std::string_view to_string(DaneError error) {
  switch (error) {
    case DaneError::kNoUsableRecord:
      return "no TLSA record can be used";
    case DaneError::kLibrary:
      return "OpenSSL refused a setting";
  }
  return "unknown error";
}

const DaneExpectation* dane_expectation_of(const ssl_ctx_st* context) {
  return static_cast<const DaneExpectation*>(SSL_CTX_get_ex_data(context, place()));
}

int expect_dane(ssl_st* ssl, const DaneExpectation& expectation) {
  if (SSL_dane_enable(ssl, expectation.base_domain.c_str()) != 1) return -1;
  SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);  // RFC 7672 s3.1.1
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  for (const auto& name : expectation.other_names)
    if (SSL_add1_host(ssl, name.c_str()) != 1) return -1;
  int usable = 0;
  for (const auto& record : expectation.records) {
    if (record.usage != kDaneTa && record.usage != kDaneEe) continue;  // RFC 7672 s3.1.3
    const auto* octets = reinterpret_cast<const unsigned char*>(record.association.data());
    const int added =
        SSL_dane_tlsa_add(ssl, record.usage, record.selector, record.matching, octets, record.association.size());
    if (added > 0) ++usable;
  }
  ERR_clear_error();
  return usable;
}

std::expected<std::shared_ptr<TlsContext>, DaneError> dane_client(DaneExpectation expectation,
                                                                  TlsContext::MinimumVersion minimum) {
  auto context = TlsContext::client({.verify = TlsContext::Verify::kNone, .trusted_pem = {}, .minimum = minimum});
  if (!context) return std::unexpected(DaneError::kLibrary);
  const auto native = (*context)->native();
  if (SSL_CTX_dane_enable(native.get()) != 1) return std::unexpected(DaneError::kLibrary);
  SSL_CTX_set_verify(native.get(), SSL_VERIFY_PEER, nullptr);
  const std::unique_ptr<SSL, FreeBy<SSL_free>> trial(SSL_new(native.get()));
  const int usable = trial ? expect_dane(trial.get(), expectation) : -1;
  if (usable < 0) return std::unexpected(DaneError::kLibrary);
  if (usable == 0) return std::unexpected(DaneError::kNoUsableRecord);
  auto kept = std::make_unique<DaneExpectation>(std::move(expectation));
  if (SSL_CTX_set_ex_data(native.get(), place(), kept.get()) != 1) return std::unexpected(DaneError::kLibrary);
  kept.release();
  return *std::move(context);
}

}  // namespace veredus::io::net
