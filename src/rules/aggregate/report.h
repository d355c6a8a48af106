#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"

/// DMARC aggregate reports. Words (dispositions, results, policies) are kept as sent: a report of others is shown,
/// never acted on. Text is UTF-8.
namespace veredus::rules::aggregate {

/// RFC 9990 s3.1.1.3.
struct Metadata {
  std::string organization;
  std::string email;
  std::string extra_contact;
  std::string report_id;
  SystemTime begin;  // whole seconds
  SystemTime end;    // the last second of the period
  std::vector<std::string> errors;
  std::string generator;
};

/// RFC 9990 s3.1.1.5. Empty: not said.
struct PublishedPolicy {
  std::string domain;
  std::string discovery_method;  // "psl" or "treewalk"
  std::string policy;            // p
  std::string subdomains;        // sp
  std::string nonexistent;       // np
  std::string failures;          // fo
  std::string dkim;              // adkim
  std::string spf;               // aspf
  std::string testing;           // "y", "n"
  std::string percentage;        // pct of RFC 7489; read alone
};

/// Why the policy was not followed. RFC 9990 s3.1.6.
struct Reason {
  std::string type;
  std::string comment;
};

struct DkimResult {  // RFC 9990 s3.1.1.12
  std::string domain;
  std::string selector;
  std::string result;
  std::string human;
};

struct SpfResult {  // RFC 9990 s3.1.1.13
  std::string domain;
  std::string scope;
  std::string result;
  std::string human;
};

/// Messages that have all of this in common. RFC 9990 s3.1.1.7.
struct Record {
  std::string source_ip;
  std::uint64_t count = 0;
  std::string disposition;
  std::string dkim;  // aligned: "pass", "fail"
  std::string spf;
  std::vector<Reason> reasons;
  std::string header_from;
  std::string envelope_from;
  std::string envelope_to;
  std::vector<DkimResult> dkim_results;
  std::vector<SpfResult> spf_results;

  /// RFC 9989 s5.3.
  [[nodiscard]] bool passed() const { return dkim == "pass" || spf == "pass"; }
};

struct Report {
  std::string version;  // read alone: what is written is RFC 9990's
  Metadata metadata;
  PublishedPolicy policy;
  std::vector<Record> records;
};

enum class ReadError : std::uint8_t {
  kXml,       // not well-formed, or no UTF-8, UTF-16, ISO-8859-1 or ASCII
  kEntities,  // a document type with entities: nobody's report has one (RFC 9990 s9.1)
  kDepth,
  kElements,
  kText,
  kRecords,
  kResults,
  kNoReport,  // the root is no feedback
  kMetadata,  // no organization, no report id or no period
  kPolicy,    // no domain
  kRecord,    // a record without a source or a count
};
[[nodiscard]] std::string_view to_string(ReadError error);

struct Limits {
  std::size_t records = 100'000;
  std::size_t elements = 4'000'000;
  std::size_t depth = 32;
  std::size_t text_octets = 4096;     // of one element
  std::size_t results = 100;          // dkim, spf, reason and error elements kept of one parent
  std::size_t all_results = 400'000;  // of all records
};

/// The document, RFC 9990's form. Characters XML cannot hold become U+FFFD. Source: RFC 9990 s3.1.1, Appendix A.
[[nodiscard]] std::string write_xml(const Report& report);

/// Reads what RFC 9990 and RFC 7489 describe, with or without a name space, in any order; passes over what it does not
/// know. Errors: the first.
[[nodiscard]] std::expected<Report, ReadError> read_xml(std::string_view document, const Limits& limits = {});

}  // namespace veredus::rules::aggregate
