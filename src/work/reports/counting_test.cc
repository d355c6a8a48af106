#include "work/reports/counting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/codec/ip_address.h"

namespace veredus::work::reports {
namespace {

using mailauth::Disposition;
using mailauth::Evaluation;
using rules::dmarc::Policy;
using testing::ElementsAre;

Evaluation evaluation() {
  Evaluation out;
  out.source = *base::codec::parse_ip("192.0.2.7");
  out.header_from = "sub.example.org";
  out.envelope_from = "bounce.example.net";
  out.envelope_to = {"demo.test"};
  out.dmarc.policy_domain = "example.org";
  out.dmarc.organizational_domain = "example.org";
  out.dmarc.result = rules::dmarc::Result::kFail;
  out.dmarc.record.policy = Policy::kReject;
  out.dmarc.record.aggregate_reports = {{.uri = "mailto:rua@example.org", .most_octets = {}}};
  out.dmarc.published = Policy::kReject;
  out.disposition = Disposition::kRefuse;
  out.spf.result = rules::spf::Result::kSoftfail;
  out.spf_domain = "bounce.example.net";
  return out;
}

rules::dkim::Verdict signature(const std::string& domain, rules::dkim::Result result) {
  rules::dkim::Verdict out;
  out.domain = domain;
  out.selector = "s";
  out.result = result;
  return out;
}

TEST(RecordOf, SaysWhatWasFoundAndDone) {
  const auto record = record_of(evaluation());
  EXPECT_EQ(record.source_ip, "192.0.2.7");
  EXPECT_EQ(record.disposition, "reject");
  EXPECT_EQ(record.dkim, "fail");
  EXPECT_EQ(record.spf, "fail");
  EXPECT_EQ(record.header_from, "sub.example.org");
  EXPECT_EQ(record.envelope_from, "bounce.example.net");
  EXPECT_EQ(record.envelope_to, "demo.test");
  ASSERT_EQ(record.spf_results.size(), 1U);
  EXPECT_EQ(record.spf_results[0].result, "softfail");
  EXPECT_EQ(record.spf_results[0].scope, "mfrom");
}

TEST(RecordOf, NamesTheDispositionAsTheRfcDoes) {  // RFC 9990 Appendix A
  struct Case {
    rules::dmarc::Result result;
    Policy published;
    Disposition disposition;
    std::string_view want;
  };
  using rules::dmarc::Result;
  const Case cases[] = {{Result::kPass, Policy::kNone, Disposition::kDeliver, "none"},
                        {Result::kPass, Policy::kReject, Disposition::kDeliver, "pass"},
                        {Result::kFail, Policy::kReject, Disposition::kDeliver, "none"},
                        {Result::kFail, Policy::kReject, Disposition::kJunk, "quarantine"},
                        {Result::kFail, Policy::kReject, Disposition::kRefuse, "reject"}};
  for (const auto& c : cases) {
    auto what = evaluation();
    what.dmarc.result = c.result;
    what.dmarc.published = c.published;
    what.disposition = c.disposition;
    EXPECT_EQ(record_of(what).disposition, c.want);
  }
}

TEST(RecordOf, ListsTheBestSignaturesFirst) {  // RFC 9990 s3.1.3
  auto what = evaluation();
  using rules::dkim::Result;
  what.dkim = {signature("other.test", Result::kFail), signature("", Result::kPermerror),
               signature("list.test", Result::kPass), signature("mail.example.org", Result::kPass),
               signature("sub.example.org", Result::kPass)};
  std::vector<std::string> domains;
  for (const auto& result : record_of(what).dkim_results) domains.push_back(result.domain);
  EXPECT_THAT(domains, ElementsAre("sub.example.org", "mail.example.org", "list.test", "other.test"));
}

TEST(RecordOf, GivesReasonsAndLeavesOutWhatIsNotOne) {
  auto what = evaluation();
  what.overrides = {{.kind = mailauth::OverrideKind::kMailingList, .comment = "a list"}};
  what.envelope_to = {"demo.test", "demo.example"};
  what.spf_domain.clear();
  const auto record = record_of(what);
  ASSERT_EQ(record.reasons.size(), 1U);
  EXPECT_EQ(record.reasons[0].type, "mailing_list");
  EXPECT_EQ(record.envelope_to, "");
  EXPECT_TRUE(record.spf_results.empty());
}

TEST(RecordOf, KeepsNoMoreThanARowHasRoomFor) {
  auto what = evaluation();
  const std::string text(20'000, 'x');
  what.header_from = what.envelope_from = what.spf_domain = what.spf.problem = text;
  what.envelope_to = {text};
  what.dkim.assign(500, signature(text, rules::dkim::Result::kFail));
  for (auto& verdict : what.dkim) verdict.selector = verdict.problem = text;
  what.dmarc.record.aggregate_reports.assign(5'000, {.uri = "mailto:rua@example.org", .most_octets = {}});
  const auto octets = state::reports::encode_record(record_of(what)).size() + encode_policy(policy_of(what)).size();
  EXPECT_LT(octets, state::reports::Tally::kMostRowOctets);
}

TEST(PolicyOf, GivesDefaultsWhereNothingIsPublished) {  // RFC 9990 s3.1.1.5
  auto what = evaluation();
  auto policy = policy_of(what).policy;
  EXPECT_EQ(policy.domain, "example.org");
  EXPECT_EQ(policy.policy, "reject");
  EXPECT_EQ(policy.subdomains, "reject");
  EXPECT_EQ(policy.nonexistent, "reject");
  EXPECT_EQ(policy.failures, "0");
  EXPECT_EQ(policy.dkim, "r");
  EXPECT_EQ(policy.testing, "n");
  what.dmarc.record.subdomains = Policy::kQuarantine;
  what.dmarc.record.failures = {.nothing_passes = true, .anything_fails = false, .dkim = true, .spf = true};
  what.dmarc.record.testing = true;
  policy = policy_of(what).policy;
  EXPECT_EQ(policy.nonexistent, "quarantine");
  EXPECT_EQ(policy.failures, "0:d:s");
  EXPECT_EQ(policy.testing, "y");
}

TEST(SessionOf, TellsFailuresApartFromSuccess) {
  smtpclient::TlsOutcome outcome;
  outcome.policy_domain = "example.org";
  outcome.policy_type = smtpclient::TlsPolicyType::kSts;
  outcome.policy_strings = {"version: STSv1"};
  outcome.mx_host = "mx.example.org";
  EXPECT_FALSE(session_of(outcome).failure);
  outcome.result = smtpclient::TlsResult::kCertificateExpired;
  outcome.reason = "expired yesterday";
  const auto row = session_of(outcome);
  ASSERT_TRUE(row.failure);
  EXPECT_EQ(row.policy.type, "sts");
  EXPECT_EQ(row.failure->result_type, "certificate-expired");
  EXPECT_EQ(row.failure->receiving_host, "mx.example.org");
}

TEST(SessionOf, KeepsNoMoreLinesThanAReportShows) {
  smtpclient::TlsOutcome outcome;
  outcome.policy_strings.assign(5'000, "mx: mx.example.org");
  outcome.policy_mx_hosts.assign(5'000, "mx.example.org");
  outcome.policy_strings.front() = std::string(20'000, 'x');
  const auto row = session_of(outcome);
  EXPECT_EQ(row.policy.strings.size(), 100U);
  EXPECT_EQ(row.policy.strings.front().size(), 255U);
  EXPECT_EQ(row.policy.mx_hosts.size(), 100U);
}

}  // namespace
}  // namespace veredus::work::reports
