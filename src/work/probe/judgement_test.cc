#include "work/probe/judgement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "work/probe/presentation.h"

namespace veredus::work::probe {
namespace {

using namespace std::chrono_literals;

const SystemTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

wire::smtp::Capabilities good_capabilities() {
  wire::smtp::Capabilities offers;
  offers.pipelining = offers.eight_bit_mime = offers.smtputf8 = offers.start_tls = true;
  offers.size = 50'000'000;
  return offers;
}

/// A server without fault.
Session good_session() {
  Session session{.host = "mx.example.org", .address = io::net::Endpoint::parse("198.51.100.1:25").value()};
  session.stage = Stage::kQuit;
  session.reverse_names = {"mx.example.org"};
  session.reverse_confirmed = true;
  session.greeting = wire::smtp::make_plain_reply(220, "mx.example.org ESMTP");
  session.extended = true;
  session.plain = session.secure = good_capabilities();
  session.pipelining_works = true;
  Certificate leaf{.subject = "CN=mx.example.org", .not_before = kNow - 24h, .not_after = kNow + 60 * 24h};
  leaf.security_bits = 128;
  leaf.signature = "ecdsa-with-SHA256";
  Tls tls{.version = "TLSv1.3", .cipher = "TLS_AES_256_GCM_SHA384", .cipher_bits = 256};
  tls.chain = {.certificates = {leaf}, .trusted = true, .name_matches = true};
  session.tls = tls;
  session.trials = {{.kind = Trial::Kind::kUnknown,
                     .recipient = "nobody@example.org",
                     .mail = wire::smtp::make_reply(250, 1, 0, "ok"),
                     .rcpt = wire::smtp::make_reply(550, 1, 1, "no such user")}};
  return session;
}

Report report_of(std::vector<Session> sessions) {
  Report report{.target = "mx.example.org port 25", .at = kNow, .sessions = std::move(sessions)};
  judge(report);
  return report;
}

bool finds(const Report& report, std::string_view code) {
  return std::ranges::any_of(report.findings, [&](const Finding& f) { return f.code == code; });
}

TEST(Judge, AServerWithoutFaultGetsAnA) {
  const auto report = report_of({good_session()});
  EXPECT_EQ(report.grade, 'A') << text_of(report, Detail::kSummary);
}

TEST(Judge, EachFaultIsFoundAndCosts) {
  struct Case {
    const char* code;
    char grade;
    void (*spoil)(Session&);
  };
  const Case cases[] = {
      {"no-starttls", 'C',
       [](Session& s) {
         s.tls.reset();
         s.secure.reset();
         s.plain->start_tls = false;
       }},
      {"tls-failed", 'C', [](Session& s) { s.tls_failure = "wrong version number"; }},
      {"old-tls", 'C', [](Session& s) { s.tls->version = "TLSv1"; }},
      {"weak-cipher", 'C', [](Session& s) { s.tls->cipher_bits = 56; }},
      {"certificate-expired", 'C', [](Session& s) { s.tls->chain.certificates[0].not_after = kNow - 24h; }},
      {"certificate-expires", 'B', [](Session& s) { s.tls->chain.certificates[0].not_after = kNow + 5 * 24h; }},
      {"certificate-name", 'B', [](Session& s) { s.tls->chain.name_matches = false; }},
      {"certificate-untrusted", 'B', [](Session& s) { s.tls->chain.trusted = false; }},
      {"weak-key", 'B', [](Session& s) { s.tls->chain.certificates[0].security_bits = 80; }},
      {"weak-signature", 'B', [](Session& s) { s.tls->chain.certificates[0].signature = "sha1WithRSAEncryption"; }},
      {"open-relay", 'F',
       [](Session& s) {
         s.trials.push_back({.kind = Trial::Kind::kRelay,
                             .recipient = "relay-test@example.com",
                             .rcpt = wire::smtp::make_reply(250, 1, 5, "ok")});
       }},
      {"takes-unknown", 'B', [](Session& s) { s.trials[0].rcpt = wire::smtp::make_reply(250, 1, 5, "ok"); }},
      {"no-postmaster", 'B',
       [](Session& s) {
         s.trials.push_back({.kind = Trial::Kind::kPostmaster, .rcpt = wire::smtp::make_reply(550, 1, 1, "no")});
       }},
      {"no-reverse-dns", 'B', [](Session& s) { s.reverse_names.clear(); }},
      {"reverse-dns-mismatch", 'B', [](Session& s) { s.reverse_confirmed = false; }},
      {"no-ehlo", 'C', [](Session& s) { s.extended = false; }},
      {"pipelining-broken", 'C', [](Session& s) { s.pipelining_works = false; }},
      {"no-pipelining", 'A', [](Session& s) { s.secure->pipelining = false; }},
      {"small-size", 'B', [](Session& s) { s.secure->size = 1'000'000; }},
      {"slow-greeting", 'B', [](Session& s) { s.greeting_took = 20s; }},
      {"auth-without-tls", 'C', [](Session& s) { s.plain->auth = {"PLAIN"}; }},
      {"auth-failed", 'F',
       [](Session& s) { s.authentication = Authentication{"PLAIN", wire::smtp::make_reply(535, 7, 8, "no"), ""}; }},
      {"message-refused", 'F',
       [](Session& s) { s.sending = Sending{.reply = wire::smtp::make_reply(550, 7, 1, "no"), .command = "RCPT"}; }},
      {"session-failed", 'F',
       [](Session& s) {
         s.stage = Stage::kHello;
         s.failure = "the server closed the connection";
       }},
      {"unreachable", 'F', [](Session& s) {
         s.unreachable = true;
         s.failure = "connection refused";
       }}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.code);
    auto session = good_session();
    c.spoil(session);
    const auto report = report_of({session});
    EXPECT_TRUE(finds(report, c.code)) << text_of(report, Detail::kSummary);
    EXPECT_EQ(report.grade, c.grade) << text_of(report, Detail::kSummary);
  }
}

TEST(Judge, SeveralMajorFaultsAreWorseThanOne) {
  auto session = good_session();
  session.tls->version = "TLSv1.1";
  session.tls->cipher_bits = 56;
  EXPECT_EQ(report_of({session}).grade, 'D');
}

TEST(Judge, APercentAddressIsNoRelayWhereAllIsTaken) {
  auto session = good_session();
  session.trials[0].rcpt = wire::smtp::make_reply(250, 1, 5, "ok");
  session.trials.push_back({.kind = Trial::Kind::kRelayPercent, .rcpt = wire::smtp::make_reply(250, 1, 5, "ok")});
  EXPECT_FALSE(finds(report_of({session}), "open-relay"));
}

TEST(Judge, WithoutIpv6HereAnIpv6AddressIsOnlyNoted) {
  auto other = good_session();
  other.address = io::net::Endpoint::parse("[2001:db8::1]:25").value();
  other.unreachable = true;
  const auto report = report_of({good_session(), other});
  EXPECT_TRUE(finds(report, "ipv6-untested"));
  EXPECT_EQ(report.grade, 'A');
}

TEST(Judge, TheSameAtSeveralAddressesIsOneFinding) {
  auto one = good_session();
  one.tls->version = "TLSv1";
  auto two = one;
  two.address = io::net::Endpoint::parse("198.51.100.2:25").value();
  const auto report = report_of({one, two});
  ASSERT_EQ(std::ranges::count(report.findings, "old-tls", &Finding::code), 1);
  EXPECT_NE(report.findings.front().where.find("198.51.100.2"), std::string::npos);
  EXPECT_EQ(report.grade, 'C');
}

TEST(Judge, ADomainIsJudgedByItsRecords) {
  struct Case {
    MailRoute route;
    const char* code;
    char grade;
  };
  for (const auto& c : {Case{MailRoute::kNoSuchDomain, "no-such-domain", 'F'},
                        {MailRoute::kDnsFailed, "dns-failed", 'F'},
                        {MailRoute::kNone, "no-mail-host", 'F'},
                        {MailRoute::kNullMx, "null-mx", 'A'}}) {
    SCOPED_TRACE(c.code);
    Report report{.target = "example.org", .at = kNow, .domain = Domain{.name = "example.org", .route = c.route}};
    judge(report);
    EXPECT_TRUE(finds(report, c.code));
    EXPECT_EQ(report.grade, c.grade);
  }
}

TEST(Presentation, JsonIsOneObjectWithAllThatWasSeen) {
  auto session = good_session();
  session.dialogue = {{1ms, Side::kServer, "220 mx.example.org"}};
  const auto json = boost::json::parse(json_of(report_of({session})));
  EXPECT_EQ(json.at("grade").as_string(), "A");
  const auto& first = json.at("sessions").at(0);
  EXPECT_EQ(first.at("address").as_string(), "198.51.100.1:25");
  EXPECT_EQ(first.at("tls").at("version").as_string(), "TLSv1.3");
  EXPECT_EQ(first.at("tls").at("chain").at(0).at("not_after").as_string(), "2027-01-21T00:00:00Z");
  EXPECT_EQ(first.at("after_tls").at("size").to_number<int>(), 50'000'000);
  EXPECT_EQ(first.at("dialogue").at(0).at("from").as_string(), "server");
  EXPECT_FALSE(first.at("trials").at(0).at("accepted").as_bool());
}

TEST(Presentation, WhatAServerSaysNeitherSteersTheTerminalNorBreaksTheJson) {
  auto session = good_session();
  session.secure_keywords = {"X\x1B[2J", "Y\xFF"};
  const auto report = report_of({session});
  EXPECT_EQ(text_of(report, Detail::kSummary).find('\x1B'), std::string::npos);
  EXPECT_EQ(boost::json::parse(json_of(report)).at("sessions").at(0).at("after_tls").at("keywords").at(1).as_string(),
            "Y\xEF\xBF\xBD");
}

TEST(Presentation, TextShowsTheDialogueOnlyWhenAsked) {
  auto session = good_session();
  session.dialogue = {{1ms, Side::kServer, "220 mx.example.org at your service"}};
  const auto report = report_of({session});
  EXPECT_EQ(text_of(report, Detail::kSummary).find("at your service"), std::string::npos);
  EXPECT_NE(text_of(report, Detail::kDialogue).find("0.001 S: 220 mx.example.org at your service"), std::string::npos);
}

}  // namespace
}  // namespace veredus::work::probe
