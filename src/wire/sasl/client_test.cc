#include "wire/sasl/client.h"

#include <gtest/gtest.h>

namespace veredus::wire::sasl {
namespace {

using base::crypto::Secret;

Credentials alice() { return {.authzid = {}, .user = "alice@demo.test", .password = Secret(std::string("pw"))}; }

TEST(ChooseMechanism, TakesTheStrongestOfBoth) {
  const std::string_view all[] = {"plain", "LOGIN", "SCRAM-SHA-256", "scram-sha-256-plus"};
  EXPECT_EQ(choose_mechanism(all, true), "SCRAM-SHA-256-PLUS");
  EXPECT_EQ(choose_mechanism(all, false), "SCRAM-SHA-256");
  EXPECT_EQ(choose_mechanism(std::span(all).first(2), true), "PLAIN");
  const std::string_view unknown[] = {"CRAM-MD5", "XOAUTH2"};
  EXPECT_EQ(choose_mechanism(unknown, true), "");
  EXPECT_EQ(choose_mechanism(unknown, true, SecretKind::kOAuthToken), "XOAUTH2");
  EXPECT_EQ(choose_mechanism(all, true, SecretKind::kOAuthToken), "");
}

TEST(PlainClient, SendsItAllAtOnce) {
  auto client = ClientExchange::create("PLAIN", alice());
  ASSERT_TRUE(client);
  EXPECT_EQ((*client)->initial_response(), std::string("\0alice@demo.test\0pw", 19));
  EXPECT_EQ((*client)->respond(""), std::string("\0alice@demo.test\0pw", 19));
  EXPECT_TRUE((*client)->may_succeed());
}

TEST(LoginClient, AnswersTwoQuestions) {
  auto client = ClientExchange::create("LOGIN", alice());
  ASSERT_TRUE(client);
  EXPECT_EQ((*client)->initial_response(), std::nullopt);
  EXPECT_EQ((*client)->respond("User Name"), "alice@demo.test");
  EXPECT_EQ((*client)->respond("Password"), "pw");
  EXPECT_EQ((*client)->respond("Again?").error(), SaslError::kWrongStep);
}

TEST(TokenClient, ShowsItsTokenAndTakesARefusal) {  // RFC 7628 s3.1, s3.2.3
  struct Case {
    std::string_view mechanism;
    std::string_view first;
    std::string_view after_refusal;
  };
  using namespace std::string_view_literals;
  const Case cases[] = {
      {"XOAUTH2", "user=alice@demo.test\001auth=Bearer pw\001\001"sv, ""},
      {"OAUTHBEARER", "n,a=alice@demo.test,\001auth=Bearer pw\001\001"sv, "\001"sv},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.mechanism);
    auto client = ClientExchange::create(c.mechanism, alice());
    ASSERT_TRUE(client);
    EXPECT_EQ((*client)->initial_response(), c.first);
    EXPECT_TRUE((*client)->may_succeed());
    EXPECT_EQ((*client)->respond("{\"status\":\"401\"}"), c.after_refusal);
    EXPECT_FALSE((*client)->may_succeed());
    EXPECT_EQ((*client)->respond("").error(), SaslError::kWrongStep);
  }
  for (const std::string_view token : {"", "a b", "a\001b", "a,b"})
    EXPECT_EQ(
        ClientExchange::create("XOAUTH2", {.authzid = {}, .user = "u", .password = Secret(std::string(token))}).error(),
        SaslError::kForbiddenCharacters);
}

TEST(ScramClient, TrustsNoServerThatDoesNotKnowTheKeys) {
  const auto scram = [] {
    return *ClientExchange::create("SCRAM-SHA-256", alice(), {.nonce = [] { return std::string("abc"); }});
  };
  struct Case {
    std::string_view server_first;
    SaslError want;
  };
  const Case cases[] = {
      {"", SaslError::kMalformed},
      {"r=abcdef,s=AAAA", SaslError::kMalformed},
      {"r=abcdef,s=,i=4096", SaslError::kMalformed},
      {"r=abcdef,s=AAAA,i=4096x", SaslError::kMalformed},
      {"m=x,r=abcdef,s=AAAA,i=4096", SaslError::kUnsupportedExtension},
      {"r=abcdef,s=AAAA,i=4096,m=x", SaslError::kUnsupportedExtension},
      {"r=xyz,s=AAAA,i=4096", SaslError::kNonceMismatch},
      {"r=abc,s=AAAA,i=4096", SaslError::kNonceMismatch},
      {"r=abcdef,s=AAAA,i=1", SaslError::kUnacceptableIterations},
      {"r=abcdef,s=AAAA,i=999999999", SaslError::kUnacceptableIterations},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.server_first);
    auto client = scram();
    client->initial_response();
    EXPECT_EQ(client->respond(c.server_first).error(), c.want);
    EXPECT_FALSE(client->may_succeed());
  }
  for (const std::string_view server_final : {"v=AAAA", "e=invalid-proof"}) {
    SCOPED_TRACE(server_final);
    auto client = scram();
    client->initial_response();
    EXPECT_TRUE(client->respond("r=abcdef,s=AAAA,i=4096"));
    EXPECT_EQ(client->respond(server_final).error(), SaslError::kServerNotVerified);
    EXPECT_FALSE(client->may_succeed());
  }
}

TEST(ClientExchange, RefusesWhatItCannotSend) {
  EXPECT_EQ(ClientExchange::create("PLAIN", {.authzid = {}, .user = "", .password = Secret(std::string("pw"))}).error(),
            SaslError::kForbiddenCharacters);
  EXPECT_EQ(
      ClientExchange::create("PLAIN", {.authzid = "\x01", .user = "u", .password = Secret(std::string("pw"))}).error(),
      SaslError::kForbiddenCharacters);
  EXPECT_EQ(ClientExchange::create("GSSAPI", alice()).error(), SaslError::kUnknownMechanism);
  EXPECT_EQ(ClientExchange::create("SCRAM-SHA-256-PLUS", alice()).error(), SaslError::kUnknownMechanism);
}

}  // namespace
}  // namespace veredus::wire::sasl
