#include "work/reports/reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "io/net/task_group.h"
#include "io/net/worker_pool.h"
#include "rules/reportmail/arrived.h"
#include "rules/reportmail/letter.h"
#include "support/mailboxes_fixture.h"
#include "support/scripted_resolver.h"
#include "wire/archive/unpack.h"
#include "work/reports/poster.h"

namespace veredus::work::reports {
namespace {

using namespace std::chrono_literals;
using rules::reportmail::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

/// Keeps what is posted.
class FakePoster final : public Poster {
 public:
  asio::awaitable<std::expected<unsigned, std::string>> post(std::string url, std::string content_type,
                                                             std::string body) override {
    urls.push_back(std::move(url));
    types.push_back(std::move(content_type));
    bodies.push_back(std::move(body));
    if (status == 0) co_return std::unexpected("nobody there");
    co_return status;
  }
  std::vector<std::string> urls, types, bodies;
  unsigned status = 201;
};

class ReportsTest : public test::MailboxesTest {
 protected:
  void begin() {
    options_.contact = "dmarc@demo.test";
    options_.addresses = {"reports@demo.test"};
    Reports::Parts parts{.clock = clock,
                         .engine = engine,
                         .resolver = dns_,
                         .mailboxes = *mailboxes,
                         .workers = workers_,
                         .tasks = tasks_,
                         .log = log_,
                         .metrics = metrics_,
                         .journal = journal_,
                         .submit = [this](ReportLetter letter) { return submit(std::move(letter)); },
                         .poster = &poster_,
                         .hostname = "mx.demo.test"};
    reports_ = std::make_unique<Reports>(std::move(parts), options_);
    ASSERT_TRUE(run(reports_->open()));
  }
  asio::awaitable<Submitted> submit(ReportLetter letter) {
    letters_.push_back(std::move(letter));
    co_return answer_;
  }
  [[nodiscard]] mailauth::Evaluation evaluation(const std::string& uri, const std::string& domain) const {
    mailauth::Evaluation what;
    what.source = *base::codec::parse_ip("192.0.2.7");
    what.header_from = domain;
    what.dmarc.policy_domain = domain;
    what.dmarc.result = rules::dmarc::Result::kPass;
    what.dmarc.dkim_aligned = true;
    if (!uri.empty()) what.dmarc.record.aggregate_reports = {{.uri = uri, .most_octets = most_octets_}};
    return what;
  }
  void evaluate(const std::string& uri, bool is_report = false) {
    auto what = evaluation(uri, "example.org");
    what.is_report = is_report;
    reports_->counting().record(std::move(what));
  }
  void connect(const std::string& domain) {
    smtpclient::TlsOutcome outcome;
    outcome.policy_domain = domain;
    outcome.mx_host = "mx." + domain;
    reports_->counting().record(outcome);
    outcome.result = smtpclient::TlsResult::kStartTlsNotSupported;
    reports_->counting().record(std::move(outcome));
  }
  Sender::Figures send() {
    const auto figures = run(reports_->send_now());
    EXPECT_TRUE(figures);
    return figures.value_or(Sender::Figures{});
  }
  rules::reportmail::Arrived read(const std::string& octets) {
    auto arrived = rules::reportmail::read_report(octets);
    EXPECT_TRUE(arrived) << (arrived ? "" : arrived.error().why);
    return arrived ? *std::move(arrived) : rules::reportmail::Arrived();
  }
  Filed file(std::string octets) { return run(reports_->arrivals().file(std::move(octets))).filed; }

  Options options_;
  test::ScriptedResolver dns_;
  io::net::WorkerPool workers_{{.threads = 1}};
  io::net::TaskGroup tasks_{io.get_executor()};
  base::observe::Logger log_;
  base::observe::Metrics metrics_;
  base::observe::NullEventSink journal_;
  FakePoster poster_;
  Submitted answer_ = Submitted::kTaken;
  std::optional<std::uint64_t> most_octets_;
  std::vector<ReportLetter> letters_;
  std::unique_ptr<Reports> reports_;
};

TEST_F(ReportsTest, TellsADomainWhatCameInItsName) {
  begin();
  evaluate("mailto:rua@example.org");
  evaluate("mailto:rua@example.org");
  EXPECT_EQ(send().sent, 1U);
  ASSERT_EQ(letters_.size(), 1U);
  EXPECT_EQ(letters_[0].from, "dmarc@demo.test");
  EXPECT_EQ(letters_[0].to, "rua@example.org");
  const auto arrived = read(letters_[0].octets);
  ASSERT_EQ(arrived.kind(), Kind::kAggregate);
  const auto& report = std::get<rules::aggregate::Report>(arrived.content);
  EXPECT_EQ(report.metadata.organization, "demo.test");
  EXPECT_THAT(report.metadata.report_id, testing::EndsWith("@demo.test"));
  EXPECT_EQ(report.policy.domain, "example.org");
  ASSERT_EQ(report.records.size(), 1U);
  EXPECT_EQ(report.records[0].count, 2U);
  // Once is enough.
  EXPECT_EQ(send().sent, 0U);
  EXPECT_EQ(letters_.size(), 1U);
}

TEST_F(ReportsTest, CountsNothingWithoutAContactOrARequest) {
  begin();
  evaluate("");
  EXPECT_EQ(send().not_wanted, 0U);
  Options silent = options_;
  silent.contact.clear();
  state::reports::Tally tally(engine, clock, {});
  Counting counting(tally, silent);
  mailauth::Evaluation what;
  what.dmarc.policy_domain = "example.org";
  what.dmarc.record.aggregate_reports = {{.uri = "mailto:a@example.org", .most_octets = {}}};
  counting.record(what);
  ASSERT_TRUE(run(tally.open()));
  EXPECT_FALSE(*run(tally.close_now()));
}

TEST_F(ReportsTest, AnswersReportsWithNoReports) {
  begin();
  evaluate("mailto:rua@example.org", true);
  const auto figures = send();
  EXPECT_EQ(figures.sent, 0U);
  EXPECT_EQ(figures.not_wanted, 1U);
  evaluate("mailto:rua@example.org", true);
  evaluate("mailto:rua@example.org");
  EXPECT_EQ(send().sent, 1U);
  const auto arrived = read(letters_[0].octets);
  EXPECT_EQ(std::get<rules::aggregate::Report>(arrived.content).records[0].count, 2U);
}

TEST_F(ReportsTest, SendsNothingToThoseWhoDidNotAskForIt) {  // RFC 9990 s4
  begin();
  evaluate("mailto:rua@victim.test");
  EXPECT_EQ(send().not_wanted, 1U);
  EXPECT_TRUE(letters_.empty());
  dns_.txt("example.org._report._dmarc.welcome.test", {"v=DMARC1"});
  evaluate("mailto:rua@welcome.test");
  EXPECT_EQ(send().sent, 1U);
  EXPECT_EQ(letters_[0].to, "rua@welcome.test");
}

TEST_F(ReportsTest, KeepsToTheSizeThatIsAskedFor) {  // RFC 9990 s3.5
  begin();
  most_octets_ = 100;
  evaluate("mailto:rua@example.org");
  EXPECT_EQ(send().sent, 0U);
  EXPECT_TRUE(letters_.empty());
  most_octets_ = 100'000;
  evaluate("mailto:rua@example.org");
  EXPECT_EQ(send().sent, 1U);
}

TEST_F(ReportsTest, TriesAgainUnderTheSameIdUntilItGivesUp) {
  begin();
  evaluate("mailto:rua@example.org");
  answer_ = Submitted::kTryLater;
  EXPECT_EQ(send().waiting, 1U);
  EXPECT_EQ(send().waiting, 1U);
  ASSERT_EQ(letters_.size(), 2U);
  EXPECT_EQ(letters_[0].id, letters_[1].id);
  clock.advance(48h);
  EXPECT_EQ(send().waiting, 0U);
  answer_ = Submitted::kTaken;
  EXPECT_EQ(send().sent, 0U);
}

TEST_F(ReportsTest, GoesOnAfterARestartWithWhatIsNotSent) {
  begin();
  evaluate("mailto:rua@example.org");
  answer_ = Submitted::kTryLater;
  EXPECT_EQ(send().waiting, 1U);
  begin();
  answer_ = Submitted::kTaken;
  EXPECT_EQ(send().sent, 1U);
  ASSERT_EQ(letters_.size(), 2U);
  EXPECT_EQ(letters_[0].id, letters_[1].id);
  begin();
  EXPECT_EQ(send().sent, 0U);
}

TEST_F(ReportsTest, SpreadsReportsOverTheHoursAfterTheDay) {
  options_.contact = "dmarc@demo.test";
  state::reports::Tally tally(engine, clock, {});
  ASSERT_TRUE(run(tally.open()));
  Sender sender({.clock = clock,
                 .tally = tally,
                 .resolver = dns_,
                 .workers = workers_,
                 .log = log_,
                 .metrics = metrics_,
                 .submit = [this](ReportLetter letter) { return submit(std::move(letter)); },
                 .poster = nullptr,
                 .hostname = "mx.demo.test"},
                options_);
  Counting counting(tally, options_);
  for (int i = 0; i < 40; ++i)
    counting.record(evaluation("mailto:rua@d" + std::to_string(i) + ".test", "d" + std::to_string(i) + ".test"));
  const auto midnight = std::chrono::floor<std::chrono::days>(clock.now()) + std::chrono::days(1);
  clock.advance(std::chrono::duration_cast<std::chrono::milliseconds>(midnight - clock.now()));
  ASSERT_TRUE(*run(tally.roll()));
  ASSERT_TRUE(run(sender.send(Sender::When::kDue)));
  EXPECT_LT(letters_.size(), 5U);
  EXPECT_GE(sender.next_due(), midnight);
  clock.advance(2h);
  ASSERT_TRUE(run(sender.send(Sender::When::kDue)));
  EXPECT_GT(letters_.size(), 5U);
  EXPECT_LT(letters_.size(), 35U);
  clock.advance(2h);
  ASSERT_TRUE(run(sender.send(Sender::When::kDue)));
  EXPECT_EQ(letters_.size(), 40U);
}

TEST_F(ReportsTest, TellsHowTlsWentByMailAndByHttps) {  // RFC 8460 s5.3, s5.4
  begin();
  dns_.txt("_smtp._tls.example.org", {"v=TLSRPTv1; rua=mailto:tls@reports.test,https://reports.test/v1"});
  connect("example.org");
  connect("example.org");
  connect("silent.test");
  const auto figures = send();
  EXPECT_EQ(figures.sent, 2U);
  EXPECT_EQ(figures.not_wanted, 1U);
  ASSERT_EQ(letters_.size(), 1U);
  EXPECT_THAT(letters_[0].octets, HasSubstr("TLS-Report-Domain: example.org\r\n"));
  const auto arrived = read(letters_[0].octets);
  ASSERT_EQ(arrived.kind(), Kind::kTls);
  const auto& report = std::get<rules::tlsrpt::Report>(arrived.content);
  ASSERT_EQ(report.policies.size(), 1U);
  EXPECT_EQ(report.policies[0].successful, 2U);
  EXPECT_EQ(report.policies[0].failed, 2U);
  ASSERT_EQ(report.policies[0].failures.size(), 1U);
  EXPECT_EQ(report.policies[0].failures[0].sessions, 2U);
  EXPECT_THAT(poster_.urls, ElementsAre("https://reports.test/v1"));
  EXPECT_THAT(poster_.types, ElementsAre("application/tlsrpt+gzip"));
  EXPECT_EQ(wire::archive::gunzip(poster_.bodies[0]), arrived.document);
}

TEST_F(ReportsTest, PostsAgainOnlyWhatWasNotTaken) {
  begin();
  dns_.txt("_smtp._tls.example.org", {"v=TLSRPTv1; rua=https://reports.test/v1,mailto:tls@reports.test"});
  connect("example.org");
  poster_.status = 503;
  EXPECT_EQ(send().waiting, 1U);
  EXPECT_EQ(letters_.size(), 1U);
  poster_.status = 200;
  EXPECT_EQ(send().sent, 1U);
  EXPECT_EQ(letters_.size(), 1U);
  EXPECT_EQ(poster_.urls.size(), 2U);
}

TEST_F(ReportsTest, KeepsReportsThatCame) {
  begin();
  evaluate("mailto:rua@example.org");
  ASSERT_EQ(send().sent, 1U);
  const std::string mail =
      "Authentication-Results: mx.demo.test; dmarc=pass header.from=demo.test\r\n" + letters_[0].octets;
  EXPECT_EQ(file(mail), Filed::kNew);
  EXPECT_EQ(file(mail), Filed::kKnown);
  EXPECT_EQ(file("Subject: hello\r\n\r\nHello.\r\n"), Filed::kNoReport);
  EXPECT_EQ(file(wire::archive::gzip(std::string(20'000'000, ' '))), Filed::kPacked);
  EXPECT_EQ(file("<html/>"), Filed::kContent);
  const auto listed = run(reports_->received().list({}));
  ASSERT_EQ(listed->size(), 1U);
  const auto& summary = (*listed)[0].summary;
  EXPECT_EQ(summary.domain, "example.org");
  EXPECT_EQ(summary.total, 1U);
  EXPECT_EQ(summary.passed, 1U);
  EXPECT_EQ(summary.author, "demo.test");
  EXPECT_EQ(summary.authenticated, "pass");
  ASSERT_EQ(summary.sources.size(), 1U);
  EXPECT_EQ(summary.sources[0].name, "192.0.2.7");
}

TEST_F(ReportsTest, LooksAtWhatIsDeliveredToItsAddressesAlone) {
  begin();
  evaluate("mailto:rua@example.org");
  ASSERT_EQ(send().sent, 1U);
  const auto stored = append(message(letters_[0].octets));
  const auto deliver = [&](const std::string& recipient) {
    base::observe::JournalEvent event;
    event.kind = "delivered";
    event.details = {{"account", std::to_string(kAccount.value)},
                     {"recipient", recipient},
                     {"email", std::to_string(stored.email.value)}};
    reports_->journal().record(event);
    for (int i = 0; i < 200 && tasks_.size() > 0; ++i) {
      if (io.stopped()) io.restart();
      io.run_one_for(50ms);
    }
    return run(reports_->received().list({}))->size();
  };
  EXPECT_EQ(deliver("alice@demo.test"), 0U);
  EXPECT_EQ(deliver("Reports@demo.test"), 1U);
}

}  // namespace
}  // namespace veredus::work::reports
