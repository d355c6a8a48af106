#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"

namespace veredus::work::smtpclient {

/// Which policy a session was under, by the names of RFC 8460 s4.4 (`policy-type`).
enum class TlsPolicyType : std::uint8_t {
  kTlsa,  // RFC 7672: DANE
  kSts,   // RFC 8461: MTA-STS
  kNone,  // "no-policy-found"
};
[[nodiscard]] std::string_view to_string(TlsPolicyType type);

/// What became of TLS, by the names of RFC 8460 s4.3 (`result-type`).
enum class TlsResult : std::uint8_t {
  kSuccess,
  kStartTlsNotSupported,     // "starttls-not-supported"
  kCertificateHostMismatch,  // "certificate-host-mismatch"
  kCertificateExpired,       // "certificate-expired"
  kCertificateNotTrusted,    // "certificate-not-trusted"
  kValidationFailure,        // "validation-failure": any other; TlsOutcome::reason says what
  kTlsaInvalid,              // "tlsa-invalid": no record matches, or none of them can be used
  kDnssecInvalid,            // "dnssec-invalid": the TLSA records could not be had with a good signature
  kDaneRequired,             // "dane-required": DANE is asked for here, and the host has none
  kStsPolicyFetchError,      // "sts-policy-fetch-error"
  kStsPolicyInvalid,         // "sts-policy-invalid"
  kStsWebPkiInvalid,         // "sts-webpki-invalid": the policy host's certificate
};
/// The RFC's word; "success" for kSuccess, which has none.
[[nodiscard]] std::string_view to_string(TlsResult result);

/// What came of TLS in one session with a mail host, or of an attempt at one that TLS, or what TLS must be, has ended.
/// A session that never came so far (nobody listens, no greeting) has none. One message in many or many messages in one
/// session: it is told once. Source: RFC 8460 s4.
struct TlsOutcome {
  SystemTime at{};
  std::string policy_domain;  // the recipients' domain, in A-labels, lower case
  TlsPolicyType policy_type = TlsPolicyType::kNone;
  /// TLSA records as in zone files ("3 1 1 0fc4…"), or the lines of the MTA-STS policy without their ends; empty:
  /// none, or it could not be had.
  std::vector<std::string> policy_strings;
  std::vector<std::string> policy_mx_hosts;  // kSts: the policy's patterns
  TlsResult result = TlsResult::kSuccess;
  std::string mx_host;            // as DNS names it, in A-labels
  std::string mx_hello;           // the name it says it has; empty: not so far
  std::string receiving_address;  // without brackets and port; empty: it was not connected to
  std::string sending_address;    // the same
  std::string reason;             // for people; empty on success

  [[nodiscard]] bool successful() const { return result == TlsResult::kSuccess; }
};

/// Hears of every outcome, once for each session.
class TlsOutcomeSink {
 public:
  virtual ~TlsOutcomeSink() = default;
  /// Any thread; does not wait.
  virtual void record(TlsOutcome outcome) = 0;
};

}  // namespace veredus::work::smtpclient
