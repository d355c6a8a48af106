#include "work/reports/summary.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <variant>

#include "base/codec/ascii.h"
#include "base/codec/hex.h"
#include "base/crypto/digest.h"

namespace veredus::work::reports {

using rules::aggregate::Record;
using state::reports::Source;
using state::reports::Summary;

namespace {

constexpr std::size_t kMostOctets = 512;  // of a text that lists show

std::string bounded(std::string_view text) { return std::string(text.substr(0, kMostOctets)); }
std::string domain_of(std::string_view text) { return base::codec::to_lower_ascii(bounded(text)); }

/// Sources with the same name and detail are one.
class Sources {
 public:
  Source& at(std::string_view name, std::string_view detail) {
    Source& out = all_[{bounded(name), bounded(detail)}];
    if (out.name.empty()) {
      out.name = bounded(name);
      out.detail = bounded(detail);
    }
    return out;
  }
  std::vector<Source> take() {
    std::vector<Source> out;
    for (auto& [key, source] : all_) out.push_back(std::move(source));
    const auto by_count = [](const Source& a, const Source& b) {
      return std::tie(b.count, a.name, a.detail) < std::tie(a.count, b.name, b.detail);
    };
    std::ranges::sort(out, by_count);
    if (out.size() > state::reports::kMostSources) out.resize(state::reports::kMostSources);
    return out;
  }

 private:
  std::map<std::pair<std::string, std::string>, Source> all_;
};

void fill(Summary& out, const rules::aggregate::Report& report) {
  out.organization = bounded(report.metadata.organization);
  out.report_id = bounded(report.metadata.report_id);
  out.domain = domain_of(report.policy.domain);
  out.begin = report.metadata.begin;
  out.end = report.metadata.end;
  out.policy = bounded(report.policy.policy);
  Sources sources;
  for (const Record& record : report.records) {
    Source& source = sources.at(record.source_ip, domain_of(record.header_from));
    out.total += record.count;
    source.count += record.count;
    if (record.passed()) {
      out.passed += record.count;
      source.passed += record.count;
    }
    if (record.dkim == "pass") source.dkim += record.count;
    if (record.spf == "pass") source.spf += record.count;
    if (record.disposition == "reject") source.rejected += record.count;
    if (record.disposition == "quarantine") source.quarantined += record.count;
  }
  out.sources = sources.take();
}

void fill(Summary& out, const rules::tlsrpt::Report& report) {
  out.organization = bounded(report.organization);
  out.report_id = bounded(report.report_id);
  out.begin = report.begin;
  out.end = report.end;
  if (!report.policies.empty()) {
    out.domain = domain_of(report.policies.front().domain);
    out.policy = bounded(report.policies.front().type);
  }
  Sources sources;
  for (const auto& policy : report.policies) {
    out.total += policy.successful + policy.failed;
    out.passed += policy.successful;
    for (const auto& failure : policy.failures)
      sources.at(failure.result_type, domain_of(failure.receiving_host)).count += failure.sessions;
  }
  out.sources = sources.take();
}

/// Failure reports have no id: it is made of all that they say.
void fill(Summary& out, const rules::arf::Feedback& feedback, const std::string& document) {
  out.organization = bounded(feedback.reporting_mta.empty() ? feedback.user_agent : feedback.reporting_mta);
  out.report_id = base::codec::hex_encode(base::crypto::sha256(document).substr(0, 16));
  if (!feedback.reported_domains.empty()) out.domain = domain_of(feedback.reported_domains.front());
  out.begin = out.end = feedback.arrival.value_or(SystemTime{});
  const bool authentication = feedback.type == rules::arf::FeedbackType::kAuthFailure;
  out.policy = authentication ? std::string(to_string(feedback.auth_failure)) : bounded(feedback.type_word);
  out.total = feedback.incidents;
  Sources sources;
  sources.at(feedback.source_ip, domain_of(feedback.original_mail_from)).count += feedback.incidents;
  out.sources = sources.take();
}

}  // namespace

Summary summary_of(const rules::reportmail::Arrived& arrived) {
  Summary out;
  out.kind = arrived.kind();
  if (const auto* aggregate = std::get_if<rules::aggregate::Report>(&arrived.content)) fill(out, *aggregate);
  if (const auto* tls = std::get_if<rules::tlsrpt::Report>(&arrived.content)) fill(out, *tls);
  if (const auto* failure = std::get_if<rules::arf::Feedback>(&arrived.content)) fill(out, *failure, arrived.document);
  return out;
}

}  // namespace veredus::work::reports
