#include "work/smtpclient/host_dane.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "io/net/dane_context.h"
#include "rules/mtasts/policy.h"
#include "support/run.h"
#include "support/scripted_resolver.h"
#include "work/smtpclient/site.h"

namespace veredus::work::smtpclient {
namespace {

using io::dns::DnsError;
using io::dns::TlsaRecord;

TlsaRecord record(std::uint8_t usage, char octet = 'a') { return {usage, 1, 1, std::string(32, octet)}; }

class HostDaneTest : public ::testing::Test {
 protected:
  HostDaneTest() {
    dns_.authentic(true);
    dns_.mx("example.org", {{10, "mx.example.org"}});
    dns_.a("mx.example.org", {"192.0.2.1"});
  }
  std::expected<Site, SiteError> find(const std::string& domain = "example.org") {
    SiteFinder finder(dns_, options_);
    return test::run(io_, finder.find(domain));
  }
  /// Of the only host.
  std::shared_ptr<const HostDane> dane(const std::string& domain = "example.org") {
    const auto site = find(domain);
    return site ? site->hosts[0].dane : nullptr;
  }

  asio::io_context io_;
  test::ScriptedResolver dns_;
  SiteFinder::Options options_;
};

TEST_F(HostDaneTest, FindsTheRecordsOfAHostThatIsSigned) {  // RFC 7672 s2.2.3
  dns_.tlsa("_25._tcp.mx.example.org", {record(3, 'b'), record(3)});
  const auto site = find();
  ASSERT_TRUE(site);
  const auto& found = site->hosts[0].dane;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, HostDane::State::kUsable);
  EXPECT_EQ(found->base_domain, "mx.example.org");
  EXPECT_EQ(found->records, (std::vector<std::string>{to_text(record(3)), to_text(record(3, 'b'))}));
  EXPECT_EQ(to_text({3, 0, 2, "\x0f\xc4"}), "3 0 2 0fc4");
  EXPECT_TRUE(found->context);
  EXPECT_EQ(site->key, "mx.example.org|dane=d");
}

TEST_F(HostDaneTest, AsksForNothingWhereSomethingIsNotSigned) {  // RFC 7672 s2.2.1, s2.2.2
  dns_.tlsa("_25._tcp.mx.example.org", {record(3)});
  dns_.insecure("mx.example.org");
  EXPECT_FALSE(dane());
  EXPECT_EQ(dns_.asked("_25._tcp.mx.example.org"), 0U);
  test::ScriptedResolver unsigned_mx;
  unsigned_mx.authentic(true).insecure("example.org");
  unsigned_mx.mx("example.org", {{10, "mx.example.org"}}).a("mx.example.org", {"192.0.2.1"});
  unsigned_mx.tlsa("_25._tcp.mx.example.org", {record(3)});
  dns_ = unsigned_mx;
  EXPECT_FALSE(dane());
  EXPECT_EQ(dns_.asked("_25._tcp.mx.example.org"), 0U);
}

TEST_F(HostDaneTest, BelievesNoRecordsThatAreNotSigned) {
  dns_.tlsa("_25._tcp.mx.example.org", {record(3)}).insecure("_25._tcp.mx.example.org");
  EXPECT_FALSE(dane());
  EXPECT_EQ(find()->key, "mx.example.org|signed");
}

TEST_F(HostDaneTest, IsSwitchedOffByConfiguration) {
  dns_.tlsa("_25._tcp.mx.example.org", {record(3)});
  options_.dane = false;
  EXPECT_FALSE(dane());
}

TEST_F(HostDaneTest, KeepsApartWhatIsNotThereWhatFailsAndWhatIsForged) {  // RFC 7672 s2.1.2
  EXPECT_FALSE(dane());                                                   // no such name
  dns_.tlsa("_25._tcp.mx.example.org", {});
  EXPECT_FALSE(dane());  // none of that type
  for (const auto error : {DnsError::kBogus, DnsError::kServerFailure, DnsError::kTimeout}) {
    SCOPED_TRACE(to_string(error));
    dns_.fail("_25._tcp.mx.example.org", error);
    const auto site = find();
    ASSERT_TRUE(site);
    ASSERT_TRUE(site->hosts[0].dane);
    EXPECT_EQ(site->hosts[0].dane->state, HostDane::State::kFailed);
    EXPECT_TRUE(site->hosts[0].dane->failure.contains(to_string(error)));
    EXPECT_EQ(site->key, "mx.example.org|dane=f");
    EXPECT_EQ(site->ttl, std::chrono::seconds(0)) << "asked for again soon";
  }
  dns_.fail("_25._tcp.mx.example.org", DnsError::kMalformedAnswer);
  EXPECT_EQ(dane()->state, HostDane::State::kUnusable);
}

TEST_F(HostDaneTest, KnowsWhenNoRecordCanBeUsed) {  // RFC 7672 s3.1.3
  dns_.tlsa("_25._tcp.mx.example.org", {record(0), record(1)});
  EXPECT_EQ(dane()->state, HostDane::State::kUnusable);
  EXPECT_EQ(find()->key, "mx.example.org|dane=u");
}

TEST_F(HostDaneTest, SharesNoSiteWhereTheDomainsNameIsOneOfTheCertificates) {  // RFC 7672 s3.2.2
  dns_.tlsa("_25._tcp.mx.example.org", {record(2)});
  const auto site = find();
  EXPECT_EQ(site->key, "mx.example.org|dane=d@example.org");
  const auto* expectation = io::net::dane_expectation_of(site->hosts[0].dane->context->native().get());
  EXPECT_EQ(expectation->base_domain, "mx.example.org");
  EXPECT_EQ(expectation->other_names, std::vector<std::string>{"example.org"});
}

TEST_F(HostDaneTest, SharesNoSiteBetweenNamesThatAreProvenAndOthers) {  // RFC 8689 s4.2.1
  dns_.mx("example.net", {{10, "mx.example.org"}}).insecure("example.net");
  EXPECT_EQ(find()->key, "mx.example.org|signed");
  EXPECT_EQ(find("example.net")->key, "mx.example.org");
}

TEST_F(HostDaneTest, LooksAtTheEndOfAnAliasFirst) {  // RFC 7672 s2.2.3
  dns_.mx("alias.org", {{10, "mx.alias.org"}}).alias("mx.alias.org", "mx.example.org");
  dns_.tlsa("_25._tcp.mx.alias.org", {record(3)});
  EXPECT_EQ(dane("alias.org")->base_domain, "mx.alias.org");
  dns_.tlsa("_25._tcp.mx.example.org", {record(2, 'b')});
  const auto found = dane("alias.org");
  EXPECT_EQ(found->base_domain, "mx.example.org");
  EXPECT_EQ(io::net::dane_expectation_of(found->context->native().get())->other_names,
            (std::vector<std::string>{"alias.org", "mx.alias.org"}));
}

TEST_F(HostDaneTest, TakesASignedAliasOfAPlaceThatIsNotSigned) {  // RFC 7672 s2.2.2
  dns_.mx("alias.org", {{10, "mx.alias.org"}}).alias("mx.alias.org", "mx.example.org").insecure("mx.example.org");
  dns_.tlsa("_25._tcp.mx.alias.org", {record(3)}).tlsa("_25._tcp.mx.example.org", {record(3, 'b')});
  EXPECT_EQ(dane("alias.org")->base_domain, "mx.alias.org");
  EXPECT_EQ(dns_.asked("_25._tcp.mx.example.org"), 0U);
  dns_.insecure("mx.alias.org");
  EXPECT_FALSE(dane("alias.org"));
}

TEST_F(HostDaneTest, TakesNoSilenceAboutAnAliasForAnAnswer) {  // RFC 7672 s2.1.2, s2.2.2
  dns_.tlsa("_25._tcp.mx.alias.org", {record(3)});
  const DaneQuestion question{
      .host = "mx.alias.org", .canonical = "mx.example.org", .authentic = false, .port = 25, .next_hops = {}};
  const auto found = [&] { return test::run(io_, look_up_dane(&dns_, {question}))[0]; };
  for (const auto error :
       {DnsError::kBogus, DnsError::kServerFailure, DnsError::kTimeout, DnsError::kMalformedAnswer}) {
    SCOPED_TRACE(to_string(error));
    dns_.fail("mx.alias.org", error);
    const auto dane = found();
    ASSERT_TRUE(dane);
    EXPECT_EQ(dane->state, HostDane::State::kFailed);
    EXPECT_EQ(dane->base_domain, "mx.alias.org");
    EXPECT_TRUE(dane->failure.contains(to_string(error)));
  }
  EXPECT_EQ(dns_.asked("_25._tcp.mx.alias.org"), 0U);
  dns_.fail("mx.alias.org", DnsError::kNoSuchName);
  EXPECT_FALSE(found());
}

TEST_F(HostDaneTest, HoldsNoLongerThanItsRecords) {
  dns_.tlsa("_25._tcp.mx.example.org", {record(3)}).ttl(std::chrono::seconds(90));
  EXPECT_EQ(find()->ttl, std::chrono::seconds(90));
}

TEST_F(HostDaneTest, IsAskedForAtHostsOfConfiguration) {
  dns_.tlsa("_587._tcp.mx.example.org", {record(3)});
  SiteFinder finder(dns_, options_);
  std::vector<HostPort> hosts = {{"192.0.2.9", 25}, {"mx.example.org", 587}};
  const auto site = test::run(io_, finder.find_hosts(std::move(hosts)));
  ASSERT_TRUE(site);
  EXPECT_FALSE(site->hosts[0].dane);
  ASSERT_TRUE(site->hosts[1].dane);
  EXPECT_EQ(site->hosts[1].dane->state, HostDane::State::kUsable);
}

TEST_F(HostDaneTest, GoesBeforeMtaSts) {  // RFC 8461 s2
  dns_.mx("example.org", {{10, "mx.example.org"}, {20, "mx2.example.org"}, {30, "mx3.example.org"}});
  dns_.a("mx2.example.org", {"192.0.2.2"}).a("mx3.example.org", {"192.0.2.3"});
  dns_.fail("_25._tcp.mx.example.org", DnsError::kBogus);
  auto site = find();
  ASSERT_TRUE(site);
  apply_sts(*site, {.mode = rules::mtasts::Mode::kEnforce, .max_age = {}, .mx = {"mx.example.org", "mx3.example.org"}});
  EXPECT_EQ(site->hosts[0].sts, StsHost::kFree);
  EXPECT_EQ(site->hosts[1].sts, StsHost::kNotListed);
  EXPECT_EQ(site->hosts[2].sts, StsHost::kListed);
  EXPECT_EQ(site->key, "mx.example.org,mx2.example.org,mx3.example.org|dane=f--|sts=101");
}

}  // namespace
}  // namespace veredus::work::smtpclient
