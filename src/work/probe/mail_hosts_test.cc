#include "work/probe/mail_hosts.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/run.h"
#include "support/scripted_resolver.h"

namespace veredus::work::probe {
namespace {

using io::dns::DnsError;
using io::dns::MxRecord;

struct FindMailHosts : testing::Test {
  test::ScriptedResolver dns;
  asio::io_context io;
  Domain find(std::string name) { return test::run(io, find_mail_hosts(&dns, std::move(name))); }
};

TEST_F(FindMailHosts, InOrderOfPreferenceWithTheirAddresses) {
  dns.mx("example.org", {{20, "b.example.org"}, {10, "a.example.org"}, {30, "gone.example.org"}});
  dns.a("a.example.org", {"192.0.2.1"}).aaaa("a.example.org", {"2001:db8::1"});
  dns.alias("b.example.org", "host.example.net").a("host.example.net", {"192.0.2.2"});
  const auto domain = find("Example.org");
  EXPECT_EQ(domain.name, "example.org");
  EXPECT_EQ(domain.route, MailRoute::kMx);
  ASSERT_EQ(domain.hosts.size(), 3u);
  EXPECT_EQ(domain.hosts[0].name, "a.example.org");
  EXPECT_EQ(domain.hosts[0].addresses.size(), 2u);
  EXPECT_FALSE(domain.hosts[0].is_alias);
  EXPECT_TRUE(domain.hosts[1].is_alias);
  EXPECT_TRUE(domain.hosts[2].addresses.empty());
  EXPECT_EQ(domain.hosts[2].error, DnsError::kNoSuchName);
}

TEST_F(FindMailHosts, KnowsDomainsWithoutMx) {  // RFC 5321 s5.1
  dns.a("implicit.example.org", {"192.0.2.1"});
  dns.txt("silent.example.org", {"nothing"});
  dns.fail("broken.example.org", DnsError::kServerFailure);
  dns.mx("null.example.org", {{0, "."}});
  dns.mx("odd.example.org", {{0, "."}, {10, "a.example.org"}});
  EXPECT_EQ(find("implicit.example.org").route, MailRoute::kImplicit);
  EXPECT_EQ(find("silent.example.org").route, MailRoute::kNone);
  EXPECT_EQ(find("absent.example.org").route, MailRoute::kNoSuchDomain);
  EXPECT_EQ(find("not a name").route, MailRoute::kNoSuchDomain);
  EXPECT_EQ(find("broken.example.org").route, MailRoute::kDnsFailed);
  EXPECT_EQ(find("null.example.org").route, MailRoute::kNullMx);
  EXPECT_TRUE(find("odd.example.org").null_mx_among_others);
}

TEST_F(FindMailHosts, TellsOfTlsaOnlyWhereDnssecProvesAll) {  // RFC 7672 s2.2
  dns.mx("example.org", {{10, "a.example.org"}}).a("a.example.org", {"192.0.2.1"});
  dns.tlsa("_25._tcp.a.example.org", {{3, 1, 1, "digest"}});
  EXPECT_FALSE(find("example.org").hosts.at(0).tlsa);
  dns.authentic(true);
  EXPECT_TRUE(find("example.org").hosts.at(0).tlsa);
}

}  // namespace
}  // namespace veredus::work::probe
