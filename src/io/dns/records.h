#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace veredus::io::dns {

/// The types this program asks for, by their numbers in DNS.
enum class RecordType : std::uint16_t {
  kA = 1,      // RFC 1035 s3.2.2
  kNs = 2,     // RFC 1035 s3.2.2
  kCname = 5,  // RFC 1035 s3.2.2
  kPtr = 12,   // RFC 1035 s3.2.2
  kMx = 15,    // RFC 1035 s3.2.2
  kTxt = 16,   // RFC 1035 s3.2.2
  kAaaa = 28,  // RFC 3596 s2.1
  kSrv = 33,   // RFC 2782
  kTlsa = 52,  // RFC 6698 s7.1
};
[[nodiscard]] std::string_view to_string(RecordType type);

/// Names in records are lower case, without the last dot; "." is the root. Octets that are no letter, digit, '-' or '_'
/// are escaped as in zone files (base/codec/dns_name.h), so that a name without a backslash is what it looks like.
struct MxRecord {
  std::uint16_t preference = 0;
  std::string exchange;

  /// "This domain takes no mail": the only MX record of its domain. RFC 7505 s3.
  [[nodiscard]] bool is_null() const { return exchange == "."; }
  friend auto operator<=>(const MxRecord&, const MxRecord&) = default;
};

/// Where a service of a domain is. RFC 2782.
struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;  // ".": the domain has no such service

  friend auto operator<=>(const SrvRecord&, const SrvRecord&) = default;
};

/// How the certificate of a service is known from DNS. RFC 6698 s2.1.
struct TlsaRecord {
  std::uint8_t usage = 0;     // 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE (RFC 7218 s2)
  std::uint8_t selector = 0;  // 0 the certificate, 1 its public key
  std::uint8_t matching = 0;  // 0 as it is, 1 SHA-256, 2 SHA-512
  std::string association;    // octets

  friend auto operator<=>(const TlsaRecord&, const TlsaRecord&) = default;
};

}  // namespace veredus::io::dns
