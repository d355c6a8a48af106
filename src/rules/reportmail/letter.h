#pragma once

#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "rules/aggregate/report.h"
#include "rules/tlsrpt/report.h"

namespace veredus::rules::reportmail {

/// What the letters that carry reports have in common.
struct Letter {
  std::string from_name;  // the organization; UTF-8
  std::string from;       // address
  std::string to;         // address
  std::string submitter;  // the domain that reports: of `from`
  SystemTime date;
  std::string message_id;     // without brackets
  std::string boundary_seed;  // unguessable; the same seed gives the same letter
};

/// "mx.test!example.org!1732665600!1732751999!id.xml.gz". `unique` is letters and digits, or empty.
/// Source: RFC 9990 s3.5.2, RFC 8460 s5.1.
[[nodiscard]] std::string file_name(std::string_view submitter, std::string_view policy_domain, SystemTime begin,
                                    SystemTime end, std::string_view unique, std::string_view extension);

/// The message an aggregate report goes in; `packed` is write_xml()'s document in gzip. Source: RFC 9990 s3.5.2.
[[nodiscard]] std::string aggregate_letter(const Letter& letter, const aggregate::Report& report, std::string packed);

/// The same for a report on TLS about `policy_domain`. It says TLS-Required: No, for it must arrive where TLS is what
/// fails. Source: RFC 8460 s5.3, RFC 8689 s3.
[[nodiscard]] std::string tls_letter(const Letter& letter, const tlsrpt::Report& report, std::string_view policy_domain,
                                     std::string packed);

}  // namespace veredus::rules::reportmail
