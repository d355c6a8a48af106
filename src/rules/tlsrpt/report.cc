#include "rules/tlsrpt/report.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <utility>

#include "base/codec/date.h"
#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "rules/tlsrpt/json_text.h"

namespace veredus::rules::tlsrpt {

namespace json = boost::json;

namespace {

void put_list(json::object& to, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json::array all;
  for (const auto& text : texts) all.push_back(json_text(text));
  to[name] = std::move(all);
}

json::object json_of(const Failure& failure) {
  json::object out;
  put_text(out, "result-type", failure.result_type);
  put_text(out, "sending-mta-ip", failure.sending_address);
  put_text(out, "receiving-mx-hostname", failure.receiving_host);
  put_text(out, "receiving-mx-helo", failure.receiving_hello);
  put_text(out, "receiving-ip", failure.receiving_address);
  out["failed-session-count"] = failure.sessions;
  put_text(out, "additional-information", failure.additional_information);
  put_text(out, "failure-reason-code", failure.reason);
  return out;
}

json::object json_of(const PolicyResult& result) {
  json::object policy;
  put_text(policy, "policy-type", result.type);
  put_list(policy, "policy-string", result.strings);
  put_text(policy, "policy-domain", result.domain);
  put_list(policy, "mx-host", result.mx_hosts);
  json::object out{{"policy", std::move(policy)},
                   {"summary", json::object{{"total-successful-session-count", result.successful},
                                            {"total-failure-session-count", result.failed}}}};
  if (result.failures.empty()) return out;
  json::array failures;
  for (const auto& failure : result.failures) failures.push_back(json_of(failure));
  out["failure-details"] = std::move(failures);
  return out;
}

/// Reads members; what is missing or of another type is empty. Notes texts that are too long.
class Members {
 public:
  Members(const json::value* value, const ReportLimits& limits, bool& too_long)
      : object_(value == nullptr ? nullptr : value->if_object()), limits_(limits), too_long_(too_long) {}

  [[nodiscard]] const json::value* at(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains(name);
  }
  [[nodiscard]] std::string text(std::string_view name) const { return text_of_value(at(name)); }
  /// Some write one text where the RFC has a list.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> out;
    const auto* value = at(name);
    if (value == nullptr) return out;
    const auto* all = value->if_array();
    if (all == nullptr) {
      if (value->is_string()) out.push_back(text_of_value(value));
      return out;
    }
    for (const auto& one : *all)
      if (one.is_string() && out.size() < limits_.strings) out.push_back(text_of_value(&one));
    return out;
  }
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name) const {
    const auto* value = at(name);
    if (value == nullptr) return std::nullopt;
    boost::system::error_code error;
    const auto out = value->to_number<std::uint64_t>(error);
    return error ? std::nullopt : std::optional(out);
  }
  [[nodiscard]] std::optional<SystemTime> time(std::string_view name) const {
    const std::string written = text(name);
    auto read = base::codec::parse_rfc3339(written);
    if (!read) read = base::codec::parse_rfc3339(written + 'Z');  // some leave the zone out
    return read ? std::optional(read->time) : std::nullopt;
  }
  [[nodiscard]] bool is_object() const { return object_ != nullptr; }

 private:
  [[nodiscard]] std::string text_of_value(const json::value* value) const {
    const auto* text = value == nullptr ? nullptr : value->if_string();
    if (text == nullptr) return {};
    if (text->size() > limits_.text_octets) {
      too_long_ = true;
      return {};
    }
    return base::codec::replace_invalid_utf8(*text);
  }

  const json::object* object_;
  const ReportLimits& limits_;
  bool& too_long_;
};

Failure failure_of(const Members& from) {
  return {.result_type = from.text("result-type"),
          .sending_address = from.text("sending-mta-ip"),
          .receiving_host = from.text("receiving-mx-hostname"),
          .receiving_hello = from.text("receiving-mx-helo"),
          .receiving_address = from.text("receiving-ip"),
          .sessions = from.number("failed-session-count").value_or(0),
          .additional_information = from.text("additional-information"),
          .reason = from.text("failure-reason-code")};
}

std::expected<PolicyResult, ReportError> policy_of(const Members& from, const ReportLimits& limits, bool& too_long,
                                                   std::size_t& failures) {
  const Members policy(from.at("policy"), limits, too_long);
  const Members summary(from.at("summary"), limits, too_long);
  PolicyResult out{.type = policy.text("policy-type"),
                   .strings = policy.texts("policy-string"),
                   .domain = policy.text("policy-domain"),
                   .mx_hosts = policy.texts("mx-host")};
  if (out.type.empty() || !summary.is_object()) return std::unexpected(ReportError::kPolicies);
  // Where no policy was found some name no domain, and some leave out counts of nothing.
  out.successful = summary.number("total-successful-session-count").value_or(0);
  out.failed = summary.number("total-failure-session-count").value_or(0);
  const auto* details = from.at("failure-details");
  const auto* all = details == nullptr ? nullptr : details->if_array();
  if (all == nullptr) return out;
  failures += all->size();
  if (failures > limits.failures) return std::unexpected(ReportError::kTooMany);
  for (const auto& one : *all) out.failures.push_back(failure_of(Members(&one, limits, too_long)));
  return out;
}

}  // namespace

std::string_view to_string(ReportError error) {
  switch (error) {
    case ReportError::kJson:
      return "no JSON";
    case ReportError::kNoReport:
      return "JSON that is no report on TLS";
    case ReportError::kMetadata:
      return "a report that does not say whose it is, or of which time";
    case ReportError::kPolicies:
      return "a report with a policy without type or counts";
    case ReportError::kTooMany:
      return "a report with too many policies or failures";
    case ReportError::kTooLong:
      return "a report that is too long";
    case ReportError::kText:
      return "a report with too long a text";
  }
  return "";
}

std::string write_json(const Report& report) {
  json::array policies;
  for (const auto& result : report.policies) policies.push_back(json_of(result));
  const json::object out{{"organization-name", json_text(report.organization)},
                         {"date-range", json::object{{"start-datetime", base::codec::format_rfc3339(report.begin)},
                                                     {"end-datetime", base::codec::format_rfc3339(report.end)}}},
                         {"contact-info", json_text(report.contact)},
                         {"report-id", json_text(report.report_id)},
                         {"policies", std::move(policies)}};
  return json::serialize(out);
}

std::expected<Report, ReportError> read_json(std::string_view document, const ReportLimits& limits) {
  if (document.size() > limits.octets) return std::unexpected(ReportError::kTooLong);
  boost::system::error_code error;
  const auto value = json::parse(document, error);  // 32 levels deep at most
  if (error) return std::unexpected(ReportError::kJson);
  bool too_long = false;
  const Members from(&value, limits, too_long);
  const auto* listed = from.at("policies");
  const auto* all = listed == nullptr ? nullptr : listed->if_array();
  if (all == nullptr) return std::unexpected(ReportError::kNoReport);
  if (all->size() > limits.policies) return std::unexpected(ReportError::kTooMany);
  const Members period(from.at("date-range"), limits, too_long);
  const auto begin = period.time("start-datetime");
  const auto end = period.time("end-datetime");
  Report out{.organization = from.text("organization-name"),
             .begin = begin.value_or(SystemTime{}),
             .end = end.value_or(SystemTime{}),
             .contact = from.text("contact-info"),
             .report_id = from.text("report-id")};
  if (out.organization.empty() || out.report_id.empty() || !begin || !end || *end < *begin)
    return std::unexpected(too_long ? ReportError::kText : ReportError::kMetadata);
  std::size_t failures = 0;
  for (const auto& one : *all) {
    VEREDUS_TRY(auto policy, policy_of(Members(&one, limits, too_long), limits, too_long, failures));
    out.policies.push_back(std::move(policy));
  }
  if (too_long) return std::unexpected(ReportError::kText);
  return out;
}

}  // namespace veredus::rules::tlsrpt
