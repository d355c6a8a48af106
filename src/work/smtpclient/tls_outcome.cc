#include "work/smtpclient/tls_outcome.h"

namespace veredus::work::smtpclient {

std::string_view to_string(TlsPolicyType type) {
  switch (type) {
    case TlsPolicyType::kTlsa:
      return "tlsa";
    case TlsPolicyType::kSts:
      return "sts";
    case TlsPolicyType::kNone:
      return "no-policy-found";
  }
  return "unknown";
}

std::string_view to_string(TlsResult result) {
  switch (result) {
    case TlsResult::kSuccess:
      return "success";
    case TlsResult::kStartTlsNotSupported:
      return "starttls-not-supported";
    case TlsResult::kCertificateHostMismatch:
      return "certificate-host-mismatch";
    case TlsResult::kCertificateExpired:
      return "certificate-expired";
    case TlsResult::kCertificateNotTrusted:
      return "certificate-not-trusted";
    case TlsResult::kValidationFailure:
      return "validation-failure";
    case TlsResult::kTlsaInvalid:
      return "tlsa-invalid";
    case TlsResult::kDnssecInvalid:
      return "dnssec-invalid";
    case TlsResult::kDaneRequired:
      return "dane-required";
    case TlsResult::kStsPolicyFetchError:
      return "sts-policy-fetch-error";
    case TlsResult::kStsPolicyInvalid:
      return "sts-policy-invalid";
    case TlsResult::kStsWebPkiInvalid:
      return "sts-webpki-invalid";
  }
  return "unknown";
}

}  // namespace veredus::work::smtpclient
