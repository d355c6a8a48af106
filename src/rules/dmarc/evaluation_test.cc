#include "rules/dmarc/evaluation.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/json_zone.h"

namespace veredus::rules::dmarc {
namespace {

Message from(std::string author) {
  Message message;
  message.author_domain = std::move(author);
  return message;
}

Verdict run(std::string_view zone, Message message, Options options = {}) {
  const test::JsonZone answers(boost::json::parse(zone).as_object());
  return answers.run(evaluate(std::move(message), options));
}

TEST(Evaluate, PassesWhenOneOfBothIsAlignedAndPassed) {  // RFC 9989 s5.2
  const auto* const zone = R"({"_dmarc.a.test": {"TXT": [["v=DMARC1; p=reject"]]}})";
  auto message = from("a.test");
  message.spf_domains = {"bounce.a.test"};
  auto verdict = run(zone, message);
  EXPECT_EQ(verdict.result, Result::kPass);
  EXPECT_TRUE(verdict.spf_aligned);
  EXPECT_FALSE(verdict.dkim_aligned);
  message.spf_domains.clear();
  message.dkim_domains = {"other.test", "A.test"};
  verdict = run(zone, message);
  EXPECT_EQ(verdict.result, Result::kPass);
  EXPECT_TRUE(verdict.dkim_aligned);
  EXPECT_EQ(verdict.disposition, Policy::kNone);
  message.dkim_domains = {"evil-a.test", "test"};
  verdict = run(zone, message);
  EXPECT_EQ(verdict.result, Result::kFail);
  EXPECT_EQ(verdict.disposition, Policy::kReject);
}

TEST(Evaluate, TakesThePolicyMeantForTheName) {  // RFC 9989 s4.7
  const auto* const zone = R"({"_dmarc.a.test": {"TXT": [["v=DMARC1; p=none; sp=quarantine; np=reject"]]},
                               "there.a.test": {"A": ["192.0.2.1"]}, "_dmarc.own.a.test": {"TXT": [["v=DMARC1; p=reject"]]}})";
  struct Case {
    const char* author;
    PolicySource source;
    Policy policy;
    const char* domain;
  };
  const Case cases[] = {{"a.test", PolicySource::kDomain, Policy::kNone, "a.test"},
                        {"there.a.test", PolicySource::kSubdomains, Policy::kQuarantine, "a.test"},
                        {"not.there.a.test", PolicySource::kNonexistent, Policy::kReject, "a.test"},
                        {"own.a.test", PolicySource::kDomain, Policy::kReject, "own.a.test"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.author);
    const auto verdict = run(zone, from(c.author));
    EXPECT_EQ(verdict.source, c.source);
    EXPECT_EQ(verdict.disposition, c.policy);
    EXPECT_EQ(verdict.policy_domain, c.domain);
    EXPECT_EQ(verdict.organizational_domain, "a.test");
  }
}

TEST(Evaluate, KnowsDomainsUnderWhichOthersRegister) {  // RFC 9989 s4.10.2
  const auto* const zone = R"({"_dmarc.shop.test": {"TXT": [["v=DMARC1; p=none; psd=y; np=reject"]]},
                               "one.shop.test": {"A": ["192.0.2.1"]}})";
  auto message = from("mail.one.shop.test");
  message.dkim_domains = {"two.shop.test"};
  auto verdict = run(zone, message);
  EXPECT_EQ(verdict.organizational_domain, "one.shop.test");
  EXPECT_EQ(verdict.policy_domain, "shop.test");
  EXPECT_EQ(verdict.result, Result::kFail) << "neighbours are strangers";
  EXPECT_EQ(verdict.published, Policy::kReject);
  message.dkim_domains = {"one.shop.test"};
  EXPECT_EQ(run(zone, message).result, Result::kPass);
}

TEST(Evaluate, StopsAtADomainThatSaysItIsTheOrganization) {  // psd=n
  const auto* const zone = R"({"_dmarc.dept.a.test": {"TXT": [["v=DMARC1; p=reject; psd=n"]]},
                               "_dmarc.a.test": {"TXT": [["v=DMARC1; p=none"]]}})";
  auto message = from("x.dept.a.test");
  message.dkim_domains = {"a.test"};
  const auto verdict = run(zone, message);
  EXPECT_EQ(verdict.result, Result::kFail);
  EXPECT_EQ(verdict.organizational_domain, "dept.a.test");
}

TEST(Evaluate, FallsBackToTheListWhereNoRecordTells) {  // RFC 7489 s3.2
  Options with_list;
  with_list.suffixes = &PublicSuffixes::built_in();
  EXPECT_EQ(run("{}", from("mail.example.co.uk"), with_list).organizational_domain, "example.co.uk");
  EXPECT_EQ(run("{}", from("mail.example.co.uk")).organizational_domain, "mail.example.co.uk");
}

TEST(Evaluate, TellsFailuresOfDnsAndBrokenRecordsFromNone) {
  EXPECT_EQ(run(R"({"_dmarc.a.test": {"_timeout": true}})", from("a.test")).result, Result::kTemperror);
  EXPECT_EQ(run(R"({"_dmarc.x.a.test": {"_timeout": true}, "_dmarc.a.test": {"TXT": [["v=DMARC1; p=reject"]]}})",
                from("x.a.test"))
                .result,
            Result::kTemperror);
  EXPECT_EQ(
      run(R"({"_dmarc.test": {"_timeout": true}, "_dmarc.a.test": {"TXT": [["v=DMARC1; p=reject"]]}})", from("a.test"))
          .result,
      Result::kFail)
      << "what is above the organization does not matter";
  const auto broken = run(R"({"_dmarc.a.test": {"TXT": [["v=DMARC1; p=rejct"]]}})", from("a.test"));
  EXPECT_EQ(broken.result, Result::kNone);
  EXPECT_NE(broken.problem.find("malformed"), std::string::npos);
  const auto twice =
      run(R"({"_dmarc.a.test": {"TXT": [["v=DMARC1; p=none"], ["v=DMARC1; p=reject"]]}})", from("a.test"));
  EXPECT_EQ(twice.result, Result::kNone);
  EXPECT_NE(twice.problem.find("more than one"), std::string::npos);
}

TEST(IsDmarc, WantsTheVersionFirst) {  // RFC 9989 s4.8, dmarc-version
  for (const auto* text : {"v=DMARC1", "V = DMARC1;", "v\t=\tDMARC1\t; p=none"}) EXPECT_TRUE(is_dmarc(text)) << text;
  for (const auto* text : {"", "=DMARC1", " v=DMARC1", "vv=DMARC1", "v x=DMARC1", "v=DMARC12", "v=dmarc1", "v DMARC1",
                           "p=none; v=DMARC1", ";v=DMARC1"})
    EXPECT_FALSE(is_dmarc(text)) << text;
}

TEST(ParseRecord, ReadsWhereReportsGo) {
  const auto record =
      parse_record("v=DMARC1; p=none; rua=mailto:a@b.test!10m , https://r.test/x; ruf=mailto:f@b.test; fo=1:d");
  ASSERT_TRUE(record);
  ASSERT_EQ(record->aggregate_reports.size(), 2U);
  EXPECT_EQ(record->aggregate_reports[0].uri, "mailto:a@b.test");
  EXPECT_EQ(record->aggregate_reports[0].most_octets, 10U << 20);
  EXPECT_EQ(record->failure_reports[0].uri, "mailto:f@b.test");
  EXPECT_TRUE(record->failures.anything_fails);
  EXPECT_TRUE(record->failures.dkim);
  EXPECT_FALSE(record->failures.nothing_passes);
}

TEST(ParseRecord, TakesABrokenPolicyForNoneWhenSomebodyWantsReports) {  // RFC 9989 s4.7
  const auto record = parse_record("v=DMARC1; p=rejct; rua=mailto:a@b.test");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->policy, Policy::kNone);
  EXPECT_EQ(parse_record("v=DMARC1; p=rejct").error(), RecordError::kPolicy);
}

TEST(ReadRecord, PassesOverWhatIsWrong) {  // RFC 9989 s4.7
  const auto* const text =
      "V = DMARC1; P=Reject; adkim=x; ASPF=s; t=maybe; psd=z; fo=9; pct=abc; rua=nonsense, mailto:a@b.test!; ruf=; "
      "odd;;";
  EXPECT_FALSE(parse_record(text)) << "its owner is told";
  const auto record = read_record(text);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->policy, Policy::kReject);
  EXPECT_TRUE(record->has_policy);
  EXPECT_EQ(record->dkim, Alignment::kRelaxed);
  EXPECT_EQ(record->spf, Alignment::kStrict);
  EXPECT_FALSE(record->testing);
  EXPECT_EQ(record->public_suffix, PublicSuffix::kUnknown);
  EXPECT_TRUE(record->failures.nothing_passes);
  EXPECT_TRUE(record->aggregate_reports.empty());
  EXPECT_EQ(read_record("v=DMARC1; p=none; P=reject").error(), RecordError::kSyntax);
  EXPECT_EQ(read_record("v=DMARC1; p=none; rua=x, mailto:a@b.test")->aggregate_reports.size(), 1U);
  EXPECT_FALSE(read_record("v=DMARC1")->has_policy);
  EXPECT_FALSE(read_record("v=DMARC1; p=reject; sp=rejct")->has_policy);
}

TEST(Evaluate, FollowsARecordWithFaults) {  // RFC 9989 s4.7
  const auto verdict =
      run(R"({"_dmarc.a.test": {"TXT": [["v=DMARC1; p=reject; pct=x; adkim=strict"]]}})", from("a.test"));
  EXPECT_EQ(verdict.result, Result::kFail);
  EXPECT_EQ(verdict.disposition, Policy::kReject);
}

TEST(Evaluate, KnowsAPublicSuffixWithoutAPolicy) {  // RFC 9989 s4.7 p, s4.10.2
  const auto* const zone = R"({"_dmarc.shop.test": {"TXT": [["v=DMARC1; psd=y"]]},
                               "_dmarc.mail.one.shop.test": {"TXT": [["v=DMARC1; p=reject"]]}})";
  auto message = from("mail.one.shop.test");
  message.dkim_domains = {"one.shop.test"};
  EXPECT_EQ(run(zone, message).result, Result::kPass);
  message.dkim_domains = {"shop.test"};
  EXPECT_EQ(run(zone, message).result, Result::kFail);
  EXPECT_EQ(run(zone, from("two.shop.test")).result, Result::kNone) << "it asks for nothing";
}

TEST(Evaluate, TheRecordOfTheNameItselfDecidesAlsoWithoutAPolicy) {  // RFC 9989 s4.10.1
  const auto verdict = run(R"({"_dmarc.x.a.test": {"TXT": [["v=DMARC1; p=rejct"]]},
                               "_dmarc.a.test": {"TXT": [["v=DMARC1; p=reject"]]}})",
                           from("x.a.test"));
  EXPECT_EQ(verdict.result, Result::kNone);
  EXPECT_NE(verdict.problem.find("malformed"), std::string::npos);
}

TEST(Badness, PutsAFailureAboveAnAuthorWithoutAPolicy) {
  Verdict none;
  Verdict pass;
  pass.result = Result::kPass;
  Verdict fail;
  fail.result = Result::kFail;
  Verdict reject = fail;
  reject.disposition = Policy::kReject;
  EXPECT_LT(badness(pass), badness(none));
  EXPECT_LT(badness(none), badness(fail));
  EXPECT_LT(badness(fail), badness(reject));
}

}  // namespace
}  // namespace veredus::rules::dmarc
