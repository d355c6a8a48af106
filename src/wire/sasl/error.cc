#include "wire/sasl/error.h"

namespace veredus::wire::sasl {

std::string_view to_string(SaslError error) {
  switch (error) {
    case SaslError::kUnknownMechanism:
      return "unknown mechanism";
    case SaslError::kMalformedBase64:
      return "malformed base64";
    case SaslError::kMalformed:
      return "malformed response";
    case SaslError::kTooLong:
      return "response too long";
    case SaslError::kCancelled:
      return "cancelled by the client";
    case SaslError::kWrongStep:
      return "out of step";
    case SaslError::kForbiddenCharacters:
      return "forbidden characters in name or password";
    case SaslError::kUnsupportedExtension:
      return "unsupported mandatory extension";
    case SaslError::kUnsupportedChannelBinding:
      return "unsupported channel binding";
    case SaslError::kChannelBindingMismatch:
      return "channel bindings do not match";
    case SaslError::kDowngraded:
      return "the offer of channel binding was hidden from the client";
    case SaslError::kNonceMismatch:
      return "nonce does not match";
    case SaslError::kWrongCredentials:
      return "wrong name or password";
    case SaslError::kNotAuthorized:
      return "not allowed to act as that user";
    case SaslError::kServerNotVerified:
      return "the server did not prove that it knows the password";
    case SaslError::kUnacceptableIterations:
      return "unacceptable iteration count";
  }
  return "unknown error";
}

}  // namespace veredus::wire::sasl
