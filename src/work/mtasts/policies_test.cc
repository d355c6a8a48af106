#include "work/mtasts/policies.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <functional>
#include <sstream>
#include <utility>

#include "base/codec/hex.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "io/engine/memory_engine.h"
#include "io/http/message.h"
#include "io/net/reactor.h"
#include "support/run.h"
#include "support/scripted_resolver.h"

namespace veredus::work::mtasts {
namespace {

using io::engine::MemoryEngine;
using rules::mtasts::Mode;
using rules::mtasts::Policy;
using smtpclient::TlsResult;
using namespace std::chrono_literals;

constexpr SystemTime kNow{std::chrono::milliseconds{1'790'000'000'123}};

Policy policy_for(std::string host, Mode mode = Mode::kEnforce) {
  return {.mode = mode, .max_age = std::chrono::days(7), .mx = {std::move(host)}};
}

asio::awaitable<int> to_its_end(asio::awaitable<void> work) {
  co_await std::move(work);
  co_return 0;
}

class PoliciesTest : public ::testing::Test {
 protected:
  PoliciesTest() { restart(); }
  void restart() {
    auto fetch = [this](std::string domain) { return fetch_for(this, std::move(domain)); };
    Policies::Parts parts{
        .clock = clock_, .engine = engine_, .resolver = dns_, .log = log_, .metrics = metrics_, .fetch = fetch};
    policies_ = std::make_unique<Policies>(std::move(parts), Policies::Options{});
  }
  void publish(const std::string& id) { dns_.txt("_mta-sts.example.org", {"v=STSv1; id=" + id}); }
  std::shared_ptr<const smtpclient::StsStanding> find() { return test::run(io_, policies_->find("example.org")); }
  /// Whom the policy that holds lists; empty: none does.
  std::string listed() {
    const auto standing = find();
    return standing->policy ? standing->policy->mx.at(0) : "";
  }
  void refresh() { test::run(io_, to_its_end(policies_->refresh())); }

  asio::io_context io_;
  FixedClock clock_{kNow};
  MemoryEngine engine_{{.clock = &clock_}};
  test::ScriptedResolver dns_;
  base::observe::Logger log_;
  base::observe::Metrics metrics_;
  std::unique_ptr<Policies> policies_;
  Fetched served_ = policy_for("mx1.test");
  int fetched_ = 0;
  std::function<void()> while_fetching_;

 private:
  static asio::awaitable<Fetched> fetch_for(PoliciesTest* self, std::string domain) {
    EXPECT_EQ(domain, "example.org");
    ++self->fetched_;
    if (const auto meanwhile = std::exchange(self->while_fetching_, nullptr)) meanwhile();
    co_return self->served_;
  }
};

TEST_F(PoliciesTest, FetchesAPolicyOnceForEachIdOfItsRecord) {  // RFC 8461 s3.1
  EXPECT_EQ(listed(), "");
  EXPECT_EQ(fetched_, 0);
  publish("1");
  EXPECT_EQ(listed(), "mx1.test");
  EXPECT_EQ(listed(), "mx1.test");
  EXPECT_EQ(fetched_, 1);
  publish("2");
  served_ = policy_for("mx2.test");
  EXPECT_EQ(listed(), "mx2.test");
  EXPECT_EQ(fetched_, 2);
  EXPECT_TRUE(policies_->known("example.org")->enforced());
  EXPECT_EQ(policies_->known("example.net"), nullptr);
}

TEST_F(PoliciesTest, HoldsToAPolicyWhileDnsOrItsHostAreSilent) {  // RFC 8461 s5.1
  publish("1");
  EXPECT_EQ(listed(), "mx1.test");
  dns_.fail("_mta-sts.example.org", io::dns::DnsError::kTimeout);
  EXPECT_EQ(listed(), "mx1.test");
  restart();
  EXPECT_EQ(policies_->known("example.org"), nullptr);
  EXPECT_EQ(listed(), "mx1.test");
  EXPECT_EQ(fetched_, 1);
  clock_.advance(std::chrono::days(7));
  EXPECT_EQ(listed(), "");
}

TEST_F(PoliciesTest, ForgetsNoPolicyBecauseTheStoreDoesNotAnswer) {
  publish("1");
  EXPECT_EQ(listed(), "mx1.test");
  dns_.fail("_mta-sts.example.org", io::dns::DnsError::kTimeout);
  restart();
  engine_.plan_faults({.fail_at = engine_.operations() + 1});
  EXPECT_EQ(find(), nullptr) << "nobody knows";
  EXPECT_EQ(policies_->known("example.org"), nullptr);
  EXPECT_EQ(listed(), "mx1.test");
}

TEST_F(PoliciesTest, ForgetsNoPolicyThatAnotherSearchHasFetchedMeanwhile) {
  publish("1");
  served_ = std::unexpected(FetchFailure{.result = TlsResult::kStsPolicyFetchError, .reason = "nobody"});
  while_fetching_ = [this] {  // the first search waits for its answer
    served_ = policy_for("mx1.test");
    asio::io_context io;
    EXPECT_TRUE(test::run(io, policies_->find("example.org"))->policy);
    served_ = std::unexpected(FetchFailure{.result = TlsResult::kStsPolicyFetchError, .reason = "nobody"});
  };
  EXPECT_EQ(listed(), "mx1.test");
  EXPECT_EQ(fetched_, 2);
  EXPECT_TRUE(policies_->known("example.org")->enforced());
  EXPECT_EQ(listed(), "mx1.test");
}

TEST_F(PoliciesTest, HoldsToTheOldPolicyWhereTheNewOneCannotBeHad) {
  publish("1");
  EXPECT_EQ(listed(), "mx1.test");
  publish("2");
  served_ = std::unexpected(FetchFailure{.result = TlsResult::kStsWebPkiInvalid, .reason = "expired"});
  const auto standing = find();
  ASSERT_TRUE(standing->policy);
  EXPECT_EQ(standing->policy->mx.at(0), "mx1.test");
  EXPECT_EQ(standing->failure, TlsResult::kStsWebPkiInvalid);
}

TEST_F(PoliciesTest, AsksAHostThatFailedNotAtOnceAgain) {  // RFC 8461 s3.3
  publish("1");
  served_ = std::unexpected(FetchFailure{.result = TlsResult::kStsPolicyFetchError, .reason = "nobody"});
  EXPECT_EQ(find()->failure, TlsResult::kStsPolicyFetchError);
  EXPECT_EQ(find()->failure_reason, "nobody");
  EXPECT_EQ(fetched_, 1);
  served_ = policy_for("mx1.test");
  clock_.advance(5min);
  EXPECT_EQ(listed(), "mx1.test");
  EXPECT_EQ(fetched_, 2);
  EXPECT_FALSE(find()->failure);
}

TEST_F(PoliciesTest, HasNoPolicyWhereTheRecordIsBrokenOrThereAreSeveral) {  // RFC 8461 s3.1
  dns_.txt("_mta-sts.example.org", {"v=STSv1; id=1", "v=STSv1; id=2"});
  EXPECT_EQ(listed(), "");
  dns_.txt("_mta-sts.example.org", {"v=STSv1;"});
  EXPECT_EQ(listed(), "");
  EXPECT_EQ(fetched_, 0);
}

TEST_F(PoliciesTest, FetchesAgainBeforeAPolicyExpires) {  // RFC 8461 s10.2
  publish("1");
  EXPECT_EQ(listed(), "mx1.test");
  refresh();
  EXPECT_EQ(fetched_, 1);
  clock_.advance(24h);
  served_ = policy_for("mx2.test");
  refresh();
  EXPECT_EQ(fetched_, 2);
  EXPECT_EQ(policies_->known("example.org")->policy->mx.at(0), "mx2.test");
  clock_.advance(std::chrono::days(6) + 23h);  // the first would have expired
  dns_.fail("_mta-sts.example.org", io::dns::DnsError::kBogus);
  EXPECT_EQ(listed(), "mx2.test");
}

TEST_F(PoliciesTest, LetsGoOfWhatNobodyWritesTo) {
  publish("1");
  served_->max_age = std::chrono::days(40);
  EXPECT_EQ(listed(), "mx1.test");
  clock_.advance(std::chrono::days(31));
  refresh();
  EXPECT_EQ(fetched_, 1);
  clock_.advance(std::chrono::days(10));
  refresh();
  EXPECT_EQ(fetched_, 1);
  std::vector<std::string> keys = {policy_key("example.org")};
  const auto rows = test::run(io_, engine_.get(policy_partition(), std::move(keys)));
  EXPECT_FALSE(rows->front());
}

TEST_F(PoliciesTest, CountsWhatItFetches) {
  publish("1");
  EXPECT_EQ(listed(), "mx1.test");
  EXPECT_TRUE(metrics_.expose().contains("veredus_mta_sts_fetches_total{result=\"success\"} 1"));
  EXPECT_TRUE(metrics_.expose().contains("veredus_mta_sts_fetches_total{result=\"sts-webpki-invalid\"} 0"));
}

TEST(PolicyRow, StaysAsItWasReleased) {  // docs/formats/mtasts.md
  std::ifstream file(std::string(VEREDUS_SOURCE_DIR) + "/test/data/formats/mtasts-policy-1.hex");
  std::stringstream golden;
  golden << file.rdbuf();
  PolicyRow row{.id = "20160831085700Z", .policy = policy_for("mail.example.com"), .fetched_at = kNow, .used_at = kNow};
  row.policy.mx.emplace_back("*.example.net");
  EXPECT_EQ(base::codec::hex_encode(policy_key("example.com")) + " " + base::codec::hex_encode(encode(row)) + "\n",
            golden.str());
  EXPECT_EQ(decode(encode(row)), row);
  EXPECT_EQ(domain_of(policy_key("example.com")), "example.com");
  const auto whole = encode(row);
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(decode(whole.substr(0, length)));
  EXPECT_FALSE(decode(whole + "x"));
}

TEST(FetchPolicy, AsksNoAddressThatIsNotPermitted) {
  io::net::Reactor reactor;
  test::ScriptedResolver dns;
  dns.a("mta-sts.example.org", {"127.0.0.1", "127.0.0.2"});
  FetchOptions options;
  std::vector<std::string> seen;
  options.permits = [&seen](const io::net::IpAddress& address) {
    seen.push_back(address.to_string());
    return false;
  };
  const auto fetched = test::run(reactor.context(), fetch_policy(&reactor, &dns, "example.org", std::move(options)));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().result, TlsResult::kStsPolicyFetchError);
  EXPECT_EQ(fetched.error().reason, "mta-sts.example.org has no public address");
  EXPECT_EQ(seen.size(), 2U);
}

TEST(PolicyOf, TakesNothingButATextThatIsThere) {  // RFC 8461 s3.2, s3.3
  const std::string text = "version: STSv1\nmode: enforce\nmx: a.test\nmax_age: 86400\n";
  struct Case {
    unsigned status;
    std::string type;
    std::string body;
    TlsResult want;
  };
  const Case cases[] = {{200, "text/plain", text, TlsResult::kSuccess},
                        {200, "Text/Plain; charset=utf-8", text, TlsResult::kSuccess},
                        {200, "text/html", text, TlsResult::kStsPolicyFetchError},
                        {200, "", text, TlsResult::kStsPolicyFetchError},
                        {301, "text/plain", text, TlsResult::kStsPolicyFetchError},
                        {206, "text/plain", text, TlsResult::kStsPolicyFetchError},
                        {404, "text/plain", text, TlsResult::kStsPolicyFetchError},
                        {200, "text/plain", "no policy", TlsResult::kStsPolicyInvalid}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.type + std::to_string(c.status));
    const auto fetched = policy_of({.status = c.status, .content_type = c.type, .body = c.body});
    EXPECT_EQ(fetched ? TlsResult::kSuccess : fetched.error().result, c.want);
  }
}

}  // namespace
}  // namespace veredus::work::mtasts
