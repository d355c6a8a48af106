#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"

namespace veredus::rules::arf {

enum class FeedbackType : std::uint8_t {  // RFC 5965 s7.3, RFC 6430, RFC 6591
  kOther,
  kAbuse,
  kFraud,
  kVirus,
  kNotSpam,
  kOptOut,  // not registered, and sent all the same
  kAuthFailure,
};
[[nodiscard]] std::string_view to_string(FeedbackType type);

enum class AuthFailure : std::uint8_t { kUnspecified, kAdsp, kBodyHash, kRevoked, kSignature, kSpf, kDmarc };
[[nodiscard]] std::string_view to_string(AuthFailure failure);

enum class DeliveryResult : std::uint8_t { kUnspecified, kDelivered, kSpam, kPolicy, kReject, kOther };
[[nodiscard]] std::string_view to_string(DeliveryResult result);

enum class IdentityAlignment : std::uint8_t { kUnspecified, kNone, kSpf, kDkim, kDkimSpf };
[[nodiscard]] std::string_view to_string(IdentityAlignment alignment);

/// A complaint or authentication-failure report, with values as sent. Lists keep their order; at most 100 values each.
struct Feedback {
  FeedbackType type = FeedbackType::kOther;
  std::string type_word;  // as sent
  std::string user_agent;
  unsigned version = 0;
  unsigned incidents = 1;  // RFC 5965 s3.2
  std::optional<SystemTime> arrival;
  std::vector<std::string> authentication_results;
  std::string original_envelope_id;
  std::string original_mail_from;  // without angle brackets
  std::vector<std::string> original_recipients;
  std::vector<std::string> reported_domains;
  std::vector<std::string> reported_uris;
  std::string reporting_mta;  // "dns; mail.example.com" without its type
  std::string source_ip;      // as sent when it is an IPv4 or IPv6 address, else empty
  std::uint16_t source_port = 0;

  AuthFailure auth_failure = AuthFailure::kUnspecified;  // from here: RFC 6591 s3
  DeliveryResult delivery_result = DeliveryResult::kUnspecified;
  IdentityAlignment identity_alignment = IdentityAlignment::kUnspecified;
  std::string dkim_domain, dkim_identity, dkim_selector, dkim_selector_dns, dkim_adsp_dns;
  std::string dkim_canonicalized_header, dkim_canonicalized_body;  // base64 undone
  std::string spf_dns;

  std::string original;            // the message complained of, or its header block
  bool original_is_whole = false;  // false: a header block, or nothing
};

enum class FeedbackError : std::uint8_t {
  kNoReport,        // not a multipart/report with a message/feedback-report in it
  kNoFeedbackType,  // RFC 5965 s3.1 asks for it
};
[[nodiscard]] std::string_view to_string(FeedbackError error);

/// Reads a feedback report. Lenient with everything but the error values. Source: RFC 5965, RFC 6591, RFC 6692.
[[nodiscard]] std::expected<Feedback, FeedbackError> parse_feedback(std::string_view message);

}  // namespace veredus::rules::arf
