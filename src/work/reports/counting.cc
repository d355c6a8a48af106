#include "work/reports/counting.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/codec/ascii.h"
#include "work/mailauth/result_text.h"

namespace veredus::work::reports {

using mailauth::Evaluation;
using rules::aggregate::DkimResult;
using rules::aggregate::Record;
using rules::dmarc::Alignment;
using rules::dmarc::Policy;
using state::reports::AskedFor;
using state::reports::SessionRow;
using state::reports::Stream;

namespace {

// A stranger says how much there is to count, and it is kept for a day. RFC 9990 s3.1.3 lets nobody tell of more than
// 100 signatures; no honest message has more than these.
constexpr std::size_t kMostSignatures = 16;
constexpr std::size_t kMostTargets = 100;  // report addresses of one domain
constexpr std::size_t kMostLines = 100;    // of a policy, or hosts of one
constexpr std::size_t kMostOctets = 255;   // of a text of others

std::string bounded(std::string_view text) { return std::string(text.substr(0, kMostOctets)); }

std::vector<std::string> bounded(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const auto& text : texts)
    if (out.size() < kMostLines) out.push_back(bounded(text));
  return out;
}

std::string_view word_of(bool passed) { return passed ? "pass" : "fail"; }
std::string_view letter_of(Alignment alignment) { return alignment == Alignment::kStrict ? "s" : "r"; }

/// RFC 9990 s3.1.1.9 and Appendix A, ActionDispositionType.
std::string_view disposition_of(const Evaluation& evaluation) {
  if (evaluation.dmarc.result == rules::dmarc::Result::kPass)
    return evaluation.dmarc.published == Policy::kNone ? "none" : "pass";
  return mailauth::word_of_dmarc(evaluation.disposition);
}

/// RFC 9990 s3.1.3: the best first. 0: passes for the author's own domain … 3: does not pass.
int rank_of(const rules::dkim::Verdict& verdict, const Evaluation& evaluation) {
  if (verdict.result != rules::dkim::Result::kPass) return 3;
  const std::string_view domain = verdict.domain;
  if (base::codec::iequals_ascii(domain, evaluation.header_from)) return 0;
  const std::string_view organization = evaluation.dmarc.organizational_domain;
  const bool within = base::codec::iequals_ascii(domain, organization) ||
                      base::codec::to_lower_ascii(domain).ends_with('.' + std::string(organization));
  return within ? 1 : 2;
}

std::vector<DkimResult> signatures_of(const Evaluation& evaluation) {
  std::vector<std::pair<int, std::size_t>> order;
  for (std::size_t i = 0; i < evaluation.dkim.size(); ++i)
    if (!evaluation.dkim[i].domain.empty()) order.emplace_back(rank_of(evaluation.dkim[i], evaluation), i);
  std::ranges::sort(order);
  if (order.size() > kMostSignatures) order.resize(kMostSignatures);
  std::vector<DkimResult> out;
  for (const auto& [rank, index] : order) {
    const auto& verdict = evaluation.dkim[index];
    out.push_back({.domain = bounded(verdict.domain),
                   .selector = bounded(verdict.selector),
                   .result = std::string(to_string(verdict.result)),
                   .human = bounded(verdict.problem)});
  }
  return out;
}

/// "0:1:d:s", RFC 9989 s4.7.
std::string failure_options(const rules::dmarc::FailureOptions& options) {
  std::string out;
  for (const auto& [set, word] : {std::pair{options.nothing_passes, "0"}, std::pair{options.anything_fails, "1"},
                                  std::pair{options.dkim, "d"}, std::pair{options.spf, "s"}})
    if (set) out += (out.empty() ? "" : ":") + std::string(word);
  return out;
}

}  // namespace

Record record_of(const Evaluation& evaluation) {
  Record out;
  out.source_ip = to_string(evaluation.source);
  out.disposition = disposition_of(evaluation);
  out.dkim = word_of(evaluation.dmarc.dkim_aligned);
  out.spf = word_of(evaluation.dmarc.spf_aligned);
  for (const auto& why : evaluation.overrides)
    out.reasons.push_back({.type = std::string(to_string(why.kind)), .comment = bounded(why.comment)});
  out.header_from = bounded(evaluation.header_from);
  out.envelope_from = bounded(evaluation.envelope_from);
  // One record has room for one domain.
  if (evaluation.envelope_to.size() == 1) out.envelope_to = bounded(evaluation.envelope_to.front());
  out.dkim_results = signatures_of(evaluation);
  // RFC 9990 s3.1.1.13: MAIL FROM is the only scope; for the null sender it is the HELO name's domain (RFC 7208 s2.4).
  if (!evaluation.spf_domain.empty())
    out.spf_results.push_back({.domain = bounded(evaluation.spf_domain),
                               .scope = "mfrom",
                               .result = std::string(to_string(evaluation.spf.result)),
                               .human = bounded(evaluation.spf.problem)});
  return out;
}

AskedFor policy_of(const Evaluation& evaluation) {
  const auto& verdict = evaluation.dmarc;
  const auto& record = verdict.record;
  AskedFor out;
  auto& policy = out.policy;
  policy.domain = verdict.policy_domain;
  policy.discovery_method = "treewalk";
  policy.policy = to_string(record.policy);
  policy.subdomains = to_string(record.subdomains.value_or(record.policy));
  policy.nonexistent = to_string(record.nonexistent.value_or(record.subdomains.value_or(record.policy)));
  policy.failures = failure_options(record.failures);
  policy.dkim = letter_of(record.dkim);
  policy.spf = letter_of(record.spf);
  policy.testing = record.testing ? "y" : "n";
  out.organizational_domain = verdict.organizational_domain;
  out.targets = record.aggregate_reports;
  if (out.targets.size() > kMostTargets) out.targets.resize(kMostTargets);
  return out;
}

SessionRow session_of(const smtpclient::TlsOutcome& outcome) {
  SessionRow out;
  out.policy.type = to_string(outcome.policy_type);
  out.policy.domain = outcome.policy_domain;
  out.policy.strings = bounded(outcome.policy_strings);
  out.policy.mx_hosts = bounded(outcome.policy_mx_hosts);
  if (outcome.successful()) return out;
  out.failure = rules::tlsrpt::Failure{.result_type = std::string(to_string(outcome.result)),
                                       .sending_address = outcome.sending_address,
                                       .receiving_host = outcome.mx_host,
                                       .receiving_hello = bounded(outcome.mx_hello),
                                       .receiving_address = outcome.receiving_address,
                                       .reason = bounded(outcome.reason)};
  return out;
}

void Counting::record(Evaluation evaluation) {
  if (!dmarc_ || evaluation.dmarc.record.aggregate_reports.empty()) return;
  // A report about nothing but reports would be answered by another one, every day.
  std::string policy = evaluation.is_report ? std::string() : encode_policy(policy_of(evaluation));
  tally_.count(Stream::kDmarc, evaluation.dmarc.policy_domain, state::reports::encode_record(record_of(evaluation)),
               std::move(policy));
}

void Counting::record(smtpclient::TlsOutcome outcome) {
  if (!tls_) return;
  std::string row = encode_session(session_of(outcome));
  tally_.count(Stream::kTls, std::move(outcome.policy_domain), std::move(row), {});
}

}  // namespace veredus::work::reports
