#include "work/records/survey.h"

#include <gtest/gtest.h>

#include "base/codec/hex.h"
#include "io/net/self_signed.h"
#include "support/run.h"
#include "support/scripted_resolver.h"
#include "work/records/zone_text.h"

namespace veredus::work::records {
namespace {

using io::dns::MxRecord;
using io::dns::SrvRecord;
using state::directory::KeyState;
using state::directory::SigningKey;

const SystemTime kNow{std::chrono::seconds(1'790'000'000)};

class SurveyTest : public ::testing::Test {
 protected:
  SurveyTest() {
    const auto key = base::crypto::PrivateKey::make_ed25519();
    key_ = {.selector = "e1", .kind = key.kind(), .public_octets = key.public_octets()};
    key_.state = KeyState::kActive;
    host_.name = "mx.example.org";
    host_.services = {{.name = "_imaps", .port = 993}};
    // A domain of which all is well.
    dns_.a("mx.example.org", {"192.0.2.1"}).ptr("192.0.2.1", {"mx.example.org"});
    dns_.mx("example.org", {MxRecord{.preference = 10, .exchange = "mx.example.org"}});
    dns_.txt("example.org", {"something=else", "v=spf1 mx -all"});
    dns_.txt("e1._domainkey.example.org", {record_text(key_)});
    dns_.txt("_dmarc.example.org", {"v=DMARC1; p=reject; rua=mailto:dmarc@example.org"});
    dns_.txt("_mta-sts.example.org", {"v=STSv1; id=1"}).a("mta-sts.example.org", {"192.0.2.1"});
    dns_.txt("_smtp._tls.example.org", {"v=TLSRPTv1; rua=mailto:tls@example.org"});
    dns_.srv("_imaps._tcp.example.org",
             {SrvRecord{.priority = 0, .weight = 1, .port = 993, .target = "mx.example.org"}});
  }

  Report look() { return test::run(io_, survey(&dns_, host_, {.name = "example.org", .keys = {key_}}, kNow)); }
  Check check(std::string_view kind) {
    for (auto& check : look().checks)
      if (check.kind == kind) return check;
    return {};
  }

  asio::io_context io_;
  test::ScriptedResolver dns_;
  OwnHost host_;
  SigningKey key_;
};

TEST_F(SurveyTest, AllIsWell) {
  const auto report = look();
  for (const auto& check : report.checks) {
    const bool good = check.state == State::kOk || check.state == State::kUnneeded;
    EXPECT_TRUE(good) << check.kind << " " << to_string(check.state) << " " << check.problem;
    EXPECT_EQ(check.fix, "") << check.kind;
  }
  EXPECT_EQ(verdict_of(report), Verdict::kWell);
  EXPECT_EQ(report.checks.size(), 10U);
}

TEST_F(SurveyTest, AnEmptyDnsLacksEverything) {
  dns_ = test::ScriptedResolver();
  const auto report = look();
  EXPECT_EQ(verdict_of(report), Verdict::kBroken);
  for (const auto& check : report.checks) {
    if (check.kind == "TLSA") continue;
    EXPECT_EQ(check.state, State::kMissing) << check.kind;
    EXPECT_NE(check.fix, "") << check.kind;
  }
}

TEST_F(SurveyTest, WhatIsOnlyRecommendedMayBeMissing) {
  dns_.txt("_smtp._tls.example.org", {});
  EXPECT_EQ(check("TLS-RPT").state, State::kMissing);
  EXPECT_EQ(check("TLS-RPT").fix, "add: _smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:postmaster@example.org\"");
  EXPECT_EQ(verdict_of(look()), Verdict::kIncomplete);
}

TEST_F(SurveyTest, MailThatGoesElsewhere) {
  dns_.mx("example.org", {MxRecord{.preference = 10, .exchange = "mx.example.net"}});
  EXPECT_EQ(check("MX").state, State::kWrong);
  EXPECT_EQ(check("MX").fix, "add: example.org. MX 10 mx.example.org.");
  dns_.a("mx.example.net", {"192.0.2.1"});  // another name of ours
  EXPECT_EQ(check("MX").state, State::kOk);
  dns_.mx("example.org", {MxRecord{.preference = 0, .exchange = "."}});
  EXPECT_EQ(check("MX").state, State::kWrong);
}

TEST_F(SurveyTest, SpfMustLetOurAddressesPass) {
  dns_.txt("example.org", {"v=spf1 ip4:198.51.100.0/24 -all"});
  auto spf = check("SPF");
  EXPECT_EQ(spf.state, State::kWrong);
  EXPECT_EQ(spf.fix, "replace by: example.org. TXT \"v=spf1 ip4:192.0.2.1 ip4:198.51.100.0/24 -all\"");
  host_.egress = {*io::net::IpAddress::parse("198.51.100.7")};
  dns_.ptr("198.51.100.7", {"out.example.org"});
  dns_.txt("example.org", {"v=spf1 mx -all"});
  EXPECT_EQ(check("SPF").fix, "replace by: example.org. TXT \"v=spf1 ip4:198.51.100.7 mx -all\"");
  dns_.txt("example.org", {"v=spf1 mx -all", "v=spf1 -all"});
  EXPECT_EQ(check("SPF").state, State::kWrong);
  dns_.txt("example.org", {"v=spf1 nonsense -all"});
  EXPECT_EQ(check("SPF").state, State::kWrong);
}

TEST_F(SurveyTest, KeysMustBeTheOnesThatSign) {
  const auto name = "e1._domainkey.example.org";
  dns_.txt(name, {"v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="});
  auto dkim = check("DKIM");
  EXPECT_EQ(dkim.state, State::kWrong);
  EXPECT_EQ(dkim.fix, "replace by: " + zone_text(name, record_text(key_)));
  key_.state = KeyState::kGone;
  EXPECT_EQ(check("DKIM").fix, "veredus dkim rotate example.org");
}

TEST_F(SurveyTest, DmarcMayStandAboveTheDomain) {
  dns_.txt("_dmarc.example.org", {"v=DMARC1; p=ever"});
  EXPECT_EQ(check("DMARC").state, State::kWrong);
  dns_.txt("_dmarc.example.org", {"v=DMARC1; p=maybe; rua=mailto:dmarc@example.org"});
  EXPECT_EQ(check("DMARC").state, State::kWrong);
  dns_.txt("_dmarc.example.org", {"v=DMARC1; p=ever"});
  const auto report = test::run(io_, survey(&dns_, host_, {.name = "sub.example.org", .keys = {}}, kNow));
  for (const auto& one : report.checks)
    if (one.kind == "DMARC") EXPECT_EQ(one.state, State::kMissing);
  dns_.txt("_dmarc.example.org", {"v=DMARC1; p=none"});
  EXPECT_EQ(check("DMARC").state, State::kOk);
  const auto again = test::run(io_, survey(&dns_, host_, {.name = "sub.example.org", .keys = {}}, kNow));
  for (const auto& one : again.checks)
    if (one.kind == "DMARC") EXPECT_EQ(one.state, State::kOk);
}

asio::awaitable<std::expected<rules::mtasts::Policy, std::string>> answer(
    std::expected<rules::mtasts::Policy, std::string> policy) {
  co_return policy;
}

TEST_F(SurveyTest, ThePolicyBehindItsRecordIsFetched) {
  std::expected<rules::mtasts::Policy, std::string> policy = std::unexpected("status 404");
  host_.fetch_policy = [&](const std::string&) { return answer(policy); };
  EXPECT_EQ(check("MTA-STS").state, State::kWrong);
  EXPECT_NE(check("MTA-STS").problem.find("404"), std::string::npos);
  policy = rules::mtasts::Policy{.mode = rules::mtasts::Mode::kEnforce, .max_age = {}, .mx = {"mx.example.net"}};
  EXPECT_EQ(check("MTA-STS").state, State::kWrong);
  policy->mx = {"*.example.org"};
  EXPECT_EQ(check("MTA-STS").state, State::kOk);
  EXPECT_EQ(check("MTA-STS").problem, "mode enforce");
}

TEST_F(SurveyTest, NamesOfAddressesAndPlacesOfServices) {
  dns_.ptr("192.0.2.1", {"client-1.isp.test"});
  EXPECT_EQ(check("PTR").state, State::kWrong);
  EXPECT_EQ(check("PTR").fix, "have the provider of 192.0.2.1 set: 1.2.0.192.in-addr.arpa. PTR mx.example.org.");
  dns_.srv("_imaps._tcp.example.org", {SrvRecord{.priority = 0, .weight = 1, .port = 143, .target = "mx.example.org"}});
  EXPECT_EQ(check("SRV").state, State::kWrong);
  EXPECT_EQ(check("SRV").record, "_imaps._tcp.example.org. SRV 0 1 993 mx.example.org.");
  dns_.txt("_mta-sts.example.org", {"v=STSv1; id="});
  EXPECT_EQ(check("MTA-STS").state, State::kWrong);
}

TEST_F(SurveyTest, TlsaIsLookedAtWhereTheZoneIsSigned) {
  const auto made = io::net::make_self_signed({"mx.example.org"}, kNow, std::chrono::days(30));
  ASSERT_TRUE(made);
  host_.certificates_der = {first_certificate(made->certificate_pem)};
  EXPECT_EQ(check("TLSA").state, State::kUnneeded);
  dns_.authentic(true);
  auto tlsa = check("TLSA");
  EXPECT_EQ(tlsa.state, State::kMissing);
  const auto hex = tlsa.record.substr(tlsa.record.rfind(' ') + 1);
  dns_.tlsa("_25._tcp.mx.example.org",
            {{.usage = 3, .selector = 1, .matching = 1, .association = *base::codec::hex_decode(hex)}});
  EXPECT_EQ(check("TLSA").state, State::kOk);
  dns_.tlsa("_25._tcp.mx.example.org",
            {{.usage = 3, .selector = 1, .matching = 1, .association = std::string(32, 'x')}});
  EXPECT_EQ(check("TLSA").state, State::kWrong);
}

TEST_F(SurveyTest, ADnsThatDoesNotAnswerIsNotAMissingRecord) {
  dns_.fail("_dmarc.example.org", io::dns::DnsError::kTimeout);
  EXPECT_EQ(check("DMARC").state, State::kUnknown);
  EXPECT_EQ(verdict_of(look()), Verdict::kBroken);
}

TEST(ZoneText, CutsLongTexts) {
  EXPECT_EQ(zone_text("a.test", "say \"x\""), "a.test. TXT \"say \\\"x\\\"\"");
  EXPECT_EQ(zone_text("a.test", std::string(300, 'x')),
            "a.test. TXT \"" + std::string(255, 'x') + "\" \"" + std::string(45, 'x') + "\"");
}

}  // namespace
}  // namespace veredus::work::records
