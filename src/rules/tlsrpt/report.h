#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"

namespace veredus::rules::tlsrpt {

/// Sessions that failed in the same way. Empty: not said. Source: RFC 8460 s4.4.
struct Failure {
  std::string result_type;
  std::string sending_address;
  std::string receiving_host;
  std::string receiving_hello;
  std::string receiving_address;
  std::uint64_t sessions = 0;
  std::string additional_information;
  std::string reason;  // failure-reason-code
};

/// What came of one policy.
struct PolicyResult {
  std::string type;  // "tlsa", "sts", "no-policy-found"
  std::vector<std::string> strings;
  std::string domain;
  std::vector<std::string> mx_hosts;
  std::uint64_t successful = 0;  // sessions
  std::uint64_t failed = 0;
  std::vector<Failure> failures;
};

/// A report on TLS. Words are kept as sent; text is UTF-8.
struct Report {
  std::string organization;
  SystemTime begin;
  SystemTime end;
  std::string contact;
  std::string report_id;
  std::vector<PolicyResult> policies;
};

enum class ReportError : std::uint8_t {
  kJson,      // no JSON, or nested too deeply
  kNoReport,  // JSON that is something else
  kMetadata,  // no organization, no report id or no period
  kPolicies,  // a policy without type or counts
  kTooMany,   // policies, or failures of one
  kTooLong,   // the document
  kText,      // a text that is too long
};
[[nodiscard]] std::string_view to_string(ReportError error);

struct ReportLimits {
  std::size_t policies = 1000;
  std::size_t failures = 100'000;   // in all
  std::size_t strings = 100;        // policy strings and hosts kept of one policy
  std::size_t text_octets = 4096;   // of one value
  std::size_t octets = 4ULL << 20;  // of the document: a parsed one takes up many times as much
};

/// The JSON document. Octets that are no UTF-8 become U+FFFD. Source: RFC 8460 s4.4.
[[nodiscard]] std::string write_json(const Report& report);

/// Lenient with members that are missing or unknown, but for the error values. Source: RFC 8460 s4.4.
[[nodiscard]] std::expected<Report, ReportError> read_json(std::string_view document, const ReportLimits& limits = {});

}  // namespace veredus::rules::tlsrpt
