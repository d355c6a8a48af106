#include "app/config/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "app/config/table_reader.h"

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
  return parse_configuration(text, "veredus.toml", "/etc/veredus");
}

/// The errors of a text that must have some, a line each.
std::vector<std::string> errors_of(const std::string& text) {
  const auto parsed = parse(text);
  std::vector<std::string> all;
  if (!parsed)
    for (const auto& error : parsed.error()) all.push_back(to_string(error));
  return all;
}

TEST(Configuration, AFewLinesAreEnough) {
  const auto parsed = parse(kSmall);
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  EXPECT_EQ(parsed->hostname, "mx.example.org");
  EXPECT_EQ(parsed->data_directory, "/etc/veredus/data");
  EXPECT_EQ(parsed->engine.directory, "/etc/veredus/data/store");
  EXPECT_EQ(parsed->admin_socket, "/etc/veredus/data/admin.sock");
  ASSERT_EQ(parsed->listeners.size(), 1u);
  EXPECT_EQ(parsed->listeners[0].protocol, Protocol::kSmtp);
  EXPECT_EQ(parsed->listeners[0].endpoint.port, 2525);
  EXPECT_FALSE(parsed->smtp.offer_tls);
}

TEST(Configuration, KeysReachTheOptionsOfTheirModules) {
  const auto parsed = parse(std::string(kSmall) + R"(proxy_from = ["192.0.2.0/24", "2001:db8::1"]
[tls]
minimum_version = "1.3"
[[tls.certificate]]
chain = "chain.pem"
key = "/keys/key.pem"
[smtp]
max_message_size = "25MiB"
helo_check = "syntax"
greeting_delay = "200ms"
[login]
without_tls_locally = true
[storage]
min_free = 4096
on_damage = "salvage"
[journal]
retention = "7d"
)");
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  EXPECT_EQ(parsed->listeners[0].proxy_from.size(), 2u);
  EXPECT_EQ(parsed->certificates.at(0).chain_file, "/etc/veredus/chain.pem");
  EXPECT_EQ(parsed->certificates.at(0).key_file, "/keys/key.pem");
  EXPECT_TRUE(parsed->smtp.offer_tls);
  EXPECT_EQ(parsed->smtp.max_message_octets, 25u * 1024 * 1024);
  EXPECT_EQ(parsed->reception.max_octets, 25u * 1024 * 1024);
  EXPECT_EQ(parsed->smtp.helo_check, doors::smtp::HeloCheck::kSyntax);
  EXPECT_EQ(parsed->smtp_timeouts.greeting_delay, 200ms);
  EXPECT_EQ(parsed->smtp.plain_auth, doors::smtp::PlainAuth::kLocalMachine);
  EXPECT_EQ(parsed->pop3.plain_auth, doors::pop3::PlainAuth::kLocalMachine);
  EXPECT_EQ(parsed->engine.min_free_octets, 4096u);
  EXPECT_EQ(parsed->engine.recovery, io::engine::Recovery::kSalvage);
  EXPECT_EQ(parsed->journal.retention, std::chrono::days(7));
}

TEST(Configuration, AnUnknownKeyIsAnErrorWithItsLineAndAGuess) {
  EXPECT_THAT(errors_of("hostnam = \"mx.example.org\"\n" + std::string(kSmall)),
              ElementsAre("veredus.toml:1: unknown key 'hostnam', did you mean 'hostname'?"));
  EXPECT_THAT(errors_of(std::string(kSmall) + "[smtp]\nmax_recipient = 200\n"),
              ElementsAre("veredus.toml:7: unknown key 'smtp.max_recipient', did you mean 'smtp.max_recipients'?"));
}

TEST(Configuration, EveryMistakeIsToldAtOnceInOrderOfLines) {
  const auto errors = errors_of(R"(hostname = "localhost"
data_directory = 7
[[listener]]
protocol = "gopher"
address = "nowhere"
[smtp]
max_recipients = 1
)");
  ASSERT_EQ(errors.size(), 6u);
  EXPECT_THAT(errors[0], HasSubstr("'data_directory' is missing"));
  EXPECT_THAT(errors[1], HasSubstr("veredus.toml:1: 'hostname' wants a full host name"));
  EXPECT_THAT(errors[2], HasSubstr("veredus.toml:2: 'data_directory' wants a string"));
  EXPECT_THAT(errors[3], HasSubstr("veredus.toml:4: 'listener.protocol' wants one of"));
  EXPECT_THAT(errors[4], HasSubstr("veredus.toml:5: 'listener.address' wants an address"));
  EXPECT_THAT(errors[5], HasSubstr("veredus.toml:7: 'smtp.max_recipients' wants a whole number from 100"));
}

TEST(Configuration, BrokenTomlIsToldWithItsLine) {
  const auto errors = errors_of("hostname = \"mx.example.org\"\ndata_directory = \n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_THAT(errors[0], HasSubstr("veredus.toml:2:"));
  for (const std::string_view text :
       {"[[.listener]]\n", "[.]\n", "\uFCBF = 1\n", "a = \uFE00\n", "hostname\uFC9A= 1\n"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(errors_of(std::string(text)).size(), 1u);
  }
}

TEST(Configuration, WhatDoesNotFitTogetherIsRefused) {
  EXPECT_THAT(errors_of("hostname = \"mx.example.org\"\ndata_directory = \"d\"\n"),
              ElementsAre(HasSubstr("no [[listener]]")));
  EXPECT_THAT(errors_of(std::string(kSmall) + "[[listener]]\nprotocol = \"pop3s\"\naddress = \"127.0.0.1:0\"\n"),
              ElementsAre(HasSubstr("needs a [[tls.certificate]]")));
}

TEST(Configuration, TwoListenersAtOneAddressAreRefused) {
  const std::string more = "[[listener]]\nprotocol = \"pop3\"\naddress = ";
  EXPECT_THAT(errors_of(kSmall + more + "\"127.0.0.1:2525\"\n"),
              ElementsAre(HasSubstr("veredus.toml:8: 'listener.address' is the address of another [[listener]]")));
  EXPECT_TRUE(parse(kSmall + more + "\"127.0.0.2:2525\"\n"));
  EXPECT_TRUE(parse(kSmall + more + "\"127.0.0.1:0\"\n" + more + "\"127.0.0.1:0\"\n"));
}

TEST(ParseSize, TakesOctetsAndBinaryUnits) {
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("64KiB"), 65536u);
  EXPECT_EQ(parse_size("2GiB"), 2147483648u);
  for (const char* wrong : {"", "KiB", "1.5MiB", "5MB", "-1", "99999999999TiB", "1 KiB"}) {
    SCOPED_TRACE(wrong);
    EXPECT_FALSE(parse_size(wrong));
  }
}

TEST(ParseDuration, WantsAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("30d"), std::chrono::days(30));
  for (const char* wrong : {"", "5", "s", "1w", "-1s", "99999999999999999999s", "100000000000d"}) {
    SCOPED_TRACE(wrong);
    EXPECT_FALSE(parse_duration(wrong));
  }
}

TEST(Configuration, DnsIsAskedAsItsSectionSays) {
  const auto parsed = parse(std::string(kSmall) + R"([dns]
forwarders = ["192.0.2.53", "[2001:db8::53]:5353"]
trust_anchor = "root.key"
deadline = "5s"
[[dns.stub_zone]]
name = "Corp.Example.org"
servers = ["127.0.0.1:5300"]
)");
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  EXPECT_EQ(parsed->dns.source, io::dns::Source::kForwarders);
  ASSERT_EQ(parsed->dns.forwarders.size(), 2u);
  EXPECT_EQ(parsed->dns.forwarders[0].to_string(), "192.0.2.53:53");
  EXPECT_EQ(parsed->dns.forwarders[1].to_string(), "[2001:db8::53]:5353");
  EXPECT_EQ(parsed->dns.trust_anchor_file, "/etc/veredus/root.key");
  EXPECT_EQ(parsed->dns.deadline, 5s);
  ASSERT_EQ(parsed->dns.stub_zones.size(), 1u);
  EXPECT_EQ(parsed->dns.stub_zones[0].name, "corp.example.org");
}

TEST(Configuration, FromTheRootDnsIsValidatedUnlessToldNotTo) {
  EXPECT_EQ(parse(kSmall)->dns.trust_anchor_file, "");
  EXPECT_EQ(parse(std::string(kSmall) + "[dns]\nsource = \"root\"\n")->dns.trust_anchor_file,
            "/usr/share/dns/root.key");
  EXPECT_EQ(parse(std::string(kSmall) + "[dns]\nsource = \"root\"\ntrust_anchor = \"\"\n")->dns.trust_anchor_file, "");
}

TEST(Configuration, DnsIsValidatedWhereItIsProvenToWorkUnlessToldOtherwise) {
  struct Case {
    std::string_view section, always, proven;
  };
  const Case cases[] = {{"trust_anchor = \"/own.key\"", "/own.key", ""},
                        {"trust_anchor = \"/own.key\"\nvalidate = \"auto\"", "", "/own.key"},
                        {"trust_anchor = \"own.key\"\nvalidate = \"auto\"", "", "/etc/veredus/own.key"},
                        {"trust_anchor = \"/own.key\"\nvalidate = \"never\"", "", ""},
                        {"trust_anchor = \"\"", "", ""},
                        {"validate = \"never\"", "", ""},
                        {"validate = \"always\"", "/usr/share/dns/root.key", ""},
                        {"source = \"root\"\nvalidate = \"never\"", "", ""}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.section);
    const auto parsed = parse(std::string(kSmall) + "[dns]\n" + std::string(c.section) + "\n");
    ASSERT_TRUE(parsed) << to_string(parsed.error());
    EXPECT_EQ(parsed->dns.trust_anchor_file, c.always);
    EXPECT_EQ(parsed->proven_anchor, c.proven);
  }
  EXPECT_EQ(parse(kSmall)->proven_anchor, "/usr/share/dns/root.key");
  EXPECT_THAT(errors_of(std::string(kSmall) + "[dns]\ntrust_anchor = \"\"\nvalidate = \"auto\"\n"),
              ElementsAre(HasSubstr("needs 'dns.trust_anchor'")));
}

TEST(Configuration, MistakesOfDnsAreTold) {
  EXPECT_THAT(errors_of(std::string(kSmall) + "[dns]\nsource = \"forwarders\"\n"),
              ElementsAre(HasSubstr("names none")));
  EXPECT_THAT(errors_of(std::string(kSmall) + "[dns]\nsource = \"root\"\nforwarders = [\"192.0.2.53\"]\n"),
              ElementsAre(HasSubstr("are not asked")));
  EXPECT_THAT(errors_of(std::string(kSmall) + "[dns]\nforwarders = [\"resolver.test\"]\n"),
              ElementsAre(HasSubstr("wants addresses")));
  EXPECT_THAT(errors_of(std::string(kSmall) + "[[dns.stub_zone]]\nname = \"demo.test\"\n"),
              ElementsAre(HasSubstr("needs 'name' and 'servers'")));
  EXPECT_THAT(errors_of(std::string(kSmall) + "[dns]\ndeadline = \"1ms\"\n"), ElementsAre(HasSubstr("100ms")));
}

TEST(AcmeSection, AsksForACertificateAndUsesIt) {
  const std::string base =
      "hostname = \"mx.example.org\"\ndata_directory = \"data\"\n[[listener]]\n"
      "protocol = \"imaps\"\naddress = \"127.0.0.1:1993\"\n[acme]\n";
  const auto parse = [&](const std::string& text) {
    return parse_configuration(base + text, "veredus.toml", "/etc/veredus");
  };
  const auto parsed = parse("directory = \"https://acme.test/dir\"\nagree_to_terms = true\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->acme.names, std::vector<std::string>{"mx.example.org"});
  EXPECT_EQ(parsed->acme.addresses, std::vector<std::string>{"0.0.0.0:80"});
  ASSERT_EQ(parsed->certificates.size(), 1U);
  EXPECT_EQ(parsed->certificates[0].chain_file, "/etc/veredus/data/acme/certificate.pem");
  EXPECT_TRUE(parsed->imap.offer_tls);
  EXPECT_FALSE(parse("directory = \"https://acme.test/dir\"\n"));
  EXPECT_FALSE(parse("directory = \"http://acme.test/dir\"\nagree_to_terms = true\n"));
  EXPECT_FALSE(parse("directory = \"https://acme.test/dir\"\nagree_to_terms = true\nnames = [\"*.example.org\"]\n"));
}

}  // namespace
}  // namespace veredus::app::config
