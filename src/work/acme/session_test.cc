#include "work/acme/session.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include "base/codec/base64.h"
#include "base/crypto/digest.h"
#include "support/acme_authority.h"
#include "support/run.h"

namespace veredus::work::acme {
namespace {

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
  test::AcmeAuthority authority_;
  test::ShownProofs prover_;
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

TEST_F(SessionTest, ShowsThatItsAccountIsAnotherOneToo) {  // RFC 8555 s7.3.4
  Session bound{&authority_, key_, {.directory = "https://ca/dir", .contacts = {}, .binding = {"kid-1", "secret"}}};
  ASSERT_TRUE(test::run(io_, bound.open()));
  const auto& binding = authority_.account.at("externalAccountBinding").as_object();
  const auto text = [&](const char* name) { return std::string(binding.at(name).as_string()); };
  const auto head = boost::json::parse(base::codec::base64url_decode(text("protected")).value()).as_object();
  EXPECT_EQ(head.at("alg").as_string(), "HS256");
  EXPECT_EQ(head.at("kid").as_string(), "kid-1");
  EXPECT_EQ(head.at("url").as_string(), "https://ca/account");
  EXPECT_EQ(base::codec::base64url_decode(text("payload")), key_->jwk());
  EXPECT_EQ(base::codec::base64url_decode(text("signature")),
            base::crypto::hmac_sha256("secret", text("protected") + "." + text("payload")));
}

}  // namespace
}  // namespace veredus::work::acme
