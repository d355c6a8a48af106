#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "rules/mtasts/policy.h"
#include "rules/mtasts/record.h"
#include "support/suite_files.h"

namespace veredus::rules::mtasts {
namespace {

namespace json = boost::json;

TEST(MtaStsRecord, ReadsWhatTheGrammarHas) {  // RFC 8461 s3.1
  for (const std::string_view text :
       {"v=STSv1; id=20160831085700Z;", "v=STSv1;id=20160831085700Z", "v=STSv1 \t;\t id=20160831085700Z ; a.b-c_d=x:y",
        "v=STSv1; ext=1; id=20160831085700Z", "v=STSv1; id=20160831085700Z; "}) {
    SCOPED_TRACE(text);
    const auto record = parse_record(text);
    ASSERT_TRUE(record) << to_string(record.error());
    EXPECT_EQ(record->id, "20160831085700Z");
  }
}

TEST(MtaStsRecord, RefusesWhatTheGrammarRefuses) {
  struct Case {
    std::string_view text;
    RecordError want;
  };
  const Case cases[] = {{"", RecordError::kNone},
                        {"v=STSv10; id=a", RecordError::kNone},
                        {"V=STSv1; id=a", RecordError::kNone},
                        {" v=STSv1; id=a", RecordError::kNone},
                        {"v=STSv1", RecordError::kNone},
                        {"v=STSv1;", RecordError::kSyntax},
                        {"v=STSv1;; id=a", RecordError::kSyntax},
                        {"v=STSv1; id", RecordError::kSyntax},
                        {"v=STSv1; id=", RecordError::kSyntax},
                        {"v=STSv1; -a=1; id=a", RecordError::kSyntax},
                        {"v=STSv1; id=a; b=c d", RecordError::kSyntax},
                        {"v=STSv1; id=a-b", RecordError::kId},
                        {"v=STSv1; ID=a", RecordError::kId},
                        {"v=STSv1; id=012345678901234567890123456789012", RecordError::kId}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto record = parse_record(c.text);
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error(), c.want);
  }
}

TEST(MtaStsRecord, IsOneAmongOthersOrNone) {
  const std::string spf = "v=spf1 -all";
  const std::string good = "v=STSv1; id=1";
  const std::string other = "v=STSv1; id=2";
  const auto choose = [](const std::vector<std::string>& texts) { return choose_record(texts); };
  EXPECT_EQ(choose({spf, good})->id, "1");
  EXPECT_EQ(choose({spf}).error(), RecordError::kNone);
  EXPECT_EQ(choose({}).error(), RecordError::kNone);
  EXPECT_EQ(choose({good, other}).error(), RecordError::kSeveral);
  EXPECT_EQ(choose({"v=STSv1; id=a b"}).error(), RecordError::kId);
}

TEST(MtaStsPolicy, ReadsTheExampleOfTheRfc) {  // RFC 8461 s3.2
  for (const std::string end : {"\n", "\r\n"}) {
    const auto policy =
        parse_policy("version: STSv1" + end + "mode: enforce" + end + "mx: mail.example.com" + end +
                     "mx: *.EXAMPLE.net" + end + "mx:backupmx.example.com  " + end + "max_age: 604800" + end);
    ASSERT_TRUE(policy) << to_string(policy.error());
    EXPECT_EQ(policy->mode, Mode::kEnforce);
    EXPECT_EQ(policy->max_age, std::chrono::seconds(604'800));
    EXPECT_EQ(policy->mx, (std::vector<std::string>{"mail.example.com", "*.example.net", "backupmx.example.com"}));
    EXPECT_EQ(parse_policy(to_text(*policy)), *policy);
  }
}

TEST(MtaStsPolicy, TakesTheFirstOfWhatComesTwiceAndPassesOverWhatItDoesNotKnow) {
  const auto policy = parse_policy(
      "mode: testing\nmode: enforce\nmax_age: 1\nmax_age: x\nx-new: caf\xc3\xa9 au lait\nmx: a.test\nversion: STSv1");
  ASSERT_TRUE(policy) << to_string(policy.error());
  EXPECT_EQ(policy->mode, Mode::kTesting);
  EXPECT_EQ(policy->max_age, std::chrono::seconds(1));
}

TEST(MtaStsPolicy, NeedsNoHostWhereItAsksForNothing) {
  EXPECT_TRUE(parse_policy("version: STSv1\nmode: none\nmax_age: 86400\n"));
  EXPECT_EQ(parse_policy("version: STSv1\nmode: none\nmax_age: 9999999999\n")->max_age, kMaxAge);
}

TEST(MtaStsPolicy, RefusesWhatTheGrammarRefuses) {
  const std::string head = "version: STSv1\nmode: enforce\nmax_age: 86400\n";
  struct Case {
    std::string text;
    PolicyError want;
  };
  std::string crowd = head;
  for (std::size_t i = 0; i <= kMaxPatterns; ++i) crowd += "mx: m.test\n";
  const Case cases[] = {{"", PolicyError::kVersion},
                        {"version: STSv2\nmode: enforce\nmax_age: 1\nmx: a.test\n", PolicyError::kVersion},
                        {"mode: enforce\nmax_age: 1\nmx: a.test\n", PolicyError::kVersion},
                        {"version: STSv1\nmax_age: 1\nmx: a.test\n", PolicyError::kMode},
                        {"version: STSv1\nmode: Enforce\nmax_age: 1\nmx: a.test\n", PolicyError::kMode},
                        {"version: STSv1\nmode: enforce\nmx: a.test\n", PolicyError::kMaxAge},
                        {"version: STSv1\nmode: enforce\nmax_age: -1\nmx: a.test\n", PolicyError::kMaxAge},
                        {"version: STSv1\nmode: enforce\nmax_age: 12345678901\nmx: a.test\n", PolicyError::kMaxAge},
                        {head, PolicyError::kNoMx},
                        {head + "mx: *.*.a.test\n", PolicyError::kMx},
                        {head + "mx: *\n", PolicyError::kMx},
                        {head + "mx: a..test\n", PolicyError::kMx},
                        {head + "mx: a.test.\n", PolicyError::kMx},
                        {head + "mx: m\xc3\xbcnchen.test\n", PolicyError::kMx},
                        {head + "mx:\n", PolicyError::kSyntax},
                        {head + "mx a.test\n", PolicyError::kSyntax},
                        {head + "\nmx: a.test\n", PolicyError::kSyntax},
                        {head + "mx : a.test\n", PolicyError::kSyntax},
                        {head + "x: \xff\nmx: a.test\n", PolicyError::kSyntax},
                        {head + "x: a\rb\nmx: a.test\n", PolicyError::kSyntax},
                        {"\xef\xbb\xbf" + head + "mx: a.test\n", PolicyError::kSyntax},
                        {"<html>\n", PolicyError::kSyntax},
                        {crowd, PolicyError::kTooManyMx},
                        {std::string(kMaxPolicyOctets + 1, 'a'), PolicyError::kTooLong}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text.substr(0, 200));
    const auto policy = parse_policy(c.text);
    ASSERT_FALSE(policy);
    EXPECT_EQ(policy.error(), c.want) << to_string(policy.error());
  }
}

TEST(MtaStsPolicy, ListsHostsByNameOrByOneLabelMore) {  // RFC 8461 s4.1
  const Policy policy{.mode = Mode::kEnforce, .max_age = {}, .mx = {"mail.example.com", "*.example.net"}};
  struct Case {
    std::string_view host;
    bool listed;
  };
  const Case cases[] = {{"mail.example.com", true},
                        {"MAIL.Example.com", true},
                        {"mail.example.com.", true},
                        {"xmail.example.com", false},
                        {"example.com", false},
                        {"mx1.example.net", true},
                        {"a.b.example.net", false},
                        {"example.net", false},
                        {".example.net", false},
                        {"mx1.badexample.net", false},
                        {"", false},
                        {"net", false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.host);
    EXPECT_EQ(policy.lists(c.host), c.listed);
  }
}

TEST(MtaStsSuite, ReadsRecordsAndPoliciesAsTheSuiteDoes) {
  const auto folder = test::suite("policy-records");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite policy-records is not here";
  int right = 0;
  int all = 0;
  for (const auto& value : json::parse(test::read_whole(folder / "records.json")).as_array()) {
    const auto kind = value.at("kind").as_string();
    if (kind != "mta-sts-record" && kind != "mta-sts-policy") continue;
    const std::string text(value.at("text").as_string());
    const bool valid = kind == "mta-sts-record" ? parse_record(text).has_value() : parse_policy(text).has_value();
    const bool good = valid == value.at("valid").as_bool();
    EXPECT_TRUE(good) << text;
    ++all;
    right += good ? 1 : 0;
  }
  std::printf("suite policy-records, MTA-STS: %d of %d\n", right, all);
}

}  // namespace
}  // namespace veredus::rules::mtasts
