#include "work/mailauth/policy.h"

#include <gtest/gtest.h>

namespace veredus::work::mailauth {
namespace {

using rules::dmarc::Policy;
using DmarcResult = rules::dmarc::Result;
using DkimResult = rules::dkim::Result;
using SpfResult = rules::spf::Result;

/// A message from somebody who is not authenticated as bank.test, which asks for `policy`.
Findings failed(Policy policy) {
  Findings findings;
  findings.author_domain = "bank.test";
  findings.spf.mail_from_domain = "attacker.test";
  findings.dmarc.result = DmarcResult::kFail;
  findings.dmarc.policy_domain = "bank.test";
  findings.dmarc.organizational_domain = "bank.test";
  findings.dmarc.published = policy;
  findings.dmarc.disposition = policy;
  return findings;
}

rules::dkim::Verdict signature(DkimResult result, std::string domain) {
  rules::dkim::Verdict verdict;
  verdict.result = result;
  verdict.domain = std::move(domain);
  return verdict;
}

Findings decided(Findings findings, const InspectionOptions& options = {}) {
  decide(options, findings);
  return findings;
}

TEST(Decide, FollowsTheOwnersPolicyAsFarAsItIsAllowedTo) {
  struct Case {
    Policy policy;
    DmarcAction action;
    Disposition want;
  };
  const Case cases[] = {{Policy::kNone, DmarcAction::kReject, Disposition::kDeliver},
                        {Policy::kQuarantine, DmarcAction::kReject, Disposition::kJunk},
                        {Policy::kReject, DmarcAction::kReject, Disposition::kRefuse},
                        {Policy::kQuarantine, DmarcAction::kQuarantine, Disposition::kJunk},
                        {Policy::kReject, DmarcAction::kQuarantine, Disposition::kJunk},
                        {Policy::kQuarantine, DmarcAction::kReport, Disposition::kDeliver},
                        {Policy::kReject, DmarcAction::kReport, Disposition::kDeliver}};
  for (const auto& c : cases) {
    SCOPED_TRACE(testing::Message() << to_string(c.policy) << " with " << static_cast<int>(c.action));
    InspectionOptions options;
    options.dmarc = c.action;
    const auto findings = decided(failed(c.policy), options);
    EXPECT_EQ(findings.disposition, c.want);
    const bool softened = c.policy == Policy::kReject && c.want != Disposition::kRefuse;
    if (softened) {
      ASSERT_FALSE(findings.overrides.empty());
      EXPECT_EQ(findings.overrides.front().kind, OverrideKind::kLocalPolicy);
    }
    if (c.want == Disposition::kRefuse) EXPECT_NE(findings.reason.find("bank.test"), std::string::npos);
  }
}

TEST(Decide, TakesWhatPassedWhateverThePolicy) {
  auto findings = failed(Policy::kReject);
  findings.dmarc.result = DmarcResult::kPass;
  findings.dmarc.disposition = Policy::kNone;
  EXPECT_EQ(decided(findings).disposition, Disposition::kDeliver);
}

TEST(Decide, NotesThatAPolicyIsBeingTested) {  // RFC 9989 s4.7
  auto findings = failed(Policy::kReject);
  findings.dmarc.disposition = Policy::kQuarantine;
  findings = decided(findings);
  EXPECT_EQ(findings.disposition, Disposition::kJunk);
  ASSERT_EQ(findings.overrides.size(), 1U);
  EXPECT_EQ(findings.overrides.front().kind, OverrideKind::kPolicyTestMode);
}

rules::arc::Hop hop(unsigned instance, std::string domain, std::string results) {
  return {.instance = instance, .domain = std::move(domain), .selector = "s", .results = std::move(results)};
}

TEST(Decide, BelievesAChainOfSealersWeTrust) {  // RFC 8617 s7.2
  InspectionOptions options;
  options.trusted_sealers = {"lists.test"};
  struct Case {
    std::vector<rules::arc::Hop> hops;
    rules::arc::Result result;
    Disposition want;
  };
  const auto pass = std::string("mx.lists.test; dmarc=pass header.from=bank.test");
  const Case cases[] = {
      {{hop(1, "lists.test", pass)}, rules::arc::Result::kPass, Disposition::kDeliver},
      {{hop(1, "mx.lists.test", pass)}, rules::arc::Result::kPass, Disposition::kDeliver},
      {{hop(1, "lists.test", pass), hop(2, "lists.test", "mx.lists.test; dmarc=fail header.from=bank.test")},
       rules::arc::Result::kPass,
       Disposition::kDeliver},
      {{hop(1, "lists.test", pass)}, rules::arc::Result::kFail, Disposition::kRefuse},
      // Strangers: junk at best (RFC 9989 s7.4).
      {{hop(1, "attacker.test", pass)}, rules::arc::Result::kPass, Disposition::kJunk},
      {{hop(1, "lists.test", pass), hop(2, "attacker.test", pass)}, rules::arc::Result::kPass, Disposition::kJunk},
      {{hop(1, "attacker.test", pass), hop(2, "lists.test", "mx.lists.test; dmarc=fail header.from=bank.test")},
       rules::arc::Result::kPass,
       Disposition::kJunk},
      {{hop(1, "lists.test", "mx.lists.test; dmarc=pass header.from=other.test")},
       rules::arc::Result::kPass,
       Disposition::kJunk},
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    SCOPED_TRACE(i);
    auto findings = failed(Policy::kReject);
    findings.arc.result = cases[i].result;
    findings.arc.hops = cases[i].hops;
    findings = decided(findings, options);
    EXPECT_EQ(findings.disposition, cases[i].want);
    if (cases[i].want != Disposition::kDeliver) continue;
    ASSERT_EQ(findings.overrides.size(), 1U);
    EXPECT_EQ(findings.overrides.front().kind, OverrideKind::kTrustedForwarder);
  }
}

TEST(Decide, LetsKnownMailingListsAndExemptAuthorsPass) {
  InspectionOptions lists;
  lists.mailing_lists = {"lists.test"};
  auto by_dkim = failed(Policy::kReject);
  by_dkim.dkim.push_back(signature(DkimResult::kPass, "team.lists.test"));
  EXPECT_EQ(decided(by_dkim, lists).disposition, Disposition::kDeliver);
  auto by_spf = failed(Policy::kReject);
  by_spf.spf.mail_from.result = SpfResult::kPass;
  by_spf.spf.mail_from_domain = "lists.test";
  EXPECT_EQ(decided(by_spf, lists).overrides.front().kind, OverrideKind::kMailingList);
  auto forged = failed(Policy::kReject);
  forged.dkim.push_back(signature(DkimResult::kFail, "lists.test"));
  forged.spf.mail_from_domain = "lists.test";
  EXPECT_EQ(decided(forged, lists).disposition, Disposition::kRefuse);

  InspectionOptions exempt;
  exempt.exempt_authors = {"bank.test"};
  const auto findings = decided(failed(Policy::kReject), exempt);
  EXPECT_EQ(findings.disposition, Disposition::kDeliver);
  EXPECT_EQ(findings.overrides.front().kind, OverrideKind::kLocalPolicy);
}

TEST(Decide, RefusesNoListMailForThePolicyAlone) {  // RFC 9989 s7.4
  auto findings = failed(Policy::kReject);
  findings.from_list = true;
  EXPECT_EQ(decided(findings).disposition, Disposition::kRefuse);  // anybody can write List-Id
  findings.dkim.push_back(signature(DkimResult::kPass, "lists.test"));
  EXPECT_EQ(decided(findings).disposition, Disposition::kJunk);
}

TEST(Decide, RefusesNothingThatDnsMightHaveMadePass) {
  auto findings = failed(Policy::kReject);
  findings.dkim.push_back(signature(DkimResult::kTemperror, "mail.bank.test"));
  EXPECT_EQ(decided(findings).disposition, Disposition::kJunk);
  InspectionOptions later;
  later.temporary = TemporaryAction::kTryLater;
  const auto put_off = decided(findings, later);
  EXPECT_EQ(put_off.disposition, Disposition::kTryLater);
  EXPECT_EQ(put_off.detail, RefusalDetail::kSpfError);
  // Nor that could have made somebody we believe speak for it.
  later.mailing_lists = {"lists.test"};
  auto listed = failed(Policy::kReject);
  listed.dkim.push_back(signature(DkimResult::kTemperror, "team.lists.test"));
  EXPECT_EQ(decided(listed, later).disposition, Disposition::kTryLater);
  auto sealed = failed(Policy::kReject);
  sealed.arc.result = rules::arc::Result::kFail;
  EXPECT_EQ(decided(sealed, later).disposition, Disposition::kRefuse);
  sealed.arc.temporary = true;
  EXPECT_EQ(decided(sealed, later).disposition, Disposition::kTryLater);
  EXPECT_EQ(decided(sealed).disposition, Disposition::kJunk);
  // What is broken elsewhere changes nothing.
  auto elsewhere = failed(Policy::kReject);
  elsewhere.dkim.push_back(signature(DkimResult::kTemperror, "attacker.test"));
  EXPECT_EQ(decided(elsewhere, later).disposition, Disposition::kRefuse);
  // No policy known: taken, unless asked otherwise.
  Findings unknown;
  unknown.dmarc.result = DmarcResult::kTemperror;
  EXPECT_EQ(decided(unknown).disposition, Disposition::kDeliver);
  EXPECT_EQ(decided(unknown, later).disposition, Disposition::kTryLater);
}

TEST(Decide, FollowsSpfAloneWhereToldTo) {  // RFC 7208 s8.4
  Findings findings;
  findings.spf.mail_from.result = SpfResult::kFail;
  findings.spf.mail_from.explanation = "see example.org";
  findings.spf.mail_from_domain = "example.org";
  EXPECT_EQ(decided(findings).disposition, Disposition::kDeliver);
  InspectionOptions options;
  options.spf = SpfAction::kReject;
  const auto refused = decided(findings, options);
  EXPECT_EQ(refused.disposition, Disposition::kRefuse);
  EXPECT_EQ(refused.detail, RefusalDetail::kSpfFailed);
  EXPECT_NE(refused.reason.find("see example.org"), std::string::npos);
  options.spf = SpfAction::kJunk;
  EXPECT_EQ(decided(findings, options).disposition, Disposition::kJunk);
  findings.dmarc.result = DmarcResult::kPass;
  EXPECT_EQ(decided(findings, options).disposition, Disposition::kDeliver);
}

TEST(Decide, PutsAsideWhatReadersMayDisagreeAbout) {
  Findings findings;
  findings.author_problem = "there are several From fields";
  EXPECT_EQ(decided(findings).disposition, Disposition::kJunk);
  InspectionOptions options;
  options.dmarc = DmarcAction::kReport;
  EXPECT_EQ(decided(findings, options).disposition, Disposition::kDeliver);
}

TEST(Decide, BelievesNobodyWhoSpeaksForOneOfSeveralAuthors) {
  InspectionOptions options;
  options.trusted_sealers = {"lists.test"};
  options.mailing_lists = {"lists.test"};
  options.exempt_authors = {"partner.test"};
  auto sealed = failed(Policy::kReject);
  sealed.arc.result = rules::arc::Result::kPass;
  sealed.arc.hops = {hop(1, "lists.test", "mx.lists.test; dmarc=pass header.from=bank.test")};
  auto from_list = failed(Policy::kReject);
  from_list.dkim.push_back(signature(DkimResult::kPass, "lists.test"));
  auto exempt = failed(Policy::kReject);
  exempt.author_domain = "partner.test";
  for (auto findings : {sealed, from_list, exempt}) {
    SCOPED_TRACE(findings.author_domain);
    EXPECT_EQ(decided(findings, options).disposition, Disposition::kDeliver);
    findings.author_problem = "there are several authors, and not all are authenticated";
    EXPECT_EQ(decided(findings, options).disposition, Disposition::kJunk);
  }
}

TEST(Decide, AddsUpWhatListsSayOfTheClient) {
  struct Case {
    std::vector<int> weights;
    Disposition want;
  };
  const Case cases[] = {{{}, Disposition::kDeliver},         {{2}, Disposition::kDeliver},
                        {{2, 1}, Disposition::kJunk},        {{3, 3}, Disposition::kRefuse},
                        {{3, 3, -5}, Disposition::kDeliver}, {{5, -2}, Disposition::kJunk}};
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    SCOPED_TRACE(i);
    Findings findings;
    for (const int weight : cases[i].weights)
      findings.listed.push_back({.zone = "bad.test", .answer = "127.0.0.2", .weight = weight});
    findings = decided(findings);
    EXPECT_EQ(findings.disposition, cases[i].want);
    if (cases[i].want != Disposition::kDeliver) EXPECT_NE(findings.reason.find("bad.test"), std::string::npos);
  }
  auto forged = failed(Policy::kReject);
  forged.listed.push_back({.zone = "bad.test", .answer = "127.0.0.2", .weight = 3});
  EXPECT_NE(decided(forged).reason.find("bank.test"), std::string::npos);  // the stricter decision stands
}

TEST(IsAmong, TakesDomainsBelow) {
  const std::vector<std::string> known = {"example.org"};
  EXPECT_TRUE(is_among("example.org", known));
  EXPECT_TRUE(is_among("A.Example.org", known));
  EXPECT_FALSE(is_among("badexample.org", known));
  EXPECT_FALSE(is_among("org", known));
  EXPECT_FALSE(is_among("", known));
}

}  // namespace
}  // namespace veredus::work::mailauth
