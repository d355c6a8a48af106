#include "rules/reportmail/presentation.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <iterator>
#include <utility>

#include "base/codec/date.h"
#include "base/codec/utf8.h"
#include "rules/tlsrpt/json_text.h"

namespace veredus::rules::reportmail {

namespace json = boost::json;
using tlsrpt::json_text;
using tlsrpt::put_text;

namespace {

json::array list_of(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.push_back(json_text(text));
  return out;
}

json::object json_of(const aggregate::PublishedPolicy& policy) {
  json::object out;
  put_text(out, "domain", policy.domain);
  put_text(out, "discovery_method", policy.discovery_method);
  put_text(out, "p", policy.policy);
  put_text(out, "sp", policy.subdomains);
  put_text(out, "np", policy.nonexistent);
  put_text(out, "fo", policy.failures);
  put_text(out, "adkim", policy.dkim);
  put_text(out, "aspf", policy.spf);
  put_text(out, "testing", policy.testing);
  put_text(out, "pct", policy.percentage);
  return out;
}

json::object json_of(const aggregate::Record& record) {
  json::object out{{"source", json_text(record.source_ip)},
                   {"count", record.count},
                   {"disposition", json_text(record.disposition)},
                   {"dkim", json_text(record.dkim)},
                   {"spf", json_text(record.spf)},
                   {"header_from", json_text(record.header_from)},
                   {"envelope_from", json_text(record.envelope_from)}};
  put_text(out, "envelope_to", record.envelope_to);
  json::array reasons, dkim, spf;
  for (const auto& reason : record.reasons) {
    json::object one{{"type", json_text(reason.type)}};
    put_text(one, "comment", reason.comment);
    reasons.push_back(std::move(one));
  }
  for (const auto& result : record.dkim_results) {
    json::object one{{"domain", json_text(result.domain)}, {"result", json_text(result.result)}};
    put_text(one, "selector", result.selector);
    put_text(one, "human_result", result.human);
    dkim.push_back(std::move(one));
  }
  for (const auto& result : record.spf_results) {
    json::object one{{"domain", json_text(result.domain)}, {"result", json_text(result.result)}};
    put_text(one, "scope", result.scope);
    put_text(one, "human_result", result.human);
    spf.push_back(std::move(one));
  }
  out["reasons"] = std::move(reasons);
  out["dkim_results"] = std::move(dkim);
  out["spf_results"] = std::move(spf);
  return out;
}

json::object json_of(const aggregate::Report& report) {
  const auto& about = report.metadata;
  json::object out{{"organization", json_text(about.organization)}, {"contact", json_text(about.email)},
                   {"report_id", json_text(about.report_id)},       {"begin", base::codec::format_rfc3339(about.begin)},
                   {"end", base::codec::format_rfc3339(about.end)}, {"policy", json_of(report.policy)}};
  put_text(out, "extra_contact", about.extra_contact);
  put_text(out, "generator", about.generator);
  if (!about.errors.empty()) out["errors"] = list_of(about.errors);
  json::array records;
  for (const auto& record : report.records) records.push_back(json_of(record));
  out["records"] = std::move(records);
  return out;
}

json::object json_of(const tlsrpt::PolicyResult& result) {
  json::object out{{"type", json_text(result.type)},    {"domain", json_text(result.domain)},
                   {"policy", list_of(result.strings)}, {"mx_hosts", list_of(result.mx_hosts)},
                   {"successful", result.successful},   {"failed", result.failed}};
  json::array failures;
  for (const auto& failure : result.failures) {
    json::object one{{"result", json_text(failure.result_type)}, {"sessions", failure.sessions}};
    put_text(one, "sending_address", failure.sending_address);
    put_text(one, "receiving_host", failure.receiving_host);
    put_text(one, "receiving_hello", failure.receiving_hello);
    put_text(one, "receiving_address", failure.receiving_address);
    put_text(one, "information", failure.additional_information);
    put_text(one, "reason", failure.reason);
    failures.push_back(std::move(one));
  }
  out["failures"] = std::move(failures);
  return out;
}

json::object json_of(const tlsrpt::Report& report) {
  json::object out{{"organization", json_text(report.organization)},
                   {"contact", json_text(report.contact)},
                   {"report_id", json_text(report.report_id)},
                   {"begin", base::codec::format_rfc3339(report.begin)},
                   {"end", base::codec::format_rfc3339(report.end)}};
  json::array policies;
  for (const auto& policy : report.policies) policies.push_back(json_of(policy));
  out["policies"] = std::move(policies);
  return out;
}

json::object json_of(const arf::Feedback& feedback) {
  json::object out{{"feedback_type", json_text(feedback.type_word)}, {"incidents", feedback.incidents}};
  put_text(out, "auth_failure",
           feedback.type == arf::FeedbackType::kAuthFailure ? to_string(feedback.auth_failure) : "");
  put_text(out, "delivery_result", to_string(feedback.delivery_result));
  put_text(out, "identity_alignment", to_string(feedback.identity_alignment));
  put_text(out, "source", feedback.source_ip);
  put_text(out, "reporting_mta", feedback.reporting_mta);
  put_text(out, "user_agent", feedback.user_agent);
  put_text(out, "original_mail_from", feedback.original_mail_from);
  put_text(out, "dkim_domain", feedback.dkim_domain);
  put_text(out, "dkim_selector", feedback.dkim_selector);
  put_text(out, "spf_dns", feedback.spf_dns);
  if (feedback.arrival) out["arrived"] = base::codec::format_rfc3339(*feedback.arrival);
  out["reported_domains"] = list_of(feedback.reported_domains);
  out["original_recipients"] = list_of(feedback.original_recipients);
  out["authentication_results"] = list_of(feedback.authentication_results);
  return out;
}

using Out = std::back_insert_iterator<std::string>;

/// Text of others, on a terminal: no control characters.
std::string shown(std::string_view text) {
  std::string out = base::codec::replace_invalid_utf8(text);
  for (char& c : out)
    if (static_cast<std::uint8_t>(c) < 0x20 || c == '\x7f') c = ' ';
  return out;
}

void write_text(Out out, const aggregate::Report& report) {
  const auto& about = report.metadata;
  fmt::format_to(out, "DMARC report {} about {} by {} ({})\n  {} to {}\n  policy p={}", shown(about.report_id),
                 shown(report.policy.domain), shown(about.organization), shown(about.email),
                 base::codec::format_rfc3339(about.begin), base::codec::format_rfc3339(about.end),
                 shown(report.policy.policy));
  for (const auto& [name, value] : {std::pair{"sp", &report.policy.subdomains},
                                    {"np", &report.policy.nonexistent},
                                    {"adkim", &report.policy.dkim},
                                    {"aspf", &report.policy.spf},
                                    {"t", &report.policy.testing}})
    if (!value->empty()) fmt::format_to(out, " {}={}", name, shown(*value));
  fmt::format_to(out, "\n");
  for (const auto& error : about.errors) fmt::format_to(out, "  error: {}\n", shown(error));
  for (const auto& record : report.records) {
    fmt::format_to(out, "{:>8} x {} from {}: {} (dkim {}, spf {})\n", record.count, shown(record.source_ip),
                   shown(record.header_from), shown(record.disposition), shown(record.dkim), shown(record.spf));
    for (const auto& result : record.dkim_results)
      fmt::format_to(out, "           dkim {} {} {}\n", shown(result.domain), shown(result.selector),
                     shown(result.result));
    for (const auto& result : record.spf_results)
      fmt::format_to(out, "           spf {} {}\n", shown(result.domain), shown(result.result));
    for (const auto& reason : record.reasons)
      fmt::format_to(out, "           because {} {}\n", shown(reason.type), shown(reason.comment));
  }
}

void write_text(Out out, const tlsrpt::Report& report) {
  fmt::format_to(out, "TLS report {} by {} ({})\n  {} to {}\n", shown(report.report_id), shown(report.organization),
                 shown(report.contact), base::codec::format_rfc3339(report.begin),
                 base::codec::format_rfc3339(report.end));
  for (const auto& policy : report.policies) {
    fmt::format_to(out, "  {} {}: {} sessions good, {} not\n", shown(policy.domain), shown(policy.type),
                   policy.successful, policy.failed);
    for (const auto& failure : policy.failures)
      fmt::format_to(out, "{:>8} x {} {} {} {}\n", failure.sessions, shown(failure.result_type),
                     shown(failure.receiving_host), shown(failure.receiving_address), shown(failure.reason));
  }
}

void write_text(Out out, const arf::Feedback& feedback) {
  fmt::format_to(out, "failure report: {}", shown(feedback.type_word));
  if (feedback.type == arf::FeedbackType::kAuthFailure) fmt::format_to(out, " {}", to_string(feedback.auth_failure));
  fmt::format_to(out, "\n");
  for (const auto& domain : feedback.reported_domains) fmt::format_to(out, "  about {}\n", shown(domain));
  const std::pair<std::string_view, std::string_view> rest[] = {{"from address", feedback.source_ip},
                                                                {"by", feedback.reporting_mta},
                                                                {"sender", feedback.original_mail_from},
                                                                {"dkim domain", feedback.dkim_domain}};
  for (const auto& [name, value] : rest)
    if (!value.empty()) fmt::format_to(out, "  {} {}\n", name, shown(value));
  for (const auto& results : feedback.authentication_results) fmt::format_to(out, "  {}\n", shown(results));
}

}  // namespace

std::string_view to_string(ReadError error) {
  switch (error) {
    case ReadError::kNoReport:
      return "no-report";
    case ReadError::kPacked:
      return "packed";
    case ReadError::kContent:
      return "content";
  }
  return "";
}

boost::json::object json_of(const Arrived& arrived) {
  auto out = std::visit([](const auto& content) { return json_of(content); }, arrived.content);
  json::object whole{{"kind", to_string(arrived.kind())}};
  for (auto& member : out) whole.emplace(member.key(), std::move(member.value()));
  return whole;
}

std::string text_of(const Arrived& arrived) {
  std::string out;
  std::visit([&out](const auto& content) { write_text(std::back_inserter(out), content); }, arrived.content);
  return out;
}

boost::json::object json_of(const Problem& problem) {
  return {{"error", to_string(problem.error)}, {"why", problem.why}};
}

}  // namespace veredus::rules::reportmail
