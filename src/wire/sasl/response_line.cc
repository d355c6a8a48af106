#include "wire/sasl/response_line.h"

#include "base/codec/base64.h"

namespace veredus::wire::sasl {

std::expected<std::string, SaslError> decode_response(std::string_view line) {
  if (line == "*") return std::unexpected(SaslError::kCancelled);
  if (line.size() > kMaxResponseLineOctets) return std::unexpected(SaslError::kTooLong);
  auto octets = base::codec::base64_decode(line);
  if (!octets) return std::unexpected(SaslError::kMalformedBase64);
  return *std::move(octets);
}

std::expected<std::optional<std::string>, SaslError> decode_initial_response(std::string_view argument) {
  if (argument.empty()) return std::nullopt;
  if (argument == "=") return std::string();  // RFC 4954 s4
  auto octets = decode_response(argument);
  if (!octets) return std::unexpected(octets.error());
  return *std::move(octets);
}

}  // namespace veredus::wire::sasl
