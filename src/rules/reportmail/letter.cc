#include "rules/reportmail/letter.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <vector>

#include "base/codec/ascii.h"
#include "base/codec/date.h"
#include "wire/mime/builder.h"

namespace veredus::rules::reportmail {
namespace {

using wire::mime::BuiltPart;

std::int64_t seconds(SystemTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// The letters and digits of a report's id, up to its host part: what a file's name may hold.
std::string unique_of(std::string_view report_id) {
  std::string out;
  for (const char c : report_id.substr(0, report_id.find('@')))
    if (base::codec::is_alpha(c) || base::codec::is_digit(c)) out.push_back(c);
  return out;
}

/// RFC 9990 s3.5.2, RFC 8460 s5.3: both have the same subject.
std::string subject(std::string_view domain, std::string_view submitter, std::string_view report_id) {
  return fmt::format("Report Domain: {} Submitter: {} Report-ID: <{}>", domain, submitter, report_id);
}

wire::mime::Builder builder_of(const Letter& letter, std::string_view domain, std::string_view report_id) {
  wire::mime::Builder out(letter.boundary_seed);
  out.from({.name = letter.from_name, .address = letter.from});
  out.to({{.name = "", .address = letter.to}});
  out.subject(subject(domain, letter.submitter, report_id));
  out.date(letter.date);
  out.message_id(letter.message_id);
  out.raw("Auto-Submitted", "auto-generated");  // RFC 3834 s5
  return out;
}

std::string period(SystemTime begin, SystemTime end) {
  return fmt::format("From: {}\r\nTo:   {}\r\n", base::codec::format_rfc3339(begin), base::codec::format_rfc3339(end));
}

}  // namespace

std::string file_name(std::string_view submitter, std::string_view policy_domain, SystemTime begin, SystemTime end,
                      std::string_view unique, std::string_view extension) {
  return fmt::format("{}!{}!{}!{}{}{}.{}", submitter, policy_domain, seconds(begin), seconds(end),
                     unique.empty() ? "" : "!", unique, extension);
}

std::string aggregate_letter(const Letter& letter, const aggregate::Report& report, std::string packed) {
  const auto& about = report.metadata;
  std::uint64_t messages = 0;
  std::uint64_t passed = 0;
  for (const auto& record : report.records) {
    messages += record.count;
    if (record.passed()) passed += record.count;
  }
  std::string words = fmt::format(
      "This is a DMARC aggregate report about {}, made by {}.\r\n\r\n{}Messages: {}, of which {} passed.\r\n\r\n"
      "The attached file is for programs (RFC 9990).\r\n",
      report.policy.domain, about.organization, period(about.begin, about.end), messages, passed);
  std::string name =
      file_name(letter.submitter, report.policy.domain, about.begin, about.end, unique_of(about.report_id), "xml.gz");
  std::vector<BuiltPart> parts;
  parts.push_back(wire::mime::text_part(std::move(words)));
  parts.push_back(wire::mime::attachment("application/gzip", std::move(name), std::move(packed)));
  auto out = builder_of(letter, report.policy.domain, about.report_id);
  out.body(wire::mime::multipart("mixed", std::move(parts)));
  return out.build();
}

std::string tls_letter(const Letter& letter, const tlsrpt::Report& report, std::string_view policy_domain,
                       std::string packed) {
  std::uint64_t successful = 0;
  std::uint64_t failed = 0;
  for (const auto& policy : report.policies) {
    successful += policy.successful;
    failed += policy.failed;
  }
  std::string words = fmt::format(
      "This is a report on TLS in sessions with the mail hosts of {}, made by {}.\r\n\r\n{}Sessions that were as they "
      "should be: {}, that were not: {}.\r\n\r\nThe attached file is for programs (RFC 8460).\r\n",
      policy_domain, report.organization, period(report.begin, report.end), successful, failed);
  std::string name =
      file_name(letter.submitter, policy_domain, report.begin, report.end, unique_of(report.report_id), "json.gz");
  std::vector<BuiltPart> parts;
  parts.push_back(wire::mime::text_part(std::move(words)));
  parts.push_back(wire::mime::attachment("application/tlsrpt+gzip", std::move(name), std::move(packed)));
  BuiltPart whole = wire::mime::multipart("report", std::move(parts));
  whole.parameters.emplace_back("report-type", "tlsrpt");
  auto out = builder_of(letter, policy_domain, report.report_id);
  out.raw("TLS-Report-Domain", policy_domain);  // RFC 8460 s5.3
  out.raw("TLS-Report-Submitter", letter.submitter);
  out.raw("TLS-Required", "No");
  out.body(std::move(whole));
  return out.build();
}

}  // namespace veredus::rules::reportmail
