#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace veredus::work::acme {

enum class AcmeError : std::uint8_t {
  kConnection,   // the server could not be asked
  kProblem,      // it says no; Failure::type says why
  kMalformed,    // its answer is not what RFC 8555 has
  kUnproven,     // it did not find the challenge answered
  kNoChallenge,  // it offers none of the kind that is configured
  kTimeout,      // it does not come to an end
  kKey,          // a key or a request could not be made or read
  kFile,         // what must be kept cannot be written or read
};
[[nodiscard]] std::string_view to_string(AcmeError error);

/// Why there is no certificate.
struct Failure {
  AcmeError error = AcmeError::kMalformed;
  std::string detail;     // for people
  std::string type = {};  // RFC 8555 s6.7: "badNonce", "rateLimited"…, without what stands before
  std::optional<std::chrono::seconds> retry_after = {};  // not before
};
template <class T>
using Expected = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> failed(AcmeError error, std::string detail) {
  return std::unexpected(Failure{.error = error, .detail = std::move(detail)});
}

}  // namespace veredus::work::acme
