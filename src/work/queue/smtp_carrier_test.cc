#include "work/queue/smtp_carrier.h"

#include <gtest/gtest.h>

#include "io/net/reactor.h"
#include "support/run.h"
#include "support/scripted_resolver.h"
#include "work/smtpclient/host_dane.h"
#include "work/smtpclient/sts_standing.h"

namespace veredus::work::queue {
namespace {

using smtpclient::ConnectionError;
using smtpclient::HostDane;
using smtpclient::TlsRule;

/// A smart host whose TLSA records cannot be had: whoever keeps to DANE does not connect.
smtpclient::Peer smart_host() {
  auto dane = std::make_shared<HostDane>();
  dane->state = HostDane::State::kFailed;
  smtpclient::Peer peer;
  peer.host_name = "relay.test";
  peer.address = *io::net::Endpoint::parse("127.0.0.1:1");  // nobody listens there
  peer.tls = TlsRule::kVerify;
  peer.published.domain = "relay.test";
  peer.published.dane = std::move(dane);
  return peer;
}

/// Knows nothing, and cannot say that there is nothing.
class SilentPolicies final : public smtpclient::StsPolicies {
 public:
  asio::awaitable<std::shared_ptr<const smtpclient::StsStanding>> find(std::string /*domain*/) override {
    co_return nullptr;
  }
  [[nodiscard]] std::shared_ptr<const smtpclient::StsStanding> known(const std::string& /*domain*/) const override {
    return nullptr;
  }
};

TEST(SmtpCarrier, WaitsWhereNobodyKnowsWhetherAPolicyIsEnforced) {  // RFC 8461 s5.1
  io::net::Reactor reactor;
  test::ScriptedResolver dns;
  dns.a("example.org", {"192.0.2.1"});
  smtpclient::SiteFinder finder(dns, {});
  SilentPolicies policies;
  SmtpCarrier::Security security;
  security.sts = &policies;
  security.domains = {{.patterns = {"example.net"}, .rule = DomainTlsRule::kOpportunistic}};
  SmtpCarrier carrier(finder, {&reactor}, {}, {}, std::move(security));
  const auto unknown = test::run(reactor.context(), carrier.find("example.org", {}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error(), smtpclient::SiteError::kDnsTemporary);
  const auto unasked = test::run(reactor.context(), carrier.find("example.net", {}));
  ASSERT_FALSE(unasked);
  EXPECT_EQ(unasked.error(), smtpclient::SiteError::kNoSuchDomain) << "where policies do not count, nobody asks";
}

TEST(SmtpCarrier, TakesASmartHostForNoDomainOfRecipients) {
  io::net::Reactor reactor;
  test::ScriptedResolver dns;
  smtpclient::SiteFinder finder(dns, {});
  SmtpCarrier::Security security;
  security.domains = {{.patterns = {"*"}, .rule = DomainTlsRule::kNever}};
  SmtpCarrier carrier(finder, {&reactor}, {}, {}, std::move(security));
  auto peer = smart_host();
  peer.published.of_route = true;
  const auto by_route = test::run(reactor.context(), carrier.open(0, peer));
  ASSERT_FALSE(by_route);
  EXPECT_EQ(by_route.error().error, ConnectionError::kTlsPolicy);
  peer.published.of_route = false;
  const auto by_domain = test::run(reactor.context(), carrier.open(0, std::move(peer)));
  ASSERT_FALSE(by_domain);
  EXPECT_EQ(by_domain.error().error, ConnectionError::kRefused);
}

}  // namespace
}  // namespace veredus::work::queue
