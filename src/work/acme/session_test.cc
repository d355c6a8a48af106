#include "work/acme/session.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <set>

#include "base/codec/base64.h"
#include "support/run.h"

namespace veredus::work::acme {
namespace {

namespace json = boost::json;
using io::http::Method;
using io::http::Response;

/// An authority in memory: it gives nonces out once, knows one account, and proves names when the prover shows them.
class Authority final : public Transport {
 public:
  asio::awaitable<Expected<Response>> call(Method method, std::string url, std::string body) override {
    ++calls;
    if (method == Method::kPost) co_return posted(url, body);
    if (url == "https://ca/dir") co_return directory();
    if (url.starts_with("https://ca/renewal/")) co_return answer(200, renewal);
    co_return answer(200, "");
  }

  int calls = 0;
  int bad_nonces = 0;                   // so many are refused
  std::string proof = "valid";          // what becomes of the authorizations
  std::set<std::string> already_valid;  // names that need no proof
  std::string renewal = "{}";
  std::string replaced;  // of the last order
  bool refuses_replacement = false;
  std::string last_name;
  std::function<bool(std::string)> looks;  // at the prover

 private:
  Response answer(unsigned status, std::string body, std::string location = {}) {
    Response response{.status = status, .body = std::move(body)};
    nonce_ = "nonce" + std::to_string(++nonces_);
    response.headers = {{"replay-nonce", nonce_}, {"location", std::move(location)}, {"retry-after", "0"}};
    return response;
  }
  static Response directory() {
    return {.body = R"({"newNonce":"https://ca/nonce","newAccount":"https://ca/account","newOrder":"https://ca/order",)"
                    R"("renewalInfo":"https://ca/renewal"})"};
  }
  Response problem(const std::string& type) {
    return answer(400, R"({"type":"urn:ietf:params:acme:error:)" + type + R"(","detail":"so it is"})");
  }

  Response posted(const std::string& url, const std::string& body) {
    const auto outer = json::parse(body).as_object();
    const auto part = [&](const char* name) {
      return base::codec::base64url_decode(std::string(outer.at(name).as_string())).value();
    };
    const auto head = json::parse(part("protected")).as_object();
    EXPECT_EQ(head.at("url").as_string(), url);
    EXPECT_EQ(head.at("alg").as_string(), "ES256");
    EXPECT_EQ(part("signature").size(), 64U);
    EXPECT_EQ(head.contains("jwk"), url == "https://ca/account");
    if (!head.contains("jwk")) EXPECT_EQ(head.at("kid").as_string(), "https://ca/account/1");
    const bool fresh = std::exchange(nonce_, "") == head.at("nonce").as_string();
    if (!fresh || bad_nonces-- > 0) return problem("badNonce");
    const auto payload = part("payload");
    if (url == "https://ca/account") return answer(201, "{}", "https://ca/account/1");
    if (url == "https://ca/order") return ordered(json::parse(payload).as_object());
    if (url.starts_with("https://ca/authz/")) return authorization(url.substr(17));
    if (url.starts_with("https://ca/chall/")) return challenged(url.substr(17), payload);
    if (url == "https://ca/finalize") return answer(200, R"({"status":"processing"})");
    if (url == "https://ca/order/1") return answer(200, R"({"status":"valid","certificate":"https://ca/cert"})");
    EXPECT_EQ(url, "https://ca/cert");
    EXPECT_EQ(payload, "");
    return answer(200, "the chain");
  }
  Response ordered(const json::object& wanted) {
    if (const auto* replaces = wanted.if_contains("replaces")) {
      replaced = replaces->as_string();
      if (refuses_replacement) return problem("alreadyReplaced");
    }
    json::array urls;
    for (const auto& one : wanted.at("identifiers").as_array())
      urls.push_back(json::string("https://ca/authz/" + std::string(one.at("value").as_string())));
    return answer(201, json::serialize(json::object{{"authorizations", urls}, {"finalize", "https://ca/finalize"}}),
                  "https://ca/order/1");
  }
  Response authorization(const std::string& name) {
    const bool done = already_valid.contains(name);
    const auto status = done ? "valid" : tried_.contains(name) ? proof : "pending";
    const json::array challenges{json::object{{"type", "dns-01"}, {"token", "x"}, {"url", "https://ca/chall/dns"}},
                                 json::object{{"type", "http-01"},
                                              {"token", "token-" + name.substr(0, 1)},
                                              {"url", "https://ca/chall/" + name},
                                              {"error", json::object{{"detail", "nobody answers"}}}}};
    return answer(200, json::serialize(json::object{{"status", status},
                                                    {"identifier", json::object{{"type", "dns"}, {"value", name}}},
                                                    {"challenges", challenges}}));
  }
  Response challenged(const std::string& name, const std::string& payload) {
    EXPECT_EQ(payload, "{}");
    EXPECT_TRUE(looks("token-" + name.substr(0, 1)));
    tried_.insert(name);
    return answer(200, "{}");
  }

  std::string nonce_;
  int nonces_ = 0;
  std::set<std::string> tried_;
};

class Shown final : public Prover {
 public:
  [[nodiscard]] ChallengeKind kind() const override { return what; }
  Expected<void> show(const Challenge& challenge) override {
    shown[challenge.token] = challenge;
    all.push_back(challenge);
    return {};
  }
  void take_down(const Challenge& challenge) override { shown.erase(challenge.token); }

  ChallengeKind what = ChallengeKind::kHttp01;
  std::map<std::string, Challenge> shown;
  std::vector<Challenge> all;
};

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    authority_.looks = [this](const std::string& token) { return prover_.shown.contains(token); };
  }
  Expected<std::string> obtain(std::string replaces = {}) {
    return test::run(io_, obtain_with(&session_, &prover_, std::move(replaces)));
  }
  static asio::awaitable<Expected<std::string>> obtain_with(Session* session, Prover* prover, std::string replaces) {
    const auto opened = co_await session->open();
    if (!opened) co_return std::unexpected(opened.error());
    std::vector<std::string> names = {"a.test", "b.test"};
    co_return co_await session->obtain(std::move(names), "request", std::move(replaces), prover);
  }

  asio::io_context io_;
  Authority authority_;
  Shown prover_;
  std::shared_ptr<const AccountKey> key_ = std::make_shared<const AccountKey>(AccountKey::make().value());
  Session session_{&authority_,
                   key_,
                   {.directory = "https://ca/dir",
                    .contacts = {"mailto:a@b.test"},
                    .poll_wait = std::chrono::milliseconds(1),
                    .polls = 5}};
};

TEST_F(SessionTest, ProvesEachNameAndGetsTheChain) {  // RFC 8555 s7.1
  const auto chain = obtain();
  ASSERT_TRUE(chain) << chain.error().detail;
  EXPECT_EQ(*chain, "the chain");
  ASSERT_EQ(prover_.all.size(), 2U);
  EXPECT_EQ(prover_.all[0].name, "a.test");
  EXPECT_EQ(prover_.all[0].key_authorization, "token-a." + key_->thumbprint());
  EXPECT_TRUE(prover_.shown.empty());
}

TEST_F(SessionTest, ProvesNothingTwice) {
  authority_.already_valid = {"a.test"};
  ASSERT_TRUE(obtain());
  EXPECT_EQ(prover_.all.size(), 1U);
}

TEST_F(SessionTest, TakesAnotherNonceWhereOneIsRefused) {  // RFC 8555 s6.5
  authority_.bad_nonces = 2;
  EXPECT_TRUE(obtain());
  authority_.bad_nonces = 100;
  const auto refused = obtain();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().type, "badNonce");
}

TEST_F(SessionTest, TellsWhyANameIsNotProven) {
  authority_.proof = "invalid";
  const auto refused = obtain();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, AcmeError::kUnproven);
  EXPECT_EQ(refused.error().detail, "nobody answers");
  EXPECT_TRUE(prover_.shown.empty()) << "what was shown is taken down";
}

TEST_F(SessionTest, WaitsForNoProofForEver) {
  authority_.proof = "processing";
  EXPECT_EQ(obtain().error().error, AcmeError::kTimeout);
}

TEST_F(SessionTest, NeedsAChallengeOfItsKind) {
  prover_.what = ChallengeKind::kTlsAlpn01;
  EXPECT_EQ(obtain().error().error, AcmeError::kNoChallenge);
}

TEST_F(SessionTest, SaysWhichCertificateItReplacesWhereTheAuthorityTakesThat) {  // RFC 9773 s5
  ASSERT_TRUE(obtain("id.1"));
  EXPECT_EQ(authority_.replaced, "id.1");
  authority_.refuses_replacement = true;
  EXPECT_TRUE(obtain("id.2"));
}

TEST_F(SessionTest, ReadsWhenToRenew) {  // RFC 9773 s4.2
  ASSERT_TRUE(obtain());
  authority_.renewal = R"({"suggestedWindow":{"start":"2026-11-25T10:00:00Z","end":"2026-11-26T10:00:00Z"}})";
  const auto window = test::run(io_, session_.renewal_window("id.1"));
  ASSERT_TRUE(window && *window);
  EXPECT_EQ((*window)->until - (*window)->from, std::chrono::days(1));
  authority_.renewal = R"({"suggestedWindow":{"start":"2026-11-26T10:00:00Z","end":"2026-11-25T10:00:00Z"}})";
  EXPECT_FALSE(*test::run(io_, session_.renewal_window("id.1")));
}

}  // namespace
}  // namespace veredus::work::acme
