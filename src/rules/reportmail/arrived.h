#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "rules/aggregate/report.h"
#include "rules/arf/feedback.h"
#include "rules/tlsrpt/report.h"

namespace veredus::rules::reportmail {

enum class Kind : std::uint8_t {  // on disk, do not renumber
  kAggregate = 1,                 // RFC 9990, RFC 7489
  kTls = 2,                       // RFC 8460
  kFailure = 3,                   // RFC 9991, RFC 6591; and other feedback of RFC 5965
};
/// "dmarc", "tls", "failure".
[[nodiscard]] std::string_view to_string(Kind kind);

/// A report that came, whatever it came in.
struct Arrived {
  std::variant<aggregate::Report, tlsrpt::Report, arf::Feedback> content;
  std::string document;  // the XML or JSON, unpacked; of a failure report the message it came in

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(content.index() + 1); }
};

enum class ReadError : std::uint8_t {
  kNoReport,  // a message, or a file, without one
  kPacked,    // a compressed file that is damaged, or a bomb
  kContent,   // a file that should be a report and cannot be read
};

struct Problem {
  ReadError error = ReadError::kNoReport;
  std::string_view why;  // in words; lives for ever
};

struct Limits {
  std::size_t files = 8;                // looked at in one message
  std::size_t failure_octets = 262144;  // kept of a failure report's message
};

/// Reads a report out of a message, or out of the file itself: XML, JSON, either of them in gzip or zip. Of a message
/// the first file that is one counts. What is inside a message that was forwarded is not this message's.
/// Source: RFC 9990 s3.5.2, RFC 8460 s5.3, RFC 9991 s4.
[[nodiscard]] std::expected<Arrived, Problem> read_report(std::string_view octets, const Limits& limits = {});

/// Whether the header says that the message is a report, by its subject (RFC 9990 s3.5.2, RFC 8460 s5.3).
[[nodiscard]] bool is_called_report(std::string_view header);

}  // namespace veredus::rules::reportmail
