#include "rules/arf/feedback.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace veredus::rules::arf {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string report_with(const std::string& fields) {
  return "From: fbl@demo.test\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n"
         "--b\r\nContent-Type: message/feedback-report\r\n\r\n" +
         fields + "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Offer\r\n\r\nBuy.\r\n--b--\r\n";
}

TEST(ParseFeedback, ReadsAComplaint) {  // RFC 5965 s3
  const auto feedback = parse_feedback(report_with(
      "Feedback-Type: abuse\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\nIncidents: 3\r\n"
      "Original-Mail-From: <bounce+x@example.org>\r\nOriginal-Rcpt-To: <bob@demo.test>\r\n"
      "Original-Rcpt-To: carol@demo.test\r\nReporting-MTA: dns; mx.demo.test\r\nSource-IP: 192.0.2.1 "
      "(mx.example.org)\r\n"
      "Source-Port: 2525\r\nArrival-Date: Thu, 8 Mar 2005 14:00:00 -0400\r\nReported-Domain: example.org\r\n"
      "Reported-URI: http://example.org/a\r\nReported-Uri: mailto:x@example.org\r\n"));
  ASSERT_TRUE(feedback.has_value());
  EXPECT_EQ(feedback->type, FeedbackType::kAbuse);
  EXPECT_EQ(feedback->user_agent, "SomeGenerator/1.0");
  EXPECT_EQ(feedback->version, 1U);
  EXPECT_EQ(feedback->incidents, 3U);
  EXPECT_EQ(feedback->original_mail_from, "bounce+x@example.org");
  EXPECT_EQ(feedback->original_recipients, (std::vector<std::string>{"bob@demo.test", "carol@demo.test"}));
  EXPECT_EQ(feedback->reporting_mta, "mx.demo.test");
  EXPECT_EQ(feedback->source_ip, "192.0.2.1");
  EXPECT_EQ(feedback->source_port, 2525);
  EXPECT_EQ(feedback->reported_uris.size(), 2U);
  ASSERT_TRUE(feedback->arrival.has_value());
  EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(*feedback->arrival).time_since_epoch().count(), 1110304800);
  EXPECT_TRUE(feedback->original_is_whole);
  EXPECT_EQ(feedback->original, "Subject: Offer\r\n\r\nBuy.");
}

TEST(ParseFeedback, ReadsAnAuthenticationFailure) {  // RFC 6591 s3
  const auto feedback =
      parse_feedback(report_with("Feedback-Type: auth-failure\r\nAuth-Failure: bodyhash\r\nDelivery-Result: reject\r\n"
                                 "Identity-Alignment: dkim, spf\r\nDKIM-Domain: example.org\r\nDKIM-Selector: s1\r\n"
                                 "DKIM-Canonicalized-Body: SGVs\r\n bG8K\r\n"));
  ASSERT_TRUE(feedback.has_value());
  EXPECT_EQ(feedback->type, FeedbackType::kAuthFailure);
  EXPECT_EQ(feedback->auth_failure, AuthFailure::kBodyHash);
  EXPECT_EQ(feedback->delivery_result, DeliveryResult::kReject);
  EXPECT_EQ(feedback->identity_alignment, IdentityAlignment::kDkimSpf);
  EXPECT_EQ(feedback->dkim_canonicalized_body, "Hello\n");
}

TEST(ParseFeedback, RefusesWhatIsNoReport) {
  const auto plain = parse_feedback("Subject: hello\r\n\r\nFeedback-Type: abuse\r\n");
  ASSERT_FALSE(plain.has_value());
  EXPECT_EQ(plain.error(), FeedbackError::kNoReport);
  const auto untyped = parse_feedback(report_with("Version: 1\r\n"));
  ASSERT_FALSE(untyped.has_value());
  EXPECT_EQ(untyped.error(), FeedbackError::kNoFeedbackType);
}

std::string read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string letters(std::string_view word) {  // "auth-failure" and the suite's "AuthFailure" alike
  std::string out;
  for (const char c : word)
    if (c != '-') out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return out;
}

void expect_text(const json::object& want, std::string_view name, const std::string& got) {
  const auto& value = want.at(name);
  EXPECT_EQ(got, value.is_null() ? std::string() : std::string(value.as_string())) << name;
}

/// The suite keeps angle brackets and undone folds as sent; we do not.
std::string bare(const json::value& value) {
  if (value.is_null()) return {};
  std::string text(value.as_string());
  if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
  return text;
}

TEST(ParseFeedback, AgreesWithThePublicSuite) {
  const char* const set = std::getenv("VEREDUS_SUITES");
  const fs::path all = set != nullptr ? fs::path(set) : fs::path(VEREDUS_SOURCE_DIR) / ".." / "shared" / "suites";
  if (!fs::is_directory(all / "arf")) GTEST_SKIP() << "the suite of feedback reports is not there";
  int read = 0;
  for (const auto& entry : fs::directory_iterator(all / "arf")) {
    if (entry.path().extension() != ".eml") continue;
    SCOPED_TRACE(entry.path().string());
    const auto feedback = parse_feedback(read_whole(entry.path()));
    ASSERT_TRUE(feedback.has_value());
    auto expected = entry.path();
    const auto want = json::parse(read_whole(expected.replace_extension(".json"))).as_object();
    EXPECT_EQ(letters(to_string(feedback->type)), letters(std::string(want.at("feedback_type").as_string())));
    EXPECT_EQ(letters(to_string(feedback->auth_failure)), letters(std::string(want.at("auth_failure").as_string())));
    EXPECT_EQ(feedback->arrival.has_value(), !want.at("arrival_date").is_null());
    if (feedback->arrival)
      EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(*feedback->arrival).time_since_epoch().count(),
                want.at("arrival_date").as_int64());
    EXPECT_EQ(feedback->authentication_results.size(), want.at("authentication_results").as_array().size());
    EXPECT_EQ(feedback->incidents, static_cast<unsigned>(want.at("incidents").as_int64()));
    EXPECT_EQ(feedback->version, static_cast<unsigned>(want.at("version").as_int64()));
    EXPECT_EQ(feedback->original_mail_from, bare(want.at("original_mail_from")));
    EXPECT_EQ(feedback->original_recipients.empty(), want.at("original_rcpt_to").is_null());
    EXPECT_EQ(feedback->reported_domains.size(), want.at("reported_domain").as_array().size());
    EXPECT_EQ(feedback->reported_uris.size(), want.at("reported_uri").as_array().size());
    expect_text(want, "original_envelope_id", feedback->original_envelope_id);
    expect_text(want, "reporting_mta", feedback->reporting_mta);
    expect_text(want, "source_ip", feedback->source_ip);
    expect_text(want, "user_agent", feedback->user_agent);
    expect_text(want, "dkim_domain", feedback->dkim_domain);
    expect_text(want, "dkim_identity", feedback->dkim_identity);
    expect_text(want, "dkim_selector", feedback->dkim_selector);
    ++read;
  }
  std::printf("arf: %d reports agree\n", read);
}

}  // namespace
}  // namespace veredus::rules::arf
