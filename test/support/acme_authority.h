#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/codec/base64.h"
#include "work/acme/session.h"

namespace veredus::test {

/// An authority in memory: it gives nonces out once, knows one account, and proves names when the prover shows them.
class AcmeAuthority final : public work::acme::Transport {
 public:
  asio::awaitable<work::acme::Expected<io::http::Response>> call(io::http::Method method, std::string url,
                                                                 std::string body) override {
    ++calls;
    if (away) co_return work::acme::failed(work::acme::AcmeError::kConnection, "nobody answers");
    if (method == io::http::Method::kPost) co_return posted(url, body);
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
  std::string chain = "the chain";  // what is served; with sign, what that makes of the request
  std::function<std::string(std::string)> sign;
  boost::json::object account;             // what was last said of it
  bool away = false;                       // nobody answers
  std::function<bool(std::string)> looks;  // at the prover

 private:
  io::http::Response answer(unsigned status, std::string body, std::string location = {}) {
    io::http::Response response{.status = status, .body = std::move(body)};
    nonce_ = "nonce" + std::to_string(++nonces_);
    response.headers = {{"replay-nonce", nonce_}, {"location", std::move(location)}, {"retry-after", "0"}};
    return response;
  }
  static io::http::Response directory() {
    return {.body = R"({"newNonce":"https://ca/nonce","newAccount":"https://ca/account","newOrder":"https://ca/order",)"
                    R"("renewalInfo":"https://ca/renewal"})"};
  }
  io::http::Response problem(const std::string& type) {
    return answer(400, R"({"type":"urn:ietf:params:acme:error:)" + type + R"(","detail":"so it is"})");
  }

  io::http::Response posted(const std::string& url, const std::string& body) {
    const auto outer = boost::json::parse(body).as_object();
    const auto part = [&](const char* name) {
      return base::codec::base64url_decode(std::string(outer.at(name).as_string())).value();
    };
    const auto head = boost::json::parse(part("protected")).as_object();
    EXPECT_EQ(head.at("url").as_string(), url);
    EXPECT_EQ(head.at("alg").as_string(), "ES256");
    EXPECT_EQ(part("signature").size(), 64U);
    EXPECT_EQ(head.contains("jwk"), url == "https://ca/account");
    if (!head.contains("jwk")) EXPECT_EQ(head.at("kid").as_string(), "https://ca/account/1");
    const bool fresh = std::exchange(nonce_, "") == head.at("nonce").as_string();
    if (!fresh || bad_nonces-- > 0) return problem("badNonce");
    const auto payload = part("payload");
    if (url == "https://ca/account") {
      account = boost::json::parse(payload).as_object();
      return answer(201, "{}", "https://ca/account/1");
    }
    if (url == "https://ca/order") return ordered(boost::json::parse(payload).as_object());
    if (url.starts_with("https://ca/authz/")) return authorization(url.substr(17));
    if (url.starts_with("https://ca/chall/")) return challenged(url.substr(17), payload);
    if (url == "https://ca/finalize") return finalized(boost::json::parse(payload).as_object());
    if (url == "https://ca/order/1") return answer(200, R"({"status":"valid","certificate":"https://ca/cert"})");
    EXPECT_EQ(url, "https://ca/cert");
    EXPECT_EQ(payload, "");
    return answer(200, chain);
  }
  io::http::Response finalized(const boost::json::object& wanted) {
    const auto request = base::codec::base64url_decode(std::string(wanted.at("csr").as_string())).value();
    if (sign) chain = sign(request);
    return answer(200, R"({"status":"processing"})");
  }
  io::http::Response ordered(const boost::json::object& wanted) {
    if (const auto* replaces = wanted.if_contains("replaces")) {
      replaced = replaces->as_string();
      if (refuses_replacement) return problem("alreadyReplaced");
    }
    boost::json::array urls;
    for (const auto& one : wanted.at("identifiers").as_array())
      urls.push_back(boost::json::string("https://ca/authz/" + std::string(one.at("value").as_string())));
    return answer(
        201, boost::json::serialize(boost::json::object{{"authorizations", urls}, {"finalize", "https://ca/finalize"}}),
        "https://ca/order/1");
  }
  io::http::Response authorization(const std::string& name) {
    const bool done = already_valid.contains(name);
    const auto status = done ? "valid" : tried_.contains(name) ? proof : "pending";
    const boost::json::array challenges{
        boost::json::object{{"type", "dns-01"}, {"token", "x"}, {"url", "https://ca/chall/dns"}},
        boost::json::object{{"type", "http-01"},
                            {"token", "token-" + name.substr(0, 1)},
                            {"url", "https://ca/chall/" + name},
                            {"error", boost::json::object{{"detail", "nobody answers"}}}}};
    return answer(200, boost::json::serialize(
                           boost::json::object{{"status", status},
                                               {"identifier", boost::json::object{{"type", "dns"}, {"value", name}}},
                                               {"challenges", challenges}}));
  }
  io::http::Response challenged(const std::string& name, const std::string& payload) {
    EXPECT_EQ(payload, "{}");
    EXPECT_TRUE(looks("token-" + name.substr(0, 1)));
    tried_.insert(name);
    return answer(200, "{}");
  }

  std::string nonce_;
  int nonces_ = 0;
  std::set<std::string> tried_;
};

/// Keeps what it is to show.
class ShownProofs final : public work::acme::Prover {
 public:
  [[nodiscard]] work::acme::ChallengeKind kind() const override { return what; }
  work::acme::Expected<void> show(const work::acme::Challenge& challenge) override {
    shown[challenge.token] = challenge;
    all.push_back(challenge);
    return {};
  }
  void take_down(const work::acme::Challenge& challenge) override { shown.erase(challenge.token); }

  work::acme::ChallengeKind what = work::acme::ChallengeKind::kHttp01;
  std::map<std::string, work::acme::Challenge> shown;
  std::vector<work::acme::Challenge> all;
};

}  // namespace veredus::test
