#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/net/tls_context.h"

struct ssl_st;
struct ssl_ctx_st;

namespace veredus::io::net {

/// What DNSSEC says of the certificates of one host, for a client that talks to it.
struct DaneExpectation {
  struct Record {            // RFC 6698 s2.1
    std::uint8_t usage = 0;  // 2 DANE-TA, 3 DANE-EE; others are not used
    std::uint8_t selector = 0;
    std::uint8_t matching = 0;
    std::string association;  // octets
  };
  std::string base_domain;               // sent as SNI; a name a certificate may have (RFC 7672 s3.2)
  std::vector<std::string> other_names;  // others it may have
  std::vector<Record> records;
};

enum class DaneError : std::uint8_t {
  kNoUsableRecord,  // all of them have parameters nobody knows, or data that is none
  kLibrary,         // OpenSSL refused a setting
};
[[nodiscard]] std::string_view to_string(DaneError error);

/// A client's context for this host alone: a handshake ends well only with a certificate that one of the records
/// vouches for; roots of trust play no part. Usages 0 and 1 are not usable (RFC 7672 s3.1.3), and names do not count
/// for DANE-EE (RFC 7672 s3.1.1). Source: RFC 7671, RFC 7672.
std::expected<std::shared_ptr<TlsContext>, DaneError> dane_client(
    DaneExpectation expectation, TlsContext::MinimumVersion minimum = TlsContext::MinimumVersion::kTls12);

/// What sessions of this context expect; null: it is none of dane_client().
[[nodiscard]] const DaneExpectation* dane_expectation_of(const ssl_ctx_st* context);
/// Has a session of such a context, before its handshake, ask for it. The number of records it can use; negative:
/// OpenSSL refused.
[[nodiscard]] int expect_dane(ssl_st* ssl, const DaneExpectation& expectation);

}  // namespace veredus::io::net
