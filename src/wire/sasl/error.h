#pragma once

#include <cstdint>
#include <string_view>

namespace veredus::wire::sasl {

enum class SaslError : std::uint8_t {
  kUnknownMechanism,           // not one we know, or not usable here
  kMalformedBase64,            // the line is no base64
  kMalformed,                  // the octets do not follow the mechanism's grammar
  kTooLong,                    // above kMaxResponseLineOctets, or a name or password above its limit
  kCancelled,                  // the client sent "*"
  kWrongStep,                  // a call that does not fit the exchange's state
  kForbiddenCharacters,        // a name or password that RFC 4013 and RFC 8265 both refuse
  kUnsupportedExtension,       // SCRAM "m="
  kUnsupportedChannelBinding,  // a type we do not have for this connection
  kChannelBindingMismatch,     // somebody sits between client and server, or one of them lies
  kDowngraded,                 // the client saw no -PLUS, although we offered it
  kNonceMismatch,              // SCRAM: the nonce is not the one we made
  kWrongCredentials,           // unknown user or wrong password; never told apart
  kNotAuthorized,              // right password, but acting as somebody else is not allowed
  kServerNotVerified,          // client side: the server does not know the password's keys
  kUnacceptableIterations,     // client side: SCRAM cost too small or too large
};
std::string_view to_string(SaslError error);

}  // namespace veredus::wire::sasl
