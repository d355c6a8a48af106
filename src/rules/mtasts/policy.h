#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::rules::mtasts {

/// What is to be done with mail that the policy does not let pass. On disk, do not renumber.
enum class Mode : std::uint8_t {
  kNone = 0,     // nothing: the domain has no policy any more
  kTesting = 1,  // it goes, and is reported
  kEnforce = 2,  // it does not go
};
[[nodiscard]] std::string_view to_string(Mode mode);

/// A policy as its host serves it. Source: RFC 8461 s3.2.
struct Policy {
  Mode mode = Mode::kNone;
  std::chrono::seconds max_age{0};  // at most kMaxAge
  std::vector<std::string> mx;      // "mx.example.org" or "*.example.org"; lower case
  friend bool operator==(const Policy&, const Policy&) = default;

  /// Whether a mail host may have this name, which is in A-labels; case does not matter. Source: RFC 8461 s4.1.
  [[nodiscard]] bool lists(std::string_view host) const;
};

inline constexpr std::chrono::seconds kMaxAge{31'557'600};  // RFC 8461 s3.2: about a year
inline constexpr std::size_t kMaxPolicyOctets = 64 * 1024;  // RFC 8461 s3.3
inline constexpr std::size_t kMaxPatterns = 1'000;          // so that matching costs little

enum class PolicyError : std::uint8_t {
  kTooLong,    // over kMaxPolicyOctets
  kSyntax,     // a line that is no field
  kVersion,    // none, or not STSv1
  kMode,       // none, or an unknown one
  kMaxAge,     // none, or no number of 1..10 digits
  kMx,         // a pattern that is no domain
  kNoMx,       // no pattern, and the mode asks for one
  kTooManyMx,  // over kMaxPatterns
};
[[nodiscard]] std::string_view to_string(PolicyError error);

/// Reads a policy file. A field that comes again counts the first time, but for `mx`; unknown ones are passed over.
/// A longer max_age counts as kMaxAge. Source: RFC 8461 s3.2.
[[nodiscard]] std::expected<Policy, PolicyError> parse_policy(std::string_view text);

/// The policy as a file: what parse_policy() reads back.
[[nodiscard]] std::string to_text(const Policy& policy);
/// Its lines, as RFC 8460 s4.4 wants them in `policy-string`.
[[nodiscard]] std::vector<std::string> lines_of(const Policy& policy);

}  // namespace veredus::rules::mtasts
