#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "rules/aggregate/report.h"
#include "rules/dmarc/record.h"
#include "rules/reportmail/arrived.h"
#include "rules/tlsrpt/report.h"

/// What is kept of reports, and its octets on disk: docs/formats/reports.md. Every decode_ answers nullopt for octets
/// that the encode_ beside it did not write.
namespace veredus::state::reports {

/// Which kind of report a count is for. On disk, do not renumber.
enum class Stream : std::uint8_t { kDmarc = 1, kTls = 2 };

/// What messages have in common that are one record of an aggregate report; its count is left out.
[[nodiscard]] std::string encode_record(const rules::aggregate::Record& record);
[[nodiscard]] std::optional<rules::aggregate::Record> decode_record(std::string_view octets);

/// What a domain publishes, as seen last: what its report says of it, and where it goes.
struct AskedFor {
  rules::aggregate::PublishedPolicy policy;
  std::string organizational_domain;  // of the policy's domain
  std::vector<rules::dmarc::ReportTarget> targets;
};
[[nodiscard]] std::string encode_policy(const AskedFor& asked);
[[nodiscard]] std::optional<AskedFor> decode_policy(std::string_view octets);

/// What sessions have in common that are counted together: a policy, and of those that failed how.
struct SessionRow {
  rules::tlsrpt::PolicyResult policy;  // without counts and failures
  std::optional<rules::tlsrpt::Failure> failure;
};
[[nodiscard]] std::string encode_session(const SessionRow& row);
[[nodiscard]] std::optional<SessionRow> decode_session(std::string_view octets);

/// Of a report that was received: messages from one address, or sessions with one host that failed in one way.
struct Source {
  std::string name;    // the address; of a report on TLS the result's type
  std::string detail;  // the author's domain; of a report on TLS the host
  std::uint64_t count = 0;
  std::uint64_t passed = 0;  // of a report on TLS: 0
  std::uint64_t dkim = 0;    // aligned
  std::uint64_t spf = 0;
  std::uint64_t rejected = 0;
  std::uint64_t quarantined = 0;
};

/// What lists and sums need of a report that was received.
struct Summary {
  rules::reportmail::Kind kind = rules::reportmail::Kind::kAggregate;
  SystemTime received;
  std::string organization;  // of a failure report: who reports
  std::string report_id;
  std::string domain;  // about which; the first, where there are several
  SystemTime begin;
  SystemTime end;
  std::string policy;           // p, or the kind of failure
  std::uint64_t total = 0;      // messages, sessions
  std::uint64_t passed = 0;     // messages that passed, sessions that were good
  std::vector<Source> sources;  // those with the most first; at most kMostSources
  std::string author;           // who sent it: the domain of From
  std::string authenticated;    // our DMARC result of the message it came in: "pass", "fail"…; empty: unknown
  std::uint64_t octets = 0;     // of the document
  std::uint32_t chunks = 0;     // it is kept in
};
constexpr std::size_t kMostSources = 200;
[[nodiscard]] std::string encode_summary(const Summary& summary);
[[nodiscard]] std::optional<Summary> decode_summary(std::string_view octets);

}  // namespace veredus::state::reports
