#include "rules/tlsrpt/report.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace veredus::rules::tlsrpt {
namespace {

/// RFC 8460 appendix B.
constexpr std::string_view kOfTheRfc = R"({
  "organization-name": "Company-X",
  "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
  "contact-info": "sts-reporting@company-x.example",
  "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
  "policies": [{
    "policy": {
      "policy-type": "sts",
      "policy-string": ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"],
      "policy-domain": "company-y.example",
      "mx-host": "*.mail.company-y.example"
    },
    "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
    "failure-details": [
      {"result-type": "certificate-expired", "sending-mta-ip": "2001:db8:abcd:0012::1",
       "receiving-mx-hostname": "mx1.mail.company-y.example", "failed-session-count": 100},
      {"result-type": "starttls-not-supported", "sending-mta-ip": "2001:db8:abcd:0013::1",
       "receiving-mx-hostname": "mx2.mail.company-y.example", "receiving-ip": "203.0.113.56",
       "failed-session-count": 200, "additional-information": "https://reports.company-x.example/report_info"},
      {"result-type": "validation-failure", "sending-mta-ip": "198.51.100.62", "receiving-ip": "203.0.113.58",
       "receiving-mx-hostname": "mx-backup.mail.company-y.example", "failed-session-count": 3,
       "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"}]
  }]
})";

TEST(TlsReport, ReadsTheExampleOfTheRfc) {
  const auto report = read_json(kOfTheRfc);
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->organization, "Company-X");
  EXPECT_EQ(report->end - report->begin, std::chrono::seconds(86'399));
  ASSERT_EQ(report->policies.size(), 1U);
  const auto& policy = report->policies[0];
  EXPECT_EQ(policy.type, "sts");
  EXPECT_EQ(policy.strings.size(), 4U);
  EXPECT_EQ(policy.mx_hosts, std::vector<std::string>{"*.mail.company-y.example"});
  EXPECT_EQ(policy.successful, 5326U);
  ASSERT_EQ(policy.failures.size(), 3U);
  EXPECT_EQ(policy.failures[2].reason, "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED");
}

TEST(TlsReport, WhatIsWrittenIsReadBack) {
  const auto report = read_json(kOfTheRfc);
  ASSERT_TRUE(report);
  const std::string written = write_json(*report);
  const auto again = read_json(written);
  ASSERT_TRUE(again);
  EXPECT_EQ(write_json(*again), written);
  EXPECT_EQ(again->policies[0].failures[1].sessions, 200U);
}

TEST(TlsReport, RefusesWhatIsNoReport) {
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string out(kOfTheRfc);
    const auto at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return out.replace(at, from.size(), to);
  };
  struct Case {
    std::string_view what;
    std::string document;
    ReportError want;
  };
  const Case cases[] = {
      {"nothing", "", ReportError::kJson},
      {"cut short", std::string(kOfTheRfc.substr(0, 900)), ReportError::kJson},
      {"deep", std::string(100, '['), ReportError::kJson},
      {"a list", "[]", ReportError::kNoReport},
      {"an object", "{}", ReportError::kNoReport},
      {"no organization", changed("organization-name", "name"), ReportError::kMetadata},
      {"no id", changed("report-id", "id"), ReportError::kMetadata},
      {"no period", changed("2016-04-01T00", "yesterday"), ReportError::kMetadata},
      {"no type", changed("policy-type", "type"), ReportError::kPolicies},
      {"no counts", changed("summary", "sums"), ReportError::kPolicies},
      {"a long text", changed("X509", std::string(5000, 'X')), ReportError::kText},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto report = read_json(c.document);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error(), c.want) << to_string(report.error());
  }
}

TEST(TlsReport, KeepsToItsLimits) {
  EXPECT_EQ(read_json(kOfTheRfc, {.policies = 0}).error(), ReportError::kTooMany);
  EXPECT_EQ(read_json(kOfTheRfc, {.failures = 2}).error(), ReportError::kTooMany);
  EXPECT_EQ(read_json(kOfTheRfc, {.octets = kOfTheRfc.size() - 1}).error(), ReportError::kTooLong);
  EXPECT_EQ(read_json("{" + std::string(4ULL << 20, ' ')).error(), ReportError::kTooLong);
  EXPECT_EQ(read_json(kOfTheRfc, {.strings = 2})->policies[0].strings.size(), 2U);
}

}  // namespace
}  // namespace veredus::rules::tlsrpt
