#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "rules/reportmail/arrived.h"
#include "rules/reportmail/letter.h"
#include "rules/reportmail/presentation.h"
#include "wire/archive/unpack.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message.h"

namespace veredus::rules::reportmail {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr SystemTime kBegin{std::chrono::seconds(1'732'665'600)};
constexpr SystemTime kEnd{std::chrono::seconds(1'732'751'999)};

aggregate::Report aggregate_report() {
  aggregate::Report out;
  out.metadata = {.organization = "Demo",
                  .email = "dmarc@demo.test",
                  .report_id = "20241127.abc1@demo.test",
                  .begin = kBegin,
                  .end = kEnd};
  out.policy = {.domain = "example.org", .policy = "none"};
  out.records.push_back({.source_ip = "192.0.2.1",
                         .count = 7,
                         .disposition = "none",
                         .dkim = "pass",
                         .spf = "fail",
                         .header_from = "example.org"});
  return out;
}

tlsrpt::Report tls_report() {
  tlsrpt::Report out{.organization = "Demo",
                     .begin = kBegin,
                     .end = kEnd,
                     .contact = "tls@demo.test",
                     .report_id = "20241127.abc2@demo.test"};
  out.policies.push_back({.type = "no-policy-found", .domain = "example.org", .successful = 5, .failed = 0});
  return out;
}

Letter letter() {
  return {.from_name = "Demo",
          .from = "dmarc@demo.test",
          .to = "rua@example.org",
          .submitter = "demo.test",
          .date = kEnd,
          .message_id = "1@demo.test",
          .boundary_seed = "seed"};
}

std::string aggregate_mail() {
  const auto report = aggregate_report();
  return aggregate_letter(letter(), report, wire::archive::gzip(aggregate::write_xml(report)));
}

std::string tls_mail() {
  const auto report = tls_report();
  return tls_letter(letter(), report, "example.org", wire::archive::gzip(tlsrpt::write_json(report)));
}

/// A message with one file in it.
std::string mail_with(const std::string& type, const std::string& name, const std::string& content) {
  return "From: a@b.test\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: " + type + "; name=\"" + name +
         "\"\r\n\r\n" + content;
}

TEST(Letter, NamesItsFileAsTheRfcsDo) {  // RFC 9990 s3.5.2
  EXPECT_EQ(file_name("mx.test", "example.org", kBegin, kEnd, "", "xml.gz"),
            "mx.test!example.org!1732665600!1732751999.xml.gz");
  EXPECT_EQ(file_name("mx.test", "example.org", kBegin, kEnd, "a1", "json.gz"),
            "mx.test!example.org!1732665600!1732751999!a1.json.gz");
}

TEST(Letter, CarriesAnAggregateReport) {
  const std::string mail = aggregate_mail();
  const auto structure = wire::mime::parse(mail);
  const auto subject = wire::mime::find_field(structure.root().header, "subject");
  ASSERT_TRUE(subject);
  EXPECT_TRUE(is_called_report(structure.root().header));
  ASSERT_EQ(structure.parts.size(), 3U);
  EXPECT_TRUE(structure.parts[2].is_type("application", "gzip"));
  EXPECT_EQ(wire::mime::filename(structure.parts[2]),
            "demo.test!example.org!1732665600!1732751999!20241127abc1.xml.gz");
  const auto arrived = read_report(mail);
  ASSERT_TRUE(arrived) << arrived.error().why;
  EXPECT_EQ(arrived->kind(), Kind::kAggregate);
  EXPECT_EQ(std::get<aggregate::Report>(arrived->content).records[0].count, 7U);
}

TEST(Letter, CarriesATlsReport) {  // RFC 8460 s5.3
  const std::string mail = tls_mail();
  EXPECT_THAT(mail, HasSubstr("TLS-Report-Domain: example.org\r\n"));
  EXPECT_THAT(mail, HasSubstr("TLS-Report-Submitter: demo.test\r\n"));
  EXPECT_THAT(mail, HasSubstr("TLS-Required: No\r\n"));
  const auto structure = wire::mime::parse(mail);
  EXPECT_TRUE(structure.root().is_type("multipart", "report"));
  EXPECT_TRUE(structure.parts[2].is_type("application", "tlsrpt+gzip"));
  const auto arrived = read_report(mail);
  ASSERT_TRUE(arrived) << arrived.error().why;
  EXPECT_EQ(arrived->kind(), Kind::kTls);
}

TEST(ReadReport, TakesTheFileItself) {
  const std::string xml = aggregate::write_xml(aggregate_report());
  const std::string json = tlsrpt::write_json(tls_report());
  EXPECT_EQ(read_report(xml)->kind(), Kind::kAggregate);
  EXPECT_EQ(read_report("\xef\xbb\xbf\r\n" + xml)->kind(), Kind::kAggregate);
  EXPECT_EQ(read_report(wire::archive::gzip(xml))->kind(), Kind::kAggregate);
  EXPECT_EQ(read_report(json)->kind(), Kind::kTls);
  EXPECT_EQ(read_report(wire::archive::gzip(json))->document, json);
}

TEST(ReadReport, FindsTheFileByItsTypeOrItsName) {
  const std::string xml = aggregate::write_xml(aggregate_report());
  EXPECT_TRUE(read_report(mail_with("text/xml", "r.xml", xml)));
  EXPECT_TRUE(read_report(mail_with("application/octet-stream", "R.XML", xml)));
  EXPECT_EQ(read_report(mail_with("application/octet-stream", "r.exe", xml)).error().error, ReadError::kNoReport);
  EXPECT_EQ(read_report(mail_with("text/plain", "x", "hello")).error().error, ReadError::kNoReport);
}

TEST(ReadReport, SaysWhyItCannotBeRead) {
  const auto bomb = read_report(wire::archive::gzip(std::string(20'000'000, ' ')));
  EXPECT_EQ(bomb.error().error, ReadError::kPacked);
  EXPECT_EQ(read_report(mail_with("text/xml", "r.xml", "<html/>")).error().error, ReadError::kContent);
  EXPECT_EQ(read_report("{}").error().error, ReadError::kContent);
  EXPECT_EQ(read_report("").error().error, ReadError::kNoReport);
  EXPECT_EQ(json_of(Problem{.error = ReadError::kPacked, .why = "x"}).at("error").as_string(), "packed");
}

TEST(ReadReport, TakesAFailureReport) {  // RFC 6591 appendix B, RFC 9991 s4
  const std::string mail =
      "From: arf@peer.test\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
      "--b\r\nContent-Type: message/feedback-report\r\n\r\n"
      "Feedback-Type: auth-failure\r\nUser-Agent: x/1\r\nVersion: 1\r\nAuth-Failure: dmarc\r\n"
      "Identity-Alignment: none\r\nSource-IP: 192.0.2.9\r\nReported-Domain: example.org\r\n"
      "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: x@example.org\r\n--b--\r\n";
  const auto arrived = read_report(mail);
  ASSERT_TRUE(arrived);
  EXPECT_EQ(arrived->kind(), Kind::kFailure);
  EXPECT_EQ(json_of(*arrived).at("auth_failure").as_string(), "dmarc");
  EXPECT_THAT(text_of(*arrived), HasSubstr("about example.org"));
  EXPECT_TRUE(read_report(arrived->document));
}

TEST(ReadReport, PassesOverWhatWasForwarded) {
  const std::string mail =
      "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n" + aggregate_mail();
  EXPECT_FALSE(read_report(mail));
}

TEST(Presentation, ShowsEveryKind) {
  const auto aggregate = read_report(aggregate_mail());
  EXPECT_THAT(text_of(*aggregate), StartsWith("DMARC report 20241127.abc1@demo.test about example.org by Demo"));
  EXPECT_EQ(json_of(*aggregate).at("records").as_array().size(), 1U);
  const auto tls = read_report(tls_mail());
  EXPECT_THAT(text_of(*tls), HasSubstr("example.org no-policy-found: 5 sessions good, 0 not"));
  EXPECT_EQ(json_of(*tls).at("kind").as_string(), "tls");
}

TEST(Presentation, KeepsControlCharactersOffTheTerminal) {
  auto report = aggregate_report();
  report.metadata.organization = "a\x1b[31m";
  EXPECT_EQ(text_of({.content = report, .document = ""}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace veredus::rules::reportmail
