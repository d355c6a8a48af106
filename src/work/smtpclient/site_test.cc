#include "work/smtpclient/site.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <set>

#include "support/run.h"
#include "support/scripted_resolver.h"

namespace veredus::work::smtpclient {
namespace {

using io::dns::DnsError;

/// Answers of another resolver, each a while after it was asked for.
class SlowResolver final : public io::dns::Resolver {
 public:
  explicit SlowResolver(io::dns::Resolver& dns) : dns_(dns) {}
  Result<io::dns::MxRecord> mx(std::string name) override { return dns_.mx(std::move(name)); }
  Result<io::net::IpAddress> a(std::string name) override { return slowly(dns_.a(std::move(name))); }
  Result<io::net::IpAddress> aaaa(std::string name) override { return slowly(dns_.aaaa(std::move(name))); }
  Result<std::string> txt(std::string name) override { return dns_.txt(std::move(name)); }
  Result<io::dns::TlsaRecord> tlsa(std::string name) override { return dns_.tlsa(std::move(name)); }
  Result<io::dns::SrvRecord> srv(std::string name) override { return dns_.srv(std::move(name)); }
  Result<std::string> ptr(io::net::IpAddress address) override { return dns_.ptr(address); }
  Result<std::string> cname(std::string name) override { return dns_.cname(std::move(name)); }
  Result<std::string> ns(std::string name) override { return dns_.ns(std::move(name)); }
  [[nodiscard]] std::size_t most_at_a_time() const { return most_; }

 private:
  Result<io::net::IpAddress> slowly(Result<io::net::IpAddress> answer) {
    most_ = std::max(most_, ++now_);
    for (int i = 0; i < 100; ++i) co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    --now_;
    co_return co_await std::move(answer);
  }
  io::dns::Resolver& dns_;
  std::size_t now_ = 0;
  std::size_t most_ = 0;
};

class SiteTest : public ::testing::Test {
 protected:
  std::expected<Site, SiteError> find(const std::string& domain) {
    SiteFinder finder(dns_, options_);
    return test::run(io_, finder.find(domain));
  }
  std::expected<Site, SiteError> find_hosts(std::vector<HostPort> hosts) {
    SiteFinder finder(dns_, options_);
    return test::run(io_, finder.find_hosts(std::move(hosts)));
  }
  static std::string names(const Site& site) {
    std::string result;
    for (const auto& host : site.hosts) result += host.name + " ";
    return result;
  }
  static std::string addresses(const MailHost& host) {
    std::string result;
    for (const auto& address : host.addresses) result += address.to_string() + " ";
    return result;
  }

  asio::io_context io_;
  test::ScriptedResolver dns_;
  SiteFinder::Options options_;
};

TEST_F(SiteTest, OrdersHostsByPreference) {  // RFC 5321 s5.1
  dns_.mx("example.org", {{20, "mx2.example.org"}, {10, "mx1.example.org"}});
  dns_.a("mx1.example.org", {"192.0.2.1"}).aaaa("mx1.example.org", {"2001:db8::1"});
  dns_.a("mx2.example.org", {"192.0.2.2"});
  dns_.ttl(std::chrono::seconds(77)).authentic(true);
  const auto site = find("Example.ORG");
  ASSERT_TRUE(site);
  EXPECT_EQ(names(*site), "mx1.example.org mx2.example.org ");
  EXPECT_EQ(site->key, "mx1.example.org,mx2.example.org|signed");
  EXPECT_EQ(addresses(site->hosts[0]), "[2001:db8::1]:25 192.0.2.1:25 ");
  EXPECT_EQ(site->ttl, std::chrono::seconds(77));
  EXPECT_TRUE(site->authentic);
  options_.families = SiteFinder::Families::kV4First;
  EXPECT_EQ(addresses(find("example.org")->hosts[0]), "192.0.2.1:25 [2001:db8::1]:25 ");
  options_.families = SiteFinder::Families::kV4Only;
  EXPECT_EQ(addresses(find("example.org")->hosts[0]), "192.0.2.1:25 ");
  options_.families = SiteFinder::Families::kV6Only;
  EXPECT_EQ(names(*find("example.org")), "mx1.example.org ");
}

TEST_F(SiteTest, ShufflesEqualPreferencesAndNoOthers) {
  dns_.mx("example.org", {{10, "a.test"}, {10, "b.test"}, {10, "c.test"}, {20, "z.test"}});
  for (const auto* host : {"a.test", "b.test", "c.test", "z.test"}) dns_.a(host, {"192.0.2.1"});
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto site = find("example.org");
    ASSERT_TRUE(site);
    EXPECT_EQ(site->hosts.back().name, "z.test");
    EXPECT_EQ(site->key, "a.test,b.test,c.test,z.test");
    seen.insert(names(*site));
  }
  EXPECT_EQ(seen.size(), 6u);
}

TEST_F(SiteTest, TakesTheDomainItselfWhereThereIsNoMx) {
  dns_.a("example.org", {"192.0.2.1"});
  const auto site = find("example.org");
  ASSERT_TRUE(site);
  EXPECT_EQ(site->key, "example.org");
  EXPECT_EQ(addresses(site->hosts[0]), "192.0.2.1:25 ");
  dns_.alias("alias.test", "example.org");
  EXPECT_EQ(find("alias.test")->key, "example.org");
}

TEST_F(SiteTest, ConvertsUnicodeDomains) {  // RFC 5891 s4
  dns_.mx("xn--bcher-kva.example", {{10, "mx.example.org"}}).a("mx.example.org", {"192.0.2.1"});
  EXPECT_TRUE(find("Bücher.example"));
  EXPECT_EQ(find("b_ü..x").error(), SiteError::kNoSuchDomain);
}

TEST_F(SiteTest, TellsWhyThereIsNoWay) {
  dns_.mx("null.test", {{0, "."}});
  dns_.mx("no-address.test", {{10, "gone.test"}, {20, "none.test"}}).mx("none.test", {});
  dns_.fail("dark.test", DnsError::kServerFailure).fail("forged.test", DnsError::kBogus);
  dns_.mx("half.test", {{10, "gone.test"}, {20, "dark.test"}});
  dns_.mx("empty.test", {});
  dns_.mx("nulls.test", {{0, "."}, {10, "."}});
  struct Case {
    std::string_view domain;
    SiteError want;
    std::string_view status;
    Permanence permanence;
  };
  const Case cases[] = {
      {"null.test", SiteError::kNullMx, "5.1.10", Permanence::kPermanent},
      {"gone.test", SiteError::kNoSuchDomain, "5.1.2", Permanence::kPermanent},
      {"no-address.test", SiteError::kNoAddress, "5.4.4", Permanence::kPermanent},
      {"empty.test", SiteError::kNoAddress, "5.4.4", Permanence::kPermanent},
      {"nulls.test", SiteError::kNoAddress, "5.4.4", Permanence::kPermanent},
      {"dark.test", SiteError::kDnsTemporary, "4.4.3", Permanence::kTemporary},
      {"half.test", SiteError::kDnsTemporary, "4.4.3", Permanence::kTemporary},
      {"forged.test", SiteError::kDnsBogus, "4.4.3", Permanence::kTemporary},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.domain);
    const auto site = find(std::string(c.domain));
    ASSERT_FALSE(site);
    EXPECT_EQ(site.error(), c.want);
    EXPECT_EQ(to_string(status_of(site.error())), c.status);
    EXPECT_EQ(permanence(site.error()), c.permanence);
  }
}

TEST_F(SiteTest, PassesOverHostsThatAreNotThere) {
  dns_.mx("example.org", {{10, "dark.test"}, {20, "gone.test"}, {30, "mx.test"}});
  dns_.fail("dark.test", DnsError::kTimeout).a("mx.test", {"192.0.2.1"});
  EXPECT_EQ(names(*find("example.org")), "mx.test ");
}

TEST_F(SiteTest, NeverSendsToItselfNorToWorseHosts) {  // RFC 5321 s5.1
  options_.own_names = {"MX2.demo.test"};
  options_.own_addresses = {*io::net::IpAddress::parse("192.0.2.25")};
  dns_.mx("backup.test", {{10, "mx1.test"}, {20, "mx2.demo.test"}, {20, "equal.test"}, {30, "worse.test"}});
  for (const auto* host : {"mx1.test", "mx2.demo.test", "equal.test", "worse.test"}) dns_.a(host, {"192.0.2.1"});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(names(*find("backup.test")), "mx1.test ");

  dns_.mx("first.test", {{10, "mx2.demo.test"}, {20, "worse.test"}});
  EXPECT_EQ(find("first.test").error(), SiteError::kLoopsBack);
  dns_.mx("by-address.test", {{10, "mx1.test"}, {20, "alias.test"}}).a("alias.test", {"192.0.2.25"});
  EXPECT_EQ(names(*find("by-address.test")), "mx1.test ");
  dns_.mx("by-alias.test", {{10, "other.test"}}).alias("other.test", "mx2.demo.test");
  EXPECT_EQ(find("by-alias.test").error(), SiteError::kLoopsBack);
  EXPECT_EQ(find("[192.0.2.25]").error(), SiteError::kLoopsBack);
}

TEST_F(SiteTest, LooksAtNoMoreHostsThanItMay) {
  std::vector<io::dns::MxRecord> records;
  for (std::uint16_t i = 1; i <= 30; ++i) {
    const auto host = "mx" + std::to_string(i) + ".test";
    records.push_back({i, host});
    dns_.a(host, {"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  }
  dns_.mx("many.test", records);
  options_.max_hosts = 5;
  options_.max_addresses = 7;
  const auto site = find("many.test");
  ASSERT_TRUE(site);
  EXPECT_EQ(site->hosts.size(), 3u);
  options_.own_names = {"mx30.test"};
  EXPECT_LE(find("many.test")->hosts.size(), 5u);
  options_.own_names = {"mx1.test"};
  EXPECT_EQ(find("many.test").error(), SiteError::kLoopsBack);
}

TEST_F(SiteTest, AsksForAllHostsAtTheSameTimeAndKeepsTheirOrder) {
  std::vector<io::dns::MxRecord> records;
  for (std::uint16_t i = 1; i <= 8; ++i) {
    const auto host = "mx" + std::to_string(i) + ".test";
    records.push_back({i, host});
    dns_.a(host, {"192.0.2." + std::to_string(i)});
  }
  dns_.mx("many.test", records);
  SlowResolver slow(dns_);
  SiteFinder finder(slow, options_);
  const auto site = test::run(io_, finder.find("many.test"));
  ASSERT_TRUE(site);
  EXPECT_EQ(names(*site), "mx1.test mx2.test mx3.test mx4.test mx5.test mx6.test mx7.test mx8.test ");
  EXPECT_EQ(addresses(site->hosts[7]), "192.0.2.8:25 ");
  EXPECT_EQ(slow.most_at_a_time(), 16U);
}

TEST_F(SiteTest, TakesAddressLiterals) {  // RFC 5321 s4.1.3
  EXPECT_EQ(addresses(find("[192.0.2.7]")->hosts[0]), "192.0.2.7:25 ");
  EXPECT_EQ(addresses(find("[IPv6:2001:db8::7]")->hosts[0]), "[2001:db8::7]:25 ");
  EXPECT_EQ(find("[2001:db8::7]").error(), SiteError::kNoSuchDomain);
}

TEST_F(SiteTest, TakesSmartHostsAsTheyAreNamed) {
  dns_.mx("relay.test", {{10, "elsewhere.test"}}).a("relay.test", {"192.0.2.9"});
  const auto site = find_hosts({{"relay.test", 587}, {"192.0.2.10", 2525}});
  ASSERT_TRUE(site);
  EXPECT_EQ(names(*site), "relay.test 192.0.2.10 ");
  EXPECT_EQ(addresses(site->hosts[0]), "192.0.2.9:587 ");
  EXPECT_EQ(addresses(site->hosts[1]), "192.0.2.10:2525 ");
  EXPECT_NE(site->key, find("relay.test").value_or(Site()).key);
  EXPECT_EQ(find_hosts({{"gone.test", 25}}).error(), SiteError::kNoAddress);
}

}  // namespace
}  // namespace veredus::work::smtpclient
