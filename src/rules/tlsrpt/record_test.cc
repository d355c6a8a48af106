#include "rules/tlsrpt/record.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "support/suite_files.h"

namespace veredus::rules::tlsrpt {
namespace {

namespace json = boost::json;

TEST(TlsRptRecord, ReadsTheUris) {  // RFC 8460 s3.1
  struct Case {
    std::string_view text;
    std::vector<std::string> rua;
  };
  const Case cases[] = {
      {"v=TLSRPTv1;rua=mailto:reports@example.com", {"mailto:reports@example.com"}},
      {"v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt;", {"https://reporting.example.com/v1/tlsrpt"}},
      {"v=TLSRPTv1; rua=mailto:a@b.test , \t https://c.test/x?y=z  ", {"mailto:a@b.test", "https://c.test/x?y=z"}},
      {"v=TLSRPTv1 ; x=1; rua=mailto:a@b.test; rua=mailto:c@d.test", {"mailto:a@b.test", "mailto:c@d.test"}}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto record = parse_record(c.text);
    ASSERT_TRUE(record) << to_string(record.error());
    EXPECT_EQ(record->rua, c.rua);
  }
}

TEST(TlsRptRecord, RefusesWhatTheGrammarRefuses) {
  struct Case {
    std::string_view text;
    RecordError want;
  };
  const Case cases[] = {{"", RecordError::kNone},
                        {"v=TLSRPTv1", RecordError::kNone},
                        {"v=TLSRPTv2; rua=mailto:a@b.test", RecordError::kNone},
                        {"v=TLSRPTv1;", RecordError::kRua},
                        {"v=TLSRPTv1; ext=1", RecordError::kRua},
                        {"v=TLSRPTv1; rua=nobody", RecordError::kRua},
                        {"v=TLSRPTv1; rua=mailto:a@b.test!10m", RecordError::kRua},
                        {"v=TLSRPTv1; rua=mailto:a@b.test,", RecordError::kRua},
                        {"v=TLSRPTv1; rua=mailto:", RecordError::kRua},
                        {"v=TLSRPTv1; rua=", RecordError::kSyntax},
                        {"v=TLSRPTv1; rua=mailto:a@b.test; x==", RecordError::kSyntax}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto record = parse_record(c.text);
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error(), c.want);
  }
}

TEST(TlsRptRecord, IsOneAmongOthersOrNone) {
  const std::vector<std::string> twice(2, "v=TLSRPTv1; rua=mailto:a@b.test");
  EXPECT_EQ(choose_record(twice).error(), RecordError::kSeveral);
  EXPECT_TRUE(choose_record(std::vector<std::string>{"v=spf1 -all", twice[0]}));
  EXPECT_EQ(choose_record(std::vector<std::string>{}).error(), RecordError::kNone);
  EXPECT_EQ(record_name("example.org"), "_smtp._tls.example.org");
}

TEST(TlsRptSuite, ReadsRecordsAsTheSuiteDoes) {
  const auto folder = test::suite("policy-records");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite policy-records is not here";
  int right = 0;
  int all = 0;
  for (const auto& value : json::parse(test::read_whole(folder / "records.json")).as_array()) {
    if (value.at("kind").as_string() != "tlsrpt-record") continue;
    const std::string text(value.at("text").as_string());
    const bool good = parse_record(text).has_value() == value.at("valid").as_bool();
    EXPECT_TRUE(good) << text;
    ++all;
    right += good ? 1 : 0;
  }
  std::printf("suite policy-records, TLS reporting: %d of %d\n", right, all);
}

}  // namespace
}  // namespace veredus::rules::tlsrpt
