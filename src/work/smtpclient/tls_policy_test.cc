#include "work/smtpclient/tls_policy.h"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include "work/smtpclient/host_dane.h"
#include "work/smtpclient/sts_standing.h"

namespace veredus::work::smtpclient {
namespace {

using rules::mtasts::Mode;

class TlsPolicyTest : public ::testing::Test {
 protected:
  TlsPolicyTest() {
    options_.sts = context_;
    peer_.host_name = "mx.example.org";
    peer_.address = *io::net::Endpoint::parse("192.0.2.1:25");
    peer_.published.domain = "example.org";
  }
  void dane(HostDane::State state) {
    auto made = std::make_shared<HostDane>();
    made->state = state;
    made->base_domain = "mx.example.org";
    made->records = {"3 1 1 0011223344556677889900"};
    made->context = context_;
    made->failure = state == HostDane::State::kUsable ? "" : "it is so";
    peer_.published.dane = made;
  }
  void sts(Mode mode, std::vector<std::string> hosts = {"mx.example.org"}) {
    auto made = std::make_shared<StsStanding>();
    made->policy = {.mode = mode, .max_age = std::chrono::seconds(60), .mx = std::move(hosts)};
    peer_.published.sts = made;
  }
  static PeerDetails open(bool tls, bool verified = true, std::string failure = {}) {
    PeerDetails details;
    details.address = *io::net::Endpoint::parse("192.0.2.1:25");
    details.local = *io::net::Endpoint::parse("192.0.2.9:1234");
    details.capabilities.name = "mx";
    if (!tls) return details;
    details.tls.emplace();
    details.tls->verified = verified;
    details.tls->verify_failure = std::move(failure);
    return details;
  }
  static ConnectFailure failure(ConnectionError error, Stage stage = Stage::kStartTls, std::string detail = {}) {
    ConnectFailure made;
    made.error = error;
    made.stage = stage;
    made.detail = std::move(detail);
    return made;
  }

  std::shared_ptr<io::net::TlsContext> context_ =
      io::net::TlsContext::client({.verify = io::net::TlsContext::Verify::kNone}).value();
  Options options_;
  Peer peer_;
};

TEST_F(TlsPolicyTest, LeavesWhatNobodyAsksForToChance) {
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls, TlsRule::kOpportunistic);
  EXPECT_EQ(peer_.tls_policy, "opportunistic: no policy is published");
  const auto good = outcome_of(peer_, open(true, false, "self-signed certificate"), SystemTime());
  ASSERT_TRUE(good);
  EXPECT_EQ(good->policy_type, TlsPolicyType::kNone);
  EXPECT_TRUE(good->successful());
  EXPECT_EQ(good->policy_domain, "example.org");
  EXPECT_EQ(good->receiving_address, "192.0.2.1");
  EXPECT_EQ(good->sending_address, "192.0.2.9");
  EXPECT_EQ(good->mx_hello, "mx");
  EXPECT_EQ(outcome_of(peer_, open(false), SystemTime())->result, TlsResult::kStartTlsNotSupported);
  auto in_the_clear = open(false);
  in_the_clear.tls_failure = "no shared cipher";
  EXPECT_EQ(outcome_of(peer_, in_the_clear, SystemTime())->result, TlsResult::kValidationFailure);
}

TEST_F(TlsPolicyTest, AsksForACertificateThatDnssecVouchesFor) {  // RFC 7672 s2.2
  dane(HostDane::State::kUsable);
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls, TlsRule::kVerify);
  EXPECT_EQ(peer_.tls_context, context_);
  EXPECT_TRUE(peer_.tls_policy.starts_with("dane: 3 1 1 001122"));
  const auto good = outcome_of(peer_, open(true), SystemTime());
  EXPECT_EQ(good->policy_type, TlsPolicyType::kTlsa);
  EXPECT_EQ(good->policy_strings, std::vector<std::string>{"3 1 1 0011223344556677889900"});
  EXPECT_TRUE(good->successful());
  const auto words = X509_verify_cert_error_string(X509_V_ERR_DANE_NO_MATCH);
  const auto mismatch = failure(ConnectionError::kTlsCertificate, Stage::kStartTls, words);
  EXPECT_EQ(outcome_of(peer_, mismatch, SystemTime())->result, TlsResult::kTlsaInvalid);
  EXPECT_EQ(outcome_of(peer_, failure(ConnectionError::kTlsUnavailable), SystemTime())->result,
            TlsResult::kStartTlsNotSupported);
}

TEST_F(TlsPolicyTest, AsksForAnyCertificateWhereNoRecordCanBeUsed) {  // RFC 7672 s2.2
  dane(HostDane::State::kUnusable);
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls, TlsRule::kEncrypt);
  EXPECT_EQ(peer_.tls_context, nullptr);
  EXPECT_EQ(outcome_of(peer_, open(true, false), SystemTime())->result, TlsResult::kTlsaInvalid);
  peer_.tls = TlsRule::kVerify;  // by configuration: DNSSEC takes nothing away
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls, TlsRule::kVerify);
}

TEST_F(TlsPolicyTest, LetsNothingGoWhereNobodyCanTell) {  // RFC 7672 s2.1.2
  dane(HostDane::State::kFailed);
  sts(Mode::kTesting);
  const auto forbidden = settle_tls(peer_, options_);
  ASSERT_TRUE(forbidden);
  EXPECT_EQ(forbidden->error, ConnectionError::kTlsPolicy);
  EXPECT_EQ(forbidden->permanence(), Permanence::kTemporary);
  EXPECT_EQ(forbidden->detail, "DANE: it is so");
  const auto outcome = outcome_of(peer_, *forbidden, SystemTime());
  EXPECT_EQ(outcome->result, TlsResult::kDnssecInvalid);
  EXPECT_EQ(outcome->receiving_address, "");
}

TEST_F(TlsPolicyTest, HoldsToAPolicyThatIsEnforced) {  // RFC 8461 s5
  sts(Mode::kEnforce);
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls, TlsRule::kVerify);
  EXPECT_EQ(peer_.tls_context, options_.sts);
  const auto good = outcome_of(peer_, open(true), SystemTime());
  EXPECT_EQ(good->policy_type, TlsPolicyType::kSts);
  EXPECT_EQ(good->policy_mx_hosts, std::vector<std::string>{"mx.example.org"});
  EXPECT_EQ(good->policy_strings.front(), "version: STSv1");
  const auto words = X509_verify_cert_error_string(X509_V_ERR_CERT_HAS_EXPIRED);
  const auto expired = failure(ConnectionError::kTlsCertificate, Stage::kStartTls, words);
  EXPECT_EQ(outcome_of(peer_, expired, SystemTime())->result, TlsResult::kCertificateExpired);
  EXPECT_FALSE(outcome_of(peer_, failure(ConnectionError::kRefused, Stage::kConnect), SystemTime()));
}

TEST_F(TlsPolicyTest, GoesToNoHostThatAnEnforcedPolicyDoesNotList) {
  sts(Mode::kEnforce, {"*.example.net"});
  const auto forbidden = settle_tls(peer_, options_);
  ASSERT_TRUE(forbidden);
  EXPECT_EQ(outcome_of(peer_, *forbidden, SystemTime())->result, TlsResult::kValidationFailure);
  peer_.published.sts = nullptr;  // as the site has it
  peer_.published.sts_host = StsHost::kNotListed;
  EXPECT_TRUE(settle_tls(peer_, options_));
  peer_.published.sts_host = StsHost::kListed;
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls, TlsRule::kVerify);
}

TEST_F(TlsPolicyTest, TellsWhatAPolicyThatIsTestedWouldHaveStopped) {  // RFC 8461 s5
  sts(Mode::kTesting);
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls, TlsRule::kOpportunistic);
  EXPECT_TRUE(outcome_of(peer_, open(true), SystemTime())->successful());
  const auto words = X509_verify_cert_error_string(X509_V_ERR_HOSTNAME_MISMATCH);
  EXPECT_EQ(outcome_of(peer_, open(true, false, words), SystemTime())->result, TlsResult::kCertificateHostMismatch);
  EXPECT_EQ(outcome_of(peer_, open(false), SystemTime())->result, TlsResult::kStartTlsNotSupported);
  sts(Mode::kTesting, {"other.test"});
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(outcome_of(peer_, open(true), SystemTime())->result, TlsResult::kValidationFailure);
}

TEST_F(TlsPolicyTest, TellsOfAPolicyThatCouldNotBeHad) {
  auto made = std::make_shared<StsStanding>();
  made->failure = TlsResult::kStsWebPkiInvalid;
  made->failure_reason = "expired";
  peer_.published.sts = made;
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls_policy, "opportunistic: expired");
  const auto outcome = outcome_of(peer_, open(true), SystemTime());
  EXPECT_EQ(outcome->policy_type, TlsPolicyType::kSts);
  EXPECT_EQ(outcome->result, TlsResult::kStsWebPkiInvalid);
}

TEST_F(TlsPolicyTest, LetsConfigurationAndSendersDoWithoutPolicies) {  // RFC 8689 s3
  dane(HostDane::State::kFailed);
  sts(Mode::kEnforce, {"other.test"});
  peer_.published.ignored = true;
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls_policy, "opportunistic: policies are not asked");
  EXPECT_FALSE(outcome_of(peer_, open(true), SystemTime()));
  peer_.published.ignored = false;
  peer_.tls = TlsRule::kNever;
  EXPECT_FALSE(settle_tls(peer_, options_));
  EXPECT_EQ(peer_.tls, TlsRule::kNever);
}

TEST_F(TlsPolicyTest, GoesToHostsWithDaneAloneWhereConfigurationSaysSo) {
  peer_.published.dane_required = true;
  const auto forbidden = settle_tls(peer_, options_);
  ASSERT_TRUE(forbidden);
  EXPECT_EQ(outcome_of(peer_, *forbidden, SystemTime())->result, TlsResult::kDaneRequired);
  dane(HostDane::State::kUnusable);
  EXPECT_TRUE(settle_tls(peer_, options_));
  dane(HostDane::State::kUsable);
  EXPECT_FALSE(settle_tls(peer_, options_));
}

TEST_F(TlsPolicyTest, KnowsWhichNamesNobodyCanHaveForged) {  // RFC 8689 s4.2.1
  Site site;
  MailHost host;
  PublishedTls published;
  take_over(published, site, host);
  EXPECT_TRUE(published.name_proven);  // configured
  site.by_mx = true;
  take_over(published, site, host);
  EXPECT_FALSE(published.name_proven);
  host.sts = StsHost::kListed;
  take_over(published, site, host);
  EXPECT_TRUE(published.name_proven);
  host.sts = StsHost::kFree;
  site.authentic = true;
  take_over(published, site, host);
  EXPECT_TRUE(published.name_proven);
}

TEST_F(TlsPolicyTest, SharesNoConnectionBetweenPolicies) {
  std::vector<std::string> keys;
  const auto settle = [&] {
    Peer settled = peer_;
    static_cast<void>(settle_tls(settled, options_));
    keys.push_back(connection_key(settled));
  };
  settle();
  sts(Mode::kEnforce);
  settle();
  dane(HostDane::State::kUsable);
  settle();
  dane(HostDane::State::kUnusable);
  settle();
  peer_.published.ignored = true;
  settle();
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
}

}  // namespace
}  // namespace veredus::work::smtpclient
