#include "rules/spf/check_host.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "rules/spf/record.h"
#include "support/json_zone.h"

namespace veredus::rules::spf {
namespace {

Subject from(const std::string& sender, const std::string& address = "192.0.2.1") {
  Subject subject;
  subject.address = *base::codec::parse_ip(address);
  subject.helo = "mail.client.test";
  subject.mail_from = sender;
  subject.receiver = "mx.example.org";
  subject.now = SystemTime(std::chrono::seconds(1'700'000'000));
  return subject;
}

Verdict check(std::string_view zone, Subject subject, Options options = {}) {
  const test::JsonZone answers(boost::json::parse(zone).as_object());
  return answers.run(check_host(std::move(subject), options));
}

TEST(CheckHost, NamesTheTermThatDecidedAndTheDomain) {
  const auto verdict = check(R"({"a.test": {"TXT": [["v=spf1 include:b.test ~all"]]},
                                 "b.test": {"TXT": [["v=spf1 ip4:192.0.2.0/24 -all"]]}})",
                             from("x@a.test"));
  EXPECT_EQ(verdict.result, Result::kPass);
  EXPECT_EQ(verdict.domain, "a.test");
  EXPECT_EQ(verdict.mechanism, "include:b.test");
}

TEST(CheckHost, LooksAtPostmasterOfTheHeloNameForTheNullSender) {  // RFC 7208 s2.4
  const auto* const zone = R"({"mail.client.test": {"TXT": [["v=spf1 exists:%{l}.%{o}.ok.test -all"]]},
                               "postmaster.mail.client.test.ok.test": {"A": ["127.0.0.2"]}})";
  EXPECT_EQ(check(zone, from("")).result, Result::kPass);
  auto helo = from("x@other.test");
  helo.identity = Identity::kHelo;
  EXPECT_EQ(check(zone, helo).result, Result::kPass);
}

TEST(CheckHost,
     TakesAnyExpansionForTheEndOfADomain) {  // RFC 7208 s7.1: domain-end = ( "." toplabel [ "." ] ) / macro-expand
  struct Case {
    std::string_view spec;
    Result want;
  };
  const Case cases[] = {{"exists:%{l}.%{d}", Result::kPass},      {"exists:here.%%", Result::kPass},
                        {"exists:none%_", Result::kNeutral},      {"exists:none%-", Result::kNeutral},
                        {"exists:none.%%x", Result::kPermerror},  {"exists:%{d}x", Result::kPermerror},
                        {"exists:%{d.}x.test", Result::kNeutral}, {"exists:none.%%.test", Result::kNeutral},
                        {"exists:%{d}.7", Result::kPermerror},    {"exists:%%", Result::kNeutral}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.spec);
    const auto zone = R"({"a.test": {"TXT": [["v=spf1 )" + std::string(c.spec) +
                      R"("]]}, "x.a.test": {"A": ["127.0.0.2"]}, "here.%": {"A": ["127.0.0.2"]}})";
    EXPECT_EQ(check(zone, from("x@a.test")).result, c.want);
  }
}

TEST(CheckHost, ExplainsAFailWithTheOwnersText) {  // RFC 7208 s6.2
  const auto* const zone = R"({"a.test": {"TXT": [["v=spf1 -all exp=why.a.test"]]},
                               "why.a.test": {"TXT": [["%{i} is not ours, %{s}; asked %{r} at %{t}"]]}})";
  EXPECT_EQ(check(zone, from("x@a.test")).explanation,
            "192.0.2.1 is not ours, x@a.test; asked mx.example.org at 1700000000");
  EXPECT_EQ(check(zone, from("x\xC3\xA9@a.test")).explanation, "") << "nothing but ASCII goes into a reply";
}

TEST(CheckHost, TakesNoExplanationFromWhatItIncludes) {  // RFC 7208 s6.2
  const auto verdict = check(R"({"a.test": {"TXT": [["v=spf1 include:b.test -all"]]},
                                 "b.test": {"TXT": [["v=spf1 -all exp=why.b.test"]]},
                                 "why.b.test": {"TXT": [["no"]]}})",
                             from("x@a.test"));
  EXPECT_EQ(verdict.result, Result::kFail);
  EXPECT_EQ(verdict.explanation, "");
}

TEST(CheckHost, EndsAtTheLimits) {  // RFC 7208 s4.6.4
  const auto* const zone = R"({"loop.test": {"TXT": [["v=spf1 include:loop.test -all"]]},
                               "round.test": {"TXT": [["v=spf1 redirect=round.test"]]},
                               "void.test": {"TXT": [["v=spf1 a:x.void.test a:y.void.test a:z.void.test +all"]]},
                               "two.test": {"TXT": [["v=spf1 a:x.void.test a:y.void.test +all"]]}})";
  for (const auto* domain : {"loop.test", "round.test", "void.test"}) {
    SCOPED_TRACE(domain);
    const auto verdict = check(zone, from(std::string("x@") + domain));
    EXPECT_EQ(verdict.result, Result::kPermerror);
    EXPECT_NE(verdict.problem, "");
  }
  EXPECT_EQ(check(zone, from("x@two.test")).result, Result::kPass);
}

TEST(CheckHost, LetsTheClientsReverseZoneUseUpNoLimit) {
  const auto verdict = check(R"({"a.test": {"TXT": [["v=spf1 ptr -all"]]},
                                 "1.2.0.192.in-addr.arpa": {"PTR": ["n1.x.test", "n2.x.test", "n3.x.test", "n4.x.test"]}})",
                             from("x@a.test"));
  EXPECT_EQ(verdict.result, Result::kFail);
}

TEST(CheckHost, TellsFailuresOfDnsFromAnswers) {
  EXPECT_EQ(check(R"({"a.test": {"_timeout": true}})", from("x@a.test")).result, Result::kTemperror);
  EXPECT_EQ(check(R"({"a.test": {"A": ["192.0.2.1"]}})", from("x@a.test")).result, Result::kNone);
  EXPECT_EQ(check("{}", from("x@a.test")).result, Result::kNone);
  EXPECT_EQ(check("{}", from("x@localhost")).result, Result::kNone);
  EXPECT_EQ(check("{}", from("x@[192.0.2.1]")).result, Result::kNone);
}

TEST(CheckHost, AsksNothingOfASingleLabel) {  // RFC 7208 s4.3
  const auto* const zone = R"({"a.test": {"TXT": [["v=spf1 include:%{l} +all"]]},
                               "b.test": {"TXT": [["v=spf1 redirect=%{l}"]]}, "top": {"TXT": [["v=spf1 -all"]]}})";
  EXPECT_EQ(check(zone, from("top@a.test")).result, Result::kPermerror);
  EXPECT_EQ(check(zone, from("top@b.test")).result, Result::kPermerror);
}

TEST(CheckHost, AsksForDomainsInALabels) {  // RFC 7208 s4.3 with RFC 5890
  EXPECT_EQ(check(R"({"xn--bcher-kva.test": {"TXT": [["v=spf1 ip4:192.0.2.1 -all"]]}})", from("x@b\xC3\xBC"
                                                                                              "cher.test"))
                .result,
            Result::kPass);
}

TEST(CheckHost, AsksForWhatMacrosStandForOctetByOctet) {  // RFC 7208 s7.3
  const std::string most(63, 'x');
  for (const std::string local : {"a\\b", "a\\046b", "a\\.b", "a+b", "a b", "a\"b", "a;b", "a@b", "a.b",
                                  "a\x01"
                                  "b",
                                  most.c_str()}) {
    SCOPED_TRACE(local);
    const boost::json::object zone{{"a.test", {{"TXT", {{"v=spf1 exists:%{l}.ok.test -all"}}}}},
                                   {local + ".ok.test", {{"A", {"127.0.0.2"}}}}};
    EXPECT_EQ(check(boost::json::serialize(zone), from(local + "@a.test")).result, Result::kPass);
  }
}

TEST(CheckHost, AsksForMailHostsWhateverTheirNamesHold) {  // RFC 7208 s5.4
  const auto* const zone =
      R"({"a.test": {"TXT": [["v=spf1 mx:b:c/d.test -all"]]}, "b:c/d.test": {"MX": [[0, "e:f/g.test"]]},
                               "e:f/g.test": {"A": ["192.0.2.1"]}})";
  EXPECT_EQ(check(zone, from("x@a.test")).result, Result::kPass);
}

TEST(CheckHost, AsksNothingOfWhatIsNoName) {  // RFC 7208 s4.8
  for (const auto& local : {std::string(".a"), std::string("a..b"), std::string("a."), std::string(64, 'x')}) {
    SCOPED_TRACE(local);
    const auto* const zone = R"({"a.test": {"TXT": [["v=spf1 exists:%{l}.ok.test -all"]]}})";
    auto inquiry = check_host(from(local + "@a.test"), {});
    const test::JsonZone answers(boost::json::parse(zone).as_object());
    std::size_t questions = 0;
    for (; const auto* question = inquiry.question(); ++questions) inquiry.answer(answers.answer(*question));
    EXPECT_EQ(questions, 1U) << "the policy's";
    EXPECT_EQ(inquiry.take().result, Result::kFail);
  }
}

TEST(CheckHost, MatchesNoLocalPartThatDnsCannotHold) {  // RFC 8616 s4
  const auto* const zone = R"({"a.test": {"TXT": [["v=spf1 exists:%{l}.ok.test include:%{s} ?all"]]},
                               "b.test": {"TXT": [["v=spf1 redirect=%{l}.ok.test"]]},
                               "c.test": {"TXT": [["v=spf1 exists:%{o}.ok.test -all"]]},
                               "c.test.ok.test": {"A": ["127.0.0.2"]},
                               "\u00e9.ok.test": {"A": ["127.0.0.2"], "TXT": [["v=spf1 +all"]]}})";
  const auto passed_over = check(zone, from("\xC3\xA9@a.test"));
  EXPECT_EQ(passed_over.result, Result::kNeutral);
  EXPECT_TRUE(passed_over.by_macros) << "another sender may have another result";
  EXPECT_EQ(check(zone, from("\xC3\xA9@b.test")).result, Result::kPermerror);
  EXPECT_EQ(check(zone, from("\xC3\xA9@c.test")).result, Result::kPass);
}

TEST(CheckHost, TakesNoNameOfTheClientForAnothers) {
  // One label in front of "test": it ends like a name below a.test, and is none.
  const auto* const zone = R"({"a.test": {"TXT": [["v=spf1 ptr -all"]]},
                               "1.2.0.192.in-addr.arpa": {"PTR": ["\\.a.test"]}, "\\.a.test": {"A": ["192.0.2.1"]}})";
  EXPECT_EQ(check(zone, from("x@a.test")).result, Result::kFail);
}

TEST(ParseRecord, SaysWhichTermIsWrongAndHow) {
  struct Case {
    std::string_view text;
    RecordError error;
  };
  const Case cases[] = {{"v=spf1 ip5:1.2.3.4", RecordError::kUnknownMechanism},
                        {"v=spf1 all:x.test", RecordError::kDomain},
                        {"v=spf1 include", RecordError::kDomain},
                        {"v=spf1 ip4:1.2.3", RecordError::kAddress},
                        {"v=spf1 ip4:2001:db8::1", RecordError::kAddress},
                        {"v=spf1 ip4:1.2.3.4/33", RecordError::kPrefix},
                        {"v=spf1 a/024", RecordError::kPrefix},
                        {"v=spf1 a//129", RecordError::kPrefix},
                        {"v=spf1 exp=a.test exp=b.test", RecordError::kRepeated},
                        {"v=spf1 -x=%{z}", RecordError::kModifier},
                        {"v=spf1 a:%{l", RecordError::kDomain},
                        {"v=spf1 a:%{d0}.test", RecordError::kDomain}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto record = parse_record(c.text);
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error().error, c.error) << to_string(record.error().error);
  }
}

TEST(ParseRecord, ReadsPrefixesOfBothFamilies) {
  const auto record = parse_record("v=spf1 a:x.test/24//64 mx//48 ip6:2001:db8::/32 A");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->directives[0].bits4, 24U);
  EXPECT_EQ(record->directives[0].bits6, 64U);
  EXPECT_EQ(record->directives[1].bits4, 32U);
  EXPECT_EQ(record->directives[1].bits6, 48U);
  EXPECT_EQ(record->directives[2].bits6, 32U);
  EXPECT_EQ(record->directives[3].mechanism, Mechanism::kA);
}

TEST(Expand, TransformsAsTheRfcsExamplesDo) {  // RFC 7208 s7.4
  MacroValues values;
  values.sender = "strong-bad@email.example.com";
  values.local_part = "strong-bad";
  values.sender_domain = values.domain = "email.example.com";
  values.address = "192.0.2.3";
  values.family = "in-addr";
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"%{s}", "strong-bad@email.example.com"},
      {"%{d4}", "email.example.com"},
      {"%{d2}", "example.com"},
      {"%{d1}", "com"},
      {"%{dr}", "com.example.email"},
      {"%{d2r}", "example.email"},
      {"%{l-}", "strong.bad"},
      {"%{lr-}", "bad.strong"},
      {"%{l1r-}", "strong"},
      {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
      {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
      {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
      {"%%%_%-%{S}", "% %20strong-bad%40email.example.com"}};
  for (const auto& [text, want] : cases) {
    const auto parsed = parse_macro_string(text, MacroUse::kDomain);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(expand(*parsed, values), want) << text;
  }
}

}  // namespace
}  // namespace veredus::rules::spf
