#include "rules/aggregate/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace veredus::rules::aggregate {
namespace {

using testing::HasSubstr;
using testing::Not;

Report sample() {
  Report out;
  out.metadata = {.organization = "Example & Sons",
                  .email = "dmarc@example.net",
                  .extra_contact = "https://example.net/dmarc",
                  .report_id = "1.abc@example.net",
                  .begin = SystemTime(std::chrono::seconds(1'732'665'600)),
                  .end = SystemTime(std::chrono::seconds(1'732'751'999)),
                  .errors = {"two records <at> once"},
                  .generator = "Veredus 1"};
  out.policy = {.domain = "example.org",
                .discovery_method = "treewalk",
                .policy = "quarantine",
                .subdomains = "reject",
                .nonexistent = "none",
                .failures = "1",
                .dkim = "r",
                .spf = "s",
                .testing = "n"};
  Record record{.source_ip = "2001:db8::7", .count = 123, .disposition = "none", .dkim = "fail", .spf = "fail"};
  record.reasons = {{.type = "local_policy", .comment = "arc=pass"}, {.type = "other"}};
  record.header_from = "example.org";
  record.envelope_to = "demo.test";
  record.dkim_results = {{.domain = "example.org", .selector = "s1", .result = "fail", .human = "body hash"},
                         {.domain = "list.test", .selector = "k", .result = "pass"}};
  record.spf_results = {{.domain = "list.test", .scope = "mfrom", .result = "pass"}};
  out.records = {record, record};
  out.records[1].dkim = "pass";
  return out;
}

TEST(Aggregate, WhatIsWrittenIsReadBack) {
  const std::string document = write_xml(sample());
  const auto read = read_xml(document);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(write_xml(*read), document);
  EXPECT_EQ(read->version, "1.0");
  EXPECT_EQ(read->metadata.organization, "Example & Sons");
  EXPECT_EQ(read->metadata.errors, std::vector<std::string>{"two records <at> once"});
  EXPECT_EQ(read->policy.nonexistent, "none");
  ASSERT_EQ(read->records.size(), 2U);
  EXPECT_EQ(read->records[0].count, 123U);
  EXPECT_EQ(read->records[0].reasons[0].comment, "arc=pass");
  EXPECT_EQ(read->records[0].dkim_results[1].domain, "list.test");
  EXPECT_EQ(read->records[0].spf_results[0].scope, "mfrom");
  EXPECT_FALSE(read->records[0].passed());
  EXPECT_TRUE(read->records[1].passed());
}

TEST(Aggregate, HasTheNameSpaceAndTheOrderOfTheRfc) {  // RFC 9990 s3.1.1.2
  const std::string document = write_xml(sample());
  EXPECT_THAT(document, HasSubstr("<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">"));
  EXPECT_THAT(document, HasSubstr("<org_name>Example &amp; Sons</org_name>"));
  EXPECT_LT(document.find("<version>"), document.find("<report_metadata>"));
  EXPECT_LT(document.find("<report_metadata>"), document.find("<policy_published>"));
  EXPECT_LT(document.find("<policy_published>"), document.find("<record>"));
  EXPECT_LT(document.find("<disposition>"), document.find("<reason>"));
  // The null reverse-path is there, and empty (RFC 9990 s3.1.1.10).
  EXPECT_THAT(document, HasSubstr("<envelope_from></envelope_from>"));
}

TEST(Aggregate, HoldsNoOctetsThatXmlCannotHold) {
  Report report = sample();
  report.metadata.organization =
      "a\x01"
      "b\xff"
      "c\r";
  const std::string document = write_xml(report);
  EXPECT_THAT(document, Not(HasSubstr("\x01")));
  const auto read = read_xml(document);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->metadata.organization,
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd"
            "c");
}

constexpr std::string_view kOld =
    R"(<?xml version="1.0" encoding="ISO-8859-1" ?>
<feedback>
  <report_metadata><org_name>google.com</org_name><email>noreply@google.com</email>
    <report_id>7654</report_id><date_range><begin>1529366400</begin><end>1529452799.5</end></date_range>
  </report_metadata>
  <policy_published><domain>example.com</domain><adkim>r</adkim><p>none</p><sp>none</sp><pct>100</pct></policy_published>
  <extension><x:thing xmlns:x="urn:x"><x:domain>no.test</x:domain></x:thing></extension>
  <record>
    <row><source_ip>192.0.2.1</source_ip><count>1</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row>
    <identifiers><header_from>example.com</header_from></identifiers>
    <auth_results><dkim><domain>example.com</domain><result>pass</result></dkim>
      <spf><domain>example.com</domain><result>pass</result></spf><spf><domain>h.test</domain><scope>helo</scope><result>none</result></spf></auth_results>
  </record>
</feedback>)";

TEST(Aggregate, ReadsReportsOfTheOldForm) {  // RFC 7489 Appendix C
  const auto read = read_xml(kOld);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->policy.domain, "example.com");
  EXPECT_EQ(read->policy.percentage, "100");
  ASSERT_EQ(read->records.size(), 1U);
  EXPECT_EQ(read->records[0].spf_results.size(), 2U);
}

TEST(Aggregate, ReadsElementsOfANamedNameSpace) {
  std::string document(kOld);
  for (const std::string_view name : {"feedback", "record", "row", "count"}) {
    for (const std::string_view before : {"<", "</"}) {
      const std::string from = std::string(before) + std::string(name) + ">";
      const std::string to = std::string(before) + "d:" + std::string(name) + ">";
      for (auto at = document.find(from); at != std::string::npos; at = document.find(from, at + to.size()))
        document.replace(at, from.size(), to);
    }
  }
  EXPECT_TRUE(read_xml(document));
}

TEST(Aggregate, RefusesWhatIsNoReport) {
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string out(kOld);
    const auto at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return out.replace(at, from.size(), to);
  };
  std::string deep = "<feedback>";
  for (int i = 0; i < 40; ++i) deep += "<a>";
  struct Case {
    std::string_view what;
    std::string document;
    ReadError want;
  };
  const Case cases[] = {
      {"nothing", "", ReadError::kXml},
      {"text", "Dear postmaster", ReadError::kXml},
      {"another root", "<html/>", ReadError::kNoReport},
      {"cut short", std::string(kOld.substr(0, 700)), ReadError::kXml},
      {"an entity", changed("<feedback>", "<!DOCTYPE feedback [<!ENTITY a \"aaaa\">]><feedback>"),
       ReadError::kEntities},
      {"an outside entity",
       changed("<feedback>", "<!DOCTYPE feedback [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><feedback>"),
       ReadError::kEntities},
      {"a parameter entity", changed("<feedback>", "<!DOCTYPE feedback [<!ENTITY % a \"x\">]><feedback>"),
       ReadError::kEntities},
      {"too deep", deep, ReadError::kDepth},
      {"a long text", changed("google.com", std::string(5000, 'g')), ReadError::kText},
      {"no organization", changed("google.com", ""), ReadError::kMetadata},
      {"no id", changed("7654", ""), ReadError::kMetadata},
      {"no begin", changed("1529366400", "yesterday"), ReadError::kMetadata},
      {"ends before it begins", changed("1529366400", "1600000000"), ReadError::kMetadata},
      {"far away", changed("1529366400", "99999999999999"), ReadError::kMetadata},
      {"no domain", changed("<domain>example.com</domain><adkim>", "<adkim>"), ReadError::kPolicy},
      {"no count", changed("<count>1</count>", ""), ReadError::kRecord},
      {"a count below nothing", changed("<count>1</count>", "<count>-1</count>"), ReadError::kRecord},
      {"no address", changed("192.0.2.1", ""), ReadError::kRecord},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto read = read_xml(c.document);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), c.want) << to_string(read.error());
  }
}

TEST(Aggregate, KeepsToItsLimits) {
  EXPECT_EQ(read_xml(write_xml(sample()), {.records = 1}).error(), ReadError::kRecords);
  EXPECT_EQ(read_xml(kOld, {.elements = 10}).error(), ReadError::kElements);
  EXPECT_EQ(read_xml(kOld, {.results = 1})->records[0].spf_results.size(), 1U);
  EXPECT_EQ(read_xml(kOld, {.all_results = 2}).error(), ReadError::kResults);
  EXPECT_TRUE(read_xml(kOld, {.all_results = 4}));
}

}  // namespace
}  // namespace veredus::rules::aggregate
