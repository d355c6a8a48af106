#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::work::records {

/// What is to be thought of one place in DNS.
enum class State : std::uint8_t {
  kOk,
  kMissing,
  kWrong,
  kUnneeded,  // it would say nothing to anybody
  kUnknown,   // DNS does not answer
};
/// "ok", "missing", "wrong", "unneeded", "unknown"
[[nodiscard]] std::string_view to_string(State state);

/// Whether mail suffers without it.
enum class Need : std::uint8_t { kRequired, kRecommended };

/// One place in DNS where a domain's mail needs something.
struct Check {
  std::string kind;  // "MX", "SPF", "DKIM", "DMARC", "MTA-STS", "TLS-RPT", "TLSA", "PTR", "SRV", "A"
  std::string name;  // without the last dot
  Need need = Need::kRequired;
  State state = State::kUnknown;
  std::vector<std::string> found = {};  // data of the records that are there
  std::string record = {};              // what should stand there: a line of a zone file
  std::string problem = {};             // what is wrong, in words; a remark where nothing is
  std::string fix = {};                 // what to do, in full; empty: nothing
};

/// All of a domain.
struct Report {
  std::string domain;  // A-labels
  std::vector<Check> checks;
};

enum class Verdict : std::uint8_t {
  kWell,        // all are ok, or unneeded
  kIncomplete,  // something recommended is missing
  kBroken,      // something required is missing, anything is wrong, or DNS does not answer
};
[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] Verdict verdict_of(const Report& report);

}  // namespace veredus::work::records
