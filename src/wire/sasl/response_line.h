#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "wire/sasl/error.h"

namespace veredus::wire::sasl {

/// The longest line of base64 taken from a client. Source: RFC 4954 s4 (12288 octets).
constexpr std::size_t kMaxResponseLineOctets = 12288;

/// What a client sent in answer to a challenge, the line without CRLF: base64, or "*" to cancel. Source: RFC 4954 s4,
/// RFC 5034 s4. Errors: kCancelled, kTooLong, kMalformedBase64.
std::expected<std::string, SaslError> decode_response(std::string_view line);

/// What followed the mechanism in the AUTH command: "=" is an empty response, an empty text is none at all.
std::expected<std::optional<std::string>, SaslError> decode_initial_response(std::string_view argument);

}  // namespace veredus::wire::sasl
