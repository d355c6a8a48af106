#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::rules::dmarc {

/// What a domain owner asks for. Ordered: the later is the stricter.
enum class Policy : std::uint8_t { kNone, kQuarantine, kReject };
[[nodiscard]] std::string_view to_string(Policy policy);

enum class Alignment : std::uint8_t { kRelaxed, kStrict };

/// psd=: whether the domain is one under which others register theirs (RFC 9989 s4.7).
enum class PublicSuffix : std::uint8_t { kUnknown, kYes, kNo };

/// Where reports go: `mailto:a@b!10m`.
struct ReportTarget {
  std::string uri;                           // without the size
  std::optional<std::uint64_t> most_octets;  // of RFC 7489 s6.2; RFC 9989 has no sizes any more
};

/// fo=: which failures to report.
struct FailureOptions {
  bool nothing_passes = true;   // 0, the default
  bool anything_fails = false;  // 1
  bool dkim = false;            // d
  bool spf = false;             // s
};

/// A policy, as published. Source: RFC 9989 s4.7.
struct Record {
  Policy policy = Policy::kNone;
  /// Whether there is one, or somebody who asks for reports; else DMARC is not applied (RFC 9989 s4.10.1).
  bool has_policy = true;
  std::optional<Policy> subdomains;      // sp=
  std::optional<Policy> nonexistent;     // np=
  Alignment dkim = Alignment::kRelaxed;  // adkim=
  Alignment spf = Alignment::kRelaxed;   // aspf=
  PublicSuffix public_suffix = PublicSuffix::kUnknown;
  bool testing = false;  // t=y
  FailureOptions failures;
  std::vector<ReportTarget> aggregate_reports;  // rua=
  std::vector<ReportTarget> failure_reports;    // ruf=
};

enum class RecordError : std::uint8_t {
  kNotDmarc,  // does not begin with v=DMARC1 and ';'
  kSyntax,    // no tag list, or a tag twice
  kPolicy,    // no p= that is one, and nobody to report to
  kAlignment,
  kFailures,
  kReports,     // rua= or ruf= is no list of URIs
  kPercentage,  // pct= or ri= is no number that fits, rf= no list of words (historic tags)
  kFlag,        // t= or psd=
};
[[nodiscard]] std::string_view to_string(RecordError error);

/// Whether a TXT record is meant to be a policy: the first tag is v=DMARC1, the case of its value counts.
[[nodiscard]] bool is_dmarc(std::string_view text);

/// For its owner: the first fault is told.
std::expected<Record, RecordError> parse_record(std::string_view text);

/// For those who follow it: a tag that is wrong counts as not there (RFC 9989 s4.7). Errors: kNotDmarc, kSyntax.
std::expected<Record, RecordError> read_record(std::string_view text);

/// read_record(), what it said remembered by each thread.
std::shared_ptr<const std::expected<Record, RecordError>> known_record(std::string_view text);

}  // namespace veredus::rules::dmarc
