#include "work/login/attempt.h"

#include <gtest/gtest.h>

#include <string>

#include "base/codec/base64.h"
#include "work/login/plain_auth.h"

namespace veredus::work::login {
namespace {

using base::codec::base64_encode;
using state::directory::Login;
using wire::sasl::SaslError;

const Login kAlice{.account = AccountId(1), .address = "alice@demo.test", .app_password = 0};

std::string plain(std::string_view user, std::string_view password, std::string_view authzid = "") {
  const std::string nul(1, '\0');
  return base64_encode(std::string(authzid) + nul + std::string(user) + nul + std::string(password));
}

Failure failure_of(const Step& step) {
  EXPECT_TRUE(std::holds_alternative<Failed>(step)) << step.index();
  return std::get<Failed>(step).why;
}

TEST(LoginAttempt, AsksForThePasswordOfPlainAndGrantsWhatIsRight) {  // RFC 4616
  auto attempt = Attempt::sasl("plain", {}).value();
  const auto step = attempt.start(plain("alice@demo.test", "secret", "boss@demo.test"));
  const auto& check = std::get<CheckPassword>(step).login;
  EXPECT_EQ(check.user, "alice@demo.test");
  EXPECT_EQ(check.authzid, "boss@demo.test");  // whether she may is the directory's to say
  EXPECT_EQ(check.password.reveal(), "secret");
  EXPECT_EQ(attempt.user(), "alice@demo.test");
  EXPECT_TRUE(std::holds_alternative<Granted>(attempt.password_checked(kAlice)));
  EXPECT_EQ(attempt.take_login().address, "alice@demo.test");
}

TEST(LoginAttempt, WaitsForResponsesAfterItsChallenges) {
  auto attempt = Attempt::sasl("LOGIN", {}).value();
  auto step = attempt.start("");
  EXPECT_EQ(std::get<Challenge>(step).octets, "Username:");
  step = attempt.response(base64_encode("alice@demo.test"));
  EXPECT_EQ(std::get<Challenge>(step).octets, "Password:");
  step = attempt.response(base64_encode("secret"));
  EXPECT_EQ(std::get<CheckPassword>(step).login.password.reveal(), "secret");
}

TEST(LoginAttempt, TakesAUserAndAPasswordWithoutSasl) {
  auto attempt = Attempt::named("alice@demo.test");
  const auto step = attempt.check_password("secret");
  EXPECT_EQ(std::get<CheckPassword>(step).login.user, "alice@demo.test");
  EXPECT_TRUE(std::holds_alternative<Granted>(attempt.password_checked(kAlice)));
  EXPECT_EQ(attempt.take_login().account, AccountId(1));
}

TEST(LoginAttempt, HandsOnWhyTheDirectoryRefuses) {
  for (const auto refusal : {AuthRefusal::kWrongCredentials, AuthRefusal::kDisabled, AuthRefusal::kNotAuthorized,
                             AuthRefusal::kUnavailable, AuthRefusal::kBanned}) {
    SCOPED_TRACE(to_string(refusal));
    auto attempt = Attempt::sasl("PLAIN", {}).value();
    attempt.start(plain("alice@demo.test", "wrong"));
    EXPECT_EQ(failure_of(attempt.password_checked(std::unexpected(refusal))), Failure(refusal));
    EXPECT_EQ(attempt.failure(), Failure(refusal));
  }
}

TEST(LoginAttempt, FailsByWhatTheClientSends) {
  struct Case {
    std::string_view response;
    SaslError want;
  };
  const Case cases[] = {{"*", SaslError::kCancelled},
                        {"not base64!", SaslError::kMalformedBase64},
                        {"b25seSBvbmUgcGFydA==", SaslError::kMalformed}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.response);
    auto attempt = Attempt::sasl("PLAIN", {}).value();
    EXPECT_TRUE(std::holds_alternative<Challenge>(attempt.start("")));
    EXPECT_EQ(failure_of(attempt.response(c.response)), Failure(c.want));
    EXPECT_FALSE(is_guess(attempt.failure()));
  }
  EXPECT_EQ(Attempt::sasl("SOMETHINGELSE", {}).error(), SaslError::kUnknownMechanism);
  EXPECT_EQ(Attempt::sasl("SCRAM-SHA-256-PLUS", {}).error(), SaslError::kUnknownMechanism);  // nothing to bind to
}

TEST(LoginAttempt, AWrongScramProofIsAGuessLikeAWrongPassword) {
  auto attempt = Attempt::sasl("SCRAM-SHA-256", {}).value();
  auto step = attempt.start(base64_encode("n,,n=nobody@demo.test,r=clientnonce"));
  EXPECT_EQ(std::get<FetchScramKeys>(step).user, "nobody@demo.test");
  step = attempt.scram_keys(std::vector<base::crypto::ScramKeys>{});  // told as if there were such a user
  const auto& first = std::get<Challenge>(step).octets;
  const auto nonce = first.substr(0, first.find(','));
  step = attempt.response(base64_encode("c=biws," + nonce + ",p=" + base64_encode(std::string(32, 'x'))));
  EXPECT_EQ(failure_of(step), Failure(AuthRefusal::kWrongCredentials));
  EXPECT_TRUE(is_guess(attempt.failure()));
}

TEST(LoginAttempt, ABannedPeerGetsNoKeys) {
  auto attempt = Attempt::sasl("SCRAM-SHA-256", {}).value();
  attempt.start(base64_encode("n,,n=alice@demo.test,r=clientnonce"));
  EXPECT_EQ(failure_of(attempt.scram_keys(std::unexpected(AuthRefusal::kBanned))), Failure(AuthRefusal::kBanned));
  EXPECT_FALSE(is_guess(attempt.failure()));
}

TEST(LoginMechanisms, OfferBindingOnlyWhereThereIsSomethingToBindTo) {
  const std::vector<wire::sasl::ChannelBinding> bound{{"tls-exporter", "x"}};
  EXPECT_EQ(offered_mechanisms(bound).front(), "SCRAM-SHA-256-PLUS");
  EXPECT_EQ(offered_mechanisms({}).front(), "SCRAM-SHA-256");
}

TEST(PlainAuth, LetsPasswordsInWithTlsOrFromThisMachineWhenConfigured) {
  EXPECT_TRUE(may_log_in(PlainAuth::kNever, true, false));
  EXPECT_FALSE(may_log_in(PlainAuth::kNever, false, true));
  EXPECT_TRUE(may_log_in(PlainAuth::kLocalMachine, false, true));
  EXPECT_FALSE(may_log_in(PlainAuth::kLocalMachine, false, false));
}

}  // namespace
}  // namespace veredus::work::login
