#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "app/config/configuration.h"

namespace veredus::app::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSmall = R"(hostname = "mx.example.org"
data_directory = "data"
[[listener]]
protocol = "smtp"
address = "127.0.0.1:2525"
)";

std::expected<Configuration, std::vector<ConfigError>> parse(const std::string& text) {
  return parse_configuration(kSmall + text, "veredus.toml", "/etc/veredus");
}

TEST(QueueSection, ReadsWhatIsAskedOfTlsWithOthers) {
  const auto parsed = parse(
      "[queue]\ndane = false\nmta_sts = false\nmta_sts_port = 8443\n"
      "[[queue.tls]]\ndomains = [\"*.example.org\"]\nrule = \"dane\"\n"
      "[[queue.tls]]\ndomains = [\"a.test\", \"b.test\"]\nrule = \"never\"\n");
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->sites.dane);
  EXPECT_FALSE(parsed->mta_sts);
  EXPECT_EQ(parsed->policy_fetch.port, 8443);
  ASSERT_EQ(parsed->domain_tls.size(), 2U);
  EXPECT_EQ(rule_for(parsed->domain_tls, "mx.example.org"), work::queue::DomainTlsRule::kDane);
  EXPECT_EQ(rule_for(parsed->domain_tls, "b.test"), work::queue::DomainTlsRule::kNever);
  EXPECT_EQ(rule_for(parsed->domain_tls, "c.test"), work::queue::DomainTlsRule::kPublished);
  EXPECT_FALSE(parse("[[queue.tls]]\ndomains = [\"a.test\"]\n"));
  EXPECT_FALSE(parse("[[queue.tls]]\ndomains = [\"a.test\"]\nrule = \"always\"\n"));
}

TEST(QueueSection, ReachesTheOptionsOfTheQueueAndTheClient) {
  const auto parsed = parse(R"([queue]
lifetime = "3d"
delay_notice = "90s"
port = 2526
addresses = "ipv4-only"
connections = 7
messages_per_minute = 60
retry_reply = ["10s", "1h"]
connect_timeout = "5s"
[queue.brakes]
messages_per_hour = 3
bounce_percent = 0
[[queue.source]]
name = "a"
ipv4 = "192.0.2.7"
hello = "out.example.org"
[[queue.pool]]
name = "bulk"
sources = ["a"]
[[queue.provider]]
hosts = ["*.big.test"]
connections = 2
)");
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  EXPECT_EQ(parsed->reception.lifetimes.transactional, 72h);
  EXPECT_EQ(parsed->reception.lifetimes.delay_notice, 90s);
  EXPECT_EQ(parsed->sites.port, 2526);
  EXPECT_EQ(parsed->sites.families, work::smtpclient::SiteFinder::Families::kV4Only);
  EXPECT_THAT(parsed->sites.own_names, ElementsAre("mx.example.org", "out.example.org"));
  EXPECT_EQ(parsed->queue.hostname, "mx.example.org");
  EXPECT_EQ(parsed->queue.schedule.connections, 7U);
  EXPECT_EQ(parsed->queue.schedule.limits.messages_per_minute, 60U);
  EXPECT_FALSE(parsed->queue.schedule.limits.messages_per_connection);
  EXPECT_THAT(parsed->queue.retries.reply, ElementsAre(10s, 1h));
  EXPECT_EQ(parsed->smtp_client.timeouts.connect, 5s);
  EXPECT_EQ(parsed->queue.brakes.messages_per_hour, 3U);
  EXPECT_EQ(parsed->queue.brakes.bounce_percent, 0U);
  EXPECT_EQ(parsed->queue.brakes.messages_per_day, 2000U);
  ASSERT_EQ(parsed->queue.sources.size(), 1U);
  EXPECT_EQ(parsed->queue.sources[0].v4, io::net::IpAddress::parse("192.0.2.7"));
  EXPECT_THAT(parsed->queue.pools.at(0).sources, ElementsAre("a"));
  EXPECT_EQ(parsed->queue.schedule.providers.at(0).limits.connections, 2U);
}

TEST(QueueSection, SaysWhatIsWrong) {
  struct Case {
    std::string_view text;
    std::string_view want;
  };
  const Case cases[] = {
      {"[queue]\nretry_reply = []\n", "at least one length of time"},
      {"[queue]\nretry_dns = [\"soon\"]\n", "wants lengths of time"},
      {"[queue]\naddresses = \"any\"\n", "wants one of"},
      {"[[queue.source]]\nipv4 = \"192.0.2.7\"\n", "needs a 'name'"},
      {"[[queue.source]]\nname = \"a\"\nipv4 = \"2001:db8::1\"\n", "wants an IPv4 address"},
      {"[[queue.pool]]\nname = \"p\"\nsources = [\"x\"]\n", "is no [[queue.source]]"},
      {"[[queue.provider]]\nconnections = 1\n", "needs 'hosts'"},
      {"[queue.brakes]\nmessages = 1\n", "unknown key 'queue.brakes.messages'"},
      {"[queue]\nprovider = 1\n", "is written as [[queue.provider]]"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto parsed = parse(std::string(c.text));
    ASSERT_FALSE(parsed);
    EXPECT_THAT(to_string(parsed.error()), HasSubstr(std::string(c.want)));
  }
}

}  // namespace
}  // namespace veredus::app::config
