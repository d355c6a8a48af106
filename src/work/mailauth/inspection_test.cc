#include "work/mailauth/inspection.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/codec/base64.h"
#include "base/codec/utf8.h"
#include "base/crypto/signing_key.h"
#include "base/observe/metrics.h"
#include "io/net/task_group.h"
#include "rules/arc/sealing.h"
#include "rules/authres/results.h"
#include "rules/dkim/signing.h"
#include "support/run.h"
#include "support/scripted_resolver.h"
#include "work/mailauth/evaluation.h"
#include "work/mailauth/inspector.h"

namespace veredus::work::mailauth {
namespace {

namespace dkim = rules::dkim;
using DmarcResult = rules::dmarc::Result;
using SpfResult = rules::spf::Result;

constexpr SystemTime kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::string_view kBody = "Hello.\r\n";

class Recorder final : public EvaluationSink {
 public:
  void record(Evaluation evaluation) override { seen.push_back(std::move(evaluation)); }
  std::vector<Evaluation> seen;
};

/// bank.test sends from 192.0.2.1 alone, signs, and wants all else refused.
class InspectionTest : public ::testing::Test {
 protected:
  InspectionTest() {
    options_.authserv_id = "mx.demo.test";
    dns_.txt("bank.test", {"v=spf1 ip4:192.0.2.1 -all"});
    dns_.txt("_dmarc.bank.test", {"v=DMARC1; p=reject; rua=mailto:d@bank.test"});
    dns_.txt("s1._domainkey.bank.test", {"v=DKIM1; k=ed25519; p=" + base::codec::base64_encode(key_.public_octets())});
    dns_.txt("attacker.test", {"v=spf1 ip4:203.0.113.9 -all"});
    dns_.txt("s1._domainkey.attacker.test",
             {"v=DKIM1; k=ed25519; p=" + base::codec::base64_encode(key_.public_octets())});
    dns_.ptr("192.0.2.1", {"out.bank.test"}).a("out.bank.test", {"192.0.2.1"});
  }

  static Occasion from(std::string_view address, std::string mail_from) {
    return {.client = base::codec::parse_ip(address),
            .helo = "client.test",
            .mail_from = std::move(mail_from),
            .recipient_domains = {"demo.test"}};
  }

  [[nodiscard]] std::string signed_by(const std::string& domain, const std::string& header) const {
    dkim::SigningOptions options;
    dkim::BodyHash hash(options.body, std::nullopt);
    hash.feed(kBody);
    const dkim::SigningName name{.domain = domain, .selector = "s1", .identity = ""};
    return dkim::sign(header, hash.finish(), name, key_, options, kNow) + header;
  }

  Findings inspect(Occasion occasion, const std::string& header, std::string_view body = kBody) {
    if (!inspector_) inspector_.emplace(parts(), options_);
    auto inspection = inspector_->begin(std::move(occasion));
    EXPECT_TRUE(inspection);
    if (!inspection) return {};
    inspection->header(header);
    inspection->body(body);
    return test::run(io_, inspector_->conclude(inspection.get()));
  }

  Inspector::Parts parts() { return {.resolver = dns_, .clock = clock_, .metrics = metrics_, .evaluations = &sink_}; }

  asio::io_context io_;
  FixedClock clock_{kNow};
  test::ScriptedResolver dns_;
  base::observe::Metrics metrics_;
  base::crypto::PrivateKey key_ = base::crypto::PrivateKey::make_ed25519();
  Recorder sink_;
  InspectionOptions options_;
  std::optional<Inspector> inspector_;
};

TEST_F(InspectionTest, FindsTheAuthorsOwnHost) {
  const auto findings = inspect(from("192.0.2.1", "alice@bank.test"), "From: alice@bank.test\r\n");
  EXPECT_EQ(findings.spf.mail_from.result, SpfResult::kPass);
  EXPECT_EQ(findings.dmarc.result, DmarcResult::kPass);
  EXPECT_EQ(findings.reverse.result, ReverseResult::kPass);
  EXPECT_EQ(findings.disposition, Disposition::kDeliver);
  const auto results = rules::authres::read_field(findings.results);
  ASSERT_TRUE(results) << findings.results;
  EXPECT_EQ(results->authserv_id, "mx.demo.test");
  std::string words;
  for (const auto& method : results->methods) words += method.method + "=" + method.result + " ";
  EXPECT_EQ(words, "spf=pass dkim=none dmarc=pass iprev=pass ");
}

TEST_F(InspectionTest, BelievesASignatureFromAnywhere) {
  const auto header = signed_by("bank.test", "From: alice@bank.test\r\nSubject: x\r\n");
  const auto findings = inspect(from("198.51.100.7", "list@attacker.test"), header);
  ASSERT_EQ(findings.dkim.size(), 1U);
  EXPECT_EQ(findings.dkim.front().result, dkim::Result::kPass) << findings.dkim.front().problem;
  EXPECT_TRUE(findings.dmarc.dkim_aligned);
  EXPECT_EQ(findings.disposition, Disposition::kDeliver);
  const auto changed = inspect(from("198.51.100.7", "list@attacker.test"), header, "Pay me.\r\n");
  EXPECT_EQ(changed.dkim.front().result, dkim::Result::kFail);
  EXPECT_EQ(changed.disposition, Disposition::kRefuse);
}

TEST_F(InspectionTest, RefusesForgeriesAndTellsOfThem) {
  const auto header = signed_by("attacker.test", "From: admin@bank.test\r\n");
  const auto findings = inspect(from("203.0.113.9", "me@attacker.test"), header);
  EXPECT_EQ(findings.spf.mail_from.result, SpfResult::kPass);
  EXPECT_EQ(findings.dkim.front().result, dkim::Result::kPass);
  EXPECT_EQ(findings.dmarc.result, DmarcResult::kFail);
  EXPECT_EQ(findings.disposition, Disposition::kRefuse);
  ASSERT_EQ(sink_.seen.size(), 1U);
  const auto& evaluation = sink_.seen.front();
  EXPECT_EQ(evaluation.header_from, "bank.test");
  EXPECT_EQ(evaluation.envelope_from, "attacker.test");
  EXPECT_EQ(to_string(evaluation.source), "203.0.113.9");
  EXPECT_EQ(evaluation.disposition, Disposition::kRefuse);
  EXPECT_EQ(evaluation.dmarc.record.aggregate_reports.size(), 1U);
  EXPECT_EQ(evaluation.envelope_to, std::vector<std::string>{"demo.test"});
}

/// What an attacker who owns attacker.test sends, with SPF and DKIM in order: never authenticated as bank.test.
TEST_F(InspectionTest, EndsNoTrickAsAuthenticated) {
  const std::string headers[] = {
      "From: <me@attacker.test>\r\nFrom: <admin@bank.test>\r\n",
      "From: <admin@bank.test>\r\nFrom: <me@attacker.test>\r\n",
      "From: <me@attacker.test>, <admin@bank.test>\r\n",
      "From: <admin@bank.test>, <me@attacker.test>\r\n",
      "From: admin@bank.test <me@attacker.test>\r\n",
      "From: <admin@bank.test><me@attacker.test>\r\n",
      "From: <@attacker.test,@any.test:admin@bank.test>\r\n",
      " From: <admin@bank.test>\r\nFrom: <me@attacker.test>\r\n",
      "From: <me@attacker.test>\r\nFrom\x01: <admin@bank.test>\r\n",
      "From: <me@attacker.test>\r\nX: y\rFrom: <admin@bank.test>\r\n",
      std::string("From: <admin@bank.test\0@attacker.test>\r\n", 39),
      "From: <admin@bank.test>\r\nSender: <me@attacker.test>\r\n",
      "From: =?utf-8?Q?<admin=40bank.test>?=\r\n",
      "From: <admin@bank.test\x01me@attacker.test>\r\n",
      "From: <me@attacker.test>\r\nX: a\r\n b\rFrom: <admin@bank.test>\r\n",
  };
  for (const auto& header : headers) {
    SCOPED_TRACE(header);
    const auto findings = inspect(from("203.0.113.9", "me@attacker.test"), signed_by("attacker.test", header));
    EXPECT_NE(findings.dmarc.result, DmarcResult::kPass) << findings.results;
    EXPECT_EQ(findings.results.find("dmarc=pass"), std::string::npos);
  }
}

/// Readers show something as the author, and no domain answers for it.
TEST_F(InspectionTest, PutsMessagesWithoutAnAuthorsDomainAside) {
  for (const std::string header : {"From: \"admin@bank.test\"\r\n", "From: =?utf-8?Q?<admin=40bank.test>?=\r\n",
                                   "From: admin@[192.0.2.1]\r\n", "From: admin\r\n", "Subject: no author\r\n"}) {
    SCOPED_TRACE(header);
    const auto findings = inspect(from("203.0.113.9", "me@attacker.test"), signed_by("attacker.test", header));
    EXPECT_EQ(findings.dmarc.result, DmarcResult::kPermerror);
    EXPECT_EQ(findings.author_problem, "the message has no author with a domain");
    EXPECT_EQ(findings.disposition, Disposition::kJunk);
  }
}

/// Who is exempt, or known as a list, speaks for nobody beside him.
TEST_F(InspectionTest, ExemptsNobodyElseInTheSameField) {
  dns_.txt("_dmarc.partner.test", {"v=DMARC1; p=reject"});
  options_.exempt_authors = {"partner.test"};
  const auto alone = inspect(from("203.0.113.9", "me@attacker.test"), "From: <a@partner.test>\r\n");
  EXPECT_EQ(alone.disposition, Disposition::kDeliver);
  const auto both = inspect(from("203.0.113.9", "me@attacker.test"), "From: <a@partner.test>, <admin@bank.test>\r\n");
  EXPECT_EQ(both.disposition, Disposition::kJunk);
  EXPECT_EQ(both.author_problem, "there are several authors, and not all are authenticated");
}

TEST_F(InspectionTest, WritesNothingOfAPeersAsAResult) {
  dns_.txt("evil.test", {"v=spf1 -all"});
  const auto findings =
      inspect(from("203.0.113.9", "a;dmarc=pass header.from=bank.test\r\nX: y@evil.test"),
              "From: <x@evil.test>\r\nDKIM-Signature: v=1; a=rsa-sha256; d=bank.test(.evil.test; s=\"; "
              "dmarc=pass; h=from; bh=AA==; b=AA==\r\n");
  const auto results = rules::authres::read_field(findings.results);
  ASSERT_TRUE(results) << findings.results;
  for (const auto& method : results->methods) EXPECT_NE(method.result, "pass") << findings.results;
  EXPECT_EQ(findings.results.find("\nX:"), std::string::npos);
}

TEST_F(InspectionTest, TellsTheJournalNothingThatPeopleCannotRead) {
  const auto findings = inspect(
      from("203.0.113.9", "a@evil.test"),
      "From: <x@evil.test>\r\nDKIM-Signature: v=1; d=\xFF\x1B[2J.test; s=" + std::string(2'000, 'x') + "; b=AA==\r\n");
  ASSERT_EQ(findings.dkim.size(), 1U);
  for (const auto& [name, value] : findings.decisions) {
    EXPECT_TRUE(base::codec::is_valid_utf8(value)) << name;
    EXPECT_EQ(value.find('\x1B'), std::string::npos) << name;
    EXPECT_LT(value.size(), 1'000U) << name;
  }
}

TEST_F(InspectionTest, WritesNoLongLinesWhateverPeersSay) {  // RFC 5322 s2.1.1
  options_.received_spf = true;
  const std::string words(3'000, '\\');
  auto occasion = from("203.0.113.9", words + "@evil.test");
  occasion.helo = words;
  const auto findings =
      inspect(std::move(occasion), "From: <x@evil.test>\r\nDKIM-Signature: v=1; d=" + words + "; s=" + words +
                                       "; i=" + words + "; a=" + words + "; b=AA==\r\n");
  const auto fields = findings.results + "\r\n" + findings.received_spf + "\r\n";
  for (std::size_t at = 0; at < fields.size();) {
    const auto end = fields.find("\r\n", at);
    EXPECT_LT(end - at, 950U) << fields.substr(at, 100);
    at = end + 2;
  }
}

TEST_F(InspectionTest, TakesHeloForTheNullSender) {  // RFC 7208 s2.4
  dns_.txt("out.bank.test", {"v=spf1 ip4:192.0.2.1 -all"});
  auto occasion = from("192.0.2.1", "");
  occasion.helo = "out.bank.test";
  const auto findings = inspect(std::move(occasion), "From: postmaster@bank.test\r\n");
  EXPECT_EQ(findings.dmarc.result, DmarcResult::kPass);
  EXPECT_TRUE(findings.dmarc.spf_aligned);
}

TEST_F(InspectionTest, AsksEachThingOnce) {
  inspect(from("192.0.2.1", "alice@bank.test"), "From: alice@bank.test\r\n");
  const auto asked = dns_.asked();
  inspect(from("192.0.2.1", "alice@bank.test"), "From: alice@bank.test\r\n");
  EXPECT_EQ(dns_.asked(), asked);
}

TEST_F(InspectionTest, TakesMailWhenDnsDoesNotAnswer) {
  dns_.fail("bank.test", io::dns::DnsError::kTimeout).fail("_dmarc.bank.test", io::dns::DnsError::kTimeout);
  const auto findings = inspect(from("203.0.113.9", "alice@bank.test"), "From: alice@bank.test\r\n");
  EXPECT_EQ(findings.spf.mail_from.result, SpfResult::kTemperror);
  EXPECT_EQ(findings.dmarc.result, DmarcResult::kTemperror);
  EXPECT_EQ(findings.disposition, Disposition::kDeliver);
}

TEST_F(InspectionTest, FollowsASealerWeTrust) {
  options_.trusted_sealers = {"attacker.test"};
  const std::string header = "From: alice@bank.test\r\nSubject: [list] x\r\n";
  dkim::BodyHash hash(dkim::Canonical::kRelaxed, std::nullopt);
  hash.feed(kBody);
  const dkim::SigningName name{.domain = "attacker.test", .selector = "s1", .identity = ""};
  const auto sealed = rules::arc::seal(header, hash.finish(), rules::arc::Result::kNone,
                                       "mx.attacker.test; dmarc=pass header.from=bank.test", name, key_,
                                       rules::arc::SealingOptions(), kNow) +
                      header;
  const auto findings = inspect(from("203.0.113.9", "list@attacker.test"), sealed);
  EXPECT_EQ(findings.arc.result, rules::arc::Result::kPass) << findings.arc.problem;
  EXPECT_EQ(findings.disposition, Disposition::kDeliver);
  ASSERT_EQ(findings.overrides.size(), 1U);
  EXPECT_EQ(findings.overrides.front().kind, OverrideKind::kTrustedForwarder);
}

TEST_F(InspectionTest, LooksOnceAtWhoBringsOneMessageAfterTheOther) {
  const std::string header = "From: alice@bank.test\r\n";
  const auto first = inspect(from("192.0.2.1", "alice@bank.test"), header);
  const auto asked = inspector_->answers().figures().known + inspector_->answers().figures().asked;
  const auto second = inspect(from("192.0.2.1", "bob@BANK.test"), header);
  EXPECT_EQ(inspector_->answers().figures().known + inspector_->answers().figures().asked, asked) << "not even memory";
  EXPECT_EQ(second.spf.mail_from.result, SpfResult::kPass);
  EXPECT_EQ(second.spf.mail_from.mechanism, first.spf.mail_from.mechanism);
  EXPECT_EQ(second.reverse.name, "out.bank.test");
  EXPECT_EQ(second.dmarc.result, DmarcResult::kPass);
  EXPECT_EQ(second.disposition, Disposition::kDeliver);

  EXPECT_EQ(inspect(from("192.0.2.2", "alice@bank.test"), header).spf.mail_from.result, SpfResult::kFail);
  auto elsewhere = from("192.0.2.1", "alice@bank.test");
  elsewhere.helo = "attacker.test";
  EXPECT_EQ(inspect(elsewhere, header).spf.helo.result, SpfResult::kFail);
  EXPECT_EQ(inspect(from("192.0.2.1", "x@attacker.test"), header).spf.mail_from.result, SpfResult::kFail);
  EXPECT_EQ(inspect(from("192.0.2.1", ""), header).spf.mail_from.result, SpfResult::kNone) << "HELO's";
  EXPECT_EQ(inspect(from("192.0.2.1", "alice@bank.test"), "From: b@attacker.test\r\n").dmarc.result,
            DmarcResult::kNone);
  EXPECT_EQ(inspect(from("192.0.2.2", "alice@bank.test"), header).disposition, Disposition::kRefuse)
      << "nothing passed for the author";
}

TEST_F(InspectionTest, LooksAtEachSenderWhereThePolicyDoes) {  // RFC 7208 s7.2
  dns_.txt("each.test", {"v=spf1 exists:%{l}.ok.each.test -all"}).a("alice.ok.each.test", {"127.0.0.2"});
  const auto result = [this](const std::string& sender) {
    return inspect(from("192.0.2.1", sender), "From: a@each.test\r\n").spf.mail_from.result;
  };
  EXPECT_EQ(result("alice@each.test"), SpfResult::kPass);
  EXPECT_EQ(result("bob@each.test"), SpfResult::kFail);
  EXPECT_EQ(result("alice@each.test"), SpfResult::kPass);
}

TEST_F(InspectionTest, ForgetsInAMoment) {
  dns_.ttl(std::chrono::seconds(1));
  const std::string header = "From: alice@bank.test\r\n";
  EXPECT_EQ(inspect(from("198.51.100.7", "alice@bank.test"), header).spf.mail_from.result, SpfResult::kFail);
  dns_.txt("bank.test", {"v=spf1 ip4:198.51.100.7 -all"});
  EXPECT_EQ(inspect(from("198.51.100.7", "alice@bank.test"), header).spf.mail_from.result, SpfResult::kFail);
  clock_.advance(std::chrono::seconds(6));
  EXPECT_EQ(inspect(from("198.51.100.7", "alice@bank.test"), header).spf.mail_from.result, SpfResult::kPass);
}

TEST_F(InspectionTest, AsksAnewWhereDnsDidNotAnswer) {
  dns_.fail("bank.test", io::dns::DnsError::kServerFailure);
  const std::string header = "From: alice@bank.test\r\n";
  EXPECT_EQ(inspect(from("192.0.2.1", "alice@bank.test"), header).spf.mail_from.result, SpfResult::kTemperror);
  const auto asked = inspector_->answers().figures().known;
  EXPECT_EQ(inspect(from("192.0.2.1", "alice@bank.test"), header).spf.mail_from.result, SpfResult::kTemperror);
  EXPECT_GT(inspector_->answers().figures().known, asked);
}

TEST_F(InspectionTest, AsksAnewWhereAListDidNotAnswer) {
  options_.lists = {{.zone = "list.test", .weight = 5, .answers = {}}};
  const std::string header = "From: alice@bank.test\r\n";
  const auto looked_again = [&](std::string_view address) {
    inspect(from(address, "alice@bank.test"), header);
    const auto known = inspector_->answers().figures().known;
    EXPECT_TRUE(inspect(from(address, "alice@bank.test"), header).listed.empty());
    return inspector_->answers().figures().known > known;
  };
  EXPECT_FALSE(looked_again("192.0.2.1")) << "it is not on the list";
  dns_.fail("7.2.0.192.list.test", io::dns::DnsError::kTimeout);
  EXPECT_TRUE(looked_again("192.0.2.7"));
}

TEST_F(InspectionTest, TakesNoClientForAnotherWhateverItsHelo) {
  auto v4 = from("203.0.113.9", "x@attacker.test");
  v4.helo = std::string("abcdefghijk\0client.test", 23);  // as if its address went on
  EXPECT_EQ(inspect(v4, "From: x@attacker.test\r\n").spf.mail_from.result, SpfResult::kPass);
  const auto v6 = from("cb00:7109:61:6263:6465:6667:6869:6a6b", "x@attacker.test");
  EXPECT_EQ(inspect(v6, "From: x@attacker.test\r\n").spf.mail_from.result, SpfResult::kFail);
}

TEST_F(InspectionTest, SaysReceivedSpfWhenItIsWanted) {  // RFC 7208 s9.1
  options_.received_spf = true;
  const auto findings = inspect(from("192.0.2.1", "alice@bank.test"), "From: alice@bank.test\r\n");
  EXPECT_TRUE(findings.received_spf.starts_with("pass receiver=\"mx.demo.test\";")) << findings.received_spf;
}

TEST_F(InspectionTest, LeavesTrustedNetworksAlone) {
  Inspector inspector(parts(), options_);
  EXPECT_FALSE(inspector.begin(from("127.0.0.1", "a@bank.test")));
  EXPECT_FALSE(inspector.begin(Occasion{}));
  EXPECT_TRUE(inspector.begin(from("192.0.2.1", "a@bank.test")));
  options_.on = false;
  inspector.change(options_);
  EXPECT_FALSE(inspector.begin(from("192.0.2.1", "a@bank.test")));
}

TEST_F(InspectionTest, TakesForgedResultsOutOfTheHeader) {  // RFC 8601 s5
  const Inspector inspector(parts(), options_);
  const std::string header =
      "Subject: x\r\nAuthentication-Results: mx.demo.test;\r\n dmarc=pass\r\nauthentication-results: other.test; "
      "spf=pass\r\nAuthentication-Results : MX.demo.test (x) 1; spf=pass\r\nFrom: a@b.test\r\n\r\n";
  const auto kept = inspector.without_forged_results(header);
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, "Subject: x\r\nauthentication-results: other.test; spf=pass\r\nFrom: a@b.test\r\n\r\n");
  EXPECT_FALSE(inspector.without_forged_results(*kept));
}

/// Never answers.
class SilentResolver final : public io::dns::Resolver {
 public:
  Result<io::dns::MxRecord> mx(std::string) override { return never<io::dns::MxRecord>(); }
  Result<io::net::IpAddress> a(std::string) override { return never<io::net::IpAddress>(); }
  Result<io::net::IpAddress> aaaa(std::string) override { return never<io::net::IpAddress>(); }
  Result<std::string> txt(std::string) override { return never<std::string>(); }
  Result<io::dns::TlsaRecord> tlsa(std::string) override { return never<io::dns::TlsaRecord>(); }
  Result<io::dns::SrvRecord> srv(std::string) override { return never<io::dns::SrvRecord>(); }
  Result<std::string> ptr(io::net::IpAddress) override { return never<std::string>(); }
  Result<std::string> cname(std::string) override { return never<std::string>(); }
  Result<std::string> ns(std::string) override { return never<std::string>(); }

 private:
  template <class Record>
  static Result<Record> never() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(std::chrono::hours(1));
    co_await timer.async_wait(asio::use_awaitable);
    co_return std::unexpected(io::dns::DnsError::kStopped);
  }
};

TEST(AnInspectionWithoutDns, EndsAtItsDeadline) {
  asio::io_context io;
  MachineClock clock;  // the wait itself is looked at
  SilentResolver dns;
  Answers answers(dns, clock, {});
  auto options = std::make_shared<InspectionOptions>();
  options->patience = std::chrono::milliseconds(50);
  Recollections recollections;
  Inspection inspection(&answers, &recollections, &clock, options,
                        {.client = base::codec::parse_ip("192.0.2.1"),
                         .helo = "client.test",
                         .mail_from = "a@bank.test",
                         .recipient_domains = {}});
  inspection.header("From: a@bank.test\r\n");
  const auto begun = clock.steady_now();
  const auto findings = test::run(io, inspection.conclude());
  EXPECT_LT(clock.steady_now() - begun, std::chrono::seconds(5));
  EXPECT_EQ(findings.spf.mail_from.result, SpfResult::kTemperror);
  EXPECT_EQ(findings.dmarc.result, DmarcResult::kTemperror);
  EXPECT_EQ(findings.reverse.result, ReverseResult::kTemperror);
  EXPECT_EQ(findings.disposition, Disposition::kDeliver);
}

TEST(AnInspectionWithoutDns, LeavesNoMoreThanSoManyQuestionsBehind) {
  asio::io_context io;
  io::net::TaskGroup tasks(io.get_executor());
  const MachineClock clock;
  SilentResolver dns;
  base::observe::Metrics metrics;
  Inspector inspector({.resolver = dns, .clock = clock, .metrics = metrics, .tasks = &tasks}, InspectionOptions());
  for (int i = 0; i < 1'500; ++i) {  // messages that are begun, and given up
    EXPECT_TRUE(inspector.begin({.client = base::codec::parse_ip("192.0.2.1"),
                                 .helo = "client.test",
                                 .mail_from = "a@d" + std::to_string(i) + ".test",
                                 .recipient_domains = {}}));
    io.restart();
    io.poll();
  }
  EXPECT_GE(tasks.size(), 1'000U);
  EXPECT_LE(tasks.size(), 1'002U);
  asio::co_spawn(io, tasks.stop(), asio::detached);
  io.restart();
  io.run();
}

}  // namespace
}  // namespace veredus::work::mailauth
