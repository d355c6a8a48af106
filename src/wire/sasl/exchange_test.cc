#include "wire/sasl/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/codec/base64.h"
#include "wire/sasl/client.h"
#include "wire/sasl/response_line.h"

namespace veredus::wire::sasl {
namespace {

using base::crypto::derive_scram_sha256;
using base::crypto::ScramKeys;
using base::crypto::Secret;

constexpr std::string_view kUser = "alice@demo.test";
constexpr std::string_view kPassword = "correct horse";

std::unique_ptr<Exchange> exchange(std::string_view mechanism, ExchangeOptions options = {}) {
  auto made = Exchange::create(mechanism, std::move(options));
  EXPECT_TRUE(made);
  return *std::move(made);
}

std::string nul_separated(std::string_view a, std::string_view b, std::string_view c) {
  std::string out(a);
  out.push_back('\0');
  out.append(b).push_back('\0');
  return out.append(c);
}

SaslError error_of(const Step& step) {
  EXPECT_TRUE(std::holds_alternative<Failure>(step));
  const auto* failure = std::get_if<Failure>(&step);
  return failure == nullptr ? SaslError::kWrongStep : failure->error;
}

std::string challenge_of(const Step& step) {
  EXPECT_TRUE(std::holds_alternative<Challenge>(step));
  const auto* challenge = std::get_if<Challenge>(&step);
  return challenge == nullptr ? "no challenge" : challenge->octets;
}

TEST(Mechanisms, AreOfferedAsTheConnectionAllows) {
  EXPECT_TRUE(mechanisms(Protection::kNone).empty());
  EXPECT_THAT(mechanisms(Protection::kEncrypted), testing::ElementsAre("SCRAM-SHA-256", "PLAIN", "LOGIN"));
  EXPECT_THAT(mechanisms(Protection::kEncryptedWithBinding),
              testing::ElementsAre("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"));
  EXPECT_EQ(Exchange::create("CRAM-MD5").error(), SaslError::kUnknownMechanism);
  EXPECT_EQ(Exchange::create("").error(), SaslError::kUnknownMechanism);
  EXPECT_EQ(Exchange::create("SCRAM-SHA-256-PLUS").error(), SaslError::kUnknownMechanism);
  EXPECT_TRUE(Exchange::create("plain"));
}

TEST(Plain, AsksForThePasswordToBeChecked) {  // RFC 4616 s4
  auto plain = exchange("PLAIN");
  EXPECT_EQ(challenge_of(plain->start(std::nullopt)), "");
  Step step = plain->resume(nul_separated("", kUser, kPassword));
  const auto& check = std::get<CheckPassword>(step);
  EXPECT_EQ(check.authzid, "");
  EXPECT_EQ(check.user, kUser);
  EXPECT_EQ(check.password.reveal(), kPassword);
  const auto success = std::get<Success>(plain->password_checked(true));
  EXPECT_EQ(success.user, kUser);
  EXPECT_EQ(success.authzid, "");
}

TEST(Plain, TakesAnInitialResponse) {
  auto plain = exchange("PLAIN");
  EXPECT_TRUE(std::holds_alternative<CheckPassword>(plain->start(nul_separated("ALICE@demo.test", kUser, kPassword))));
  EXPECT_EQ(error_of(plain->password_checked(false)), SaslError::kWrongCredentials);
}

TEST(Plain, RefusesWhatTheGrammarRefuses) {  // RFC 4616 s2
  struct Case {
    std::string response;
    SaslError want;
  };
  const Case cases[] = {
      {"", SaslError::kMalformed},
      {"user", SaslError::kMalformed},
      {std::string("\0user", 5), SaslError::kMalformed},
      {nul_separated("", "", "pw"), SaslError::kMalformed},
      {nul_separated("", "user", ""), SaslError::kMalformed},
      {nul_separated("", "user", std::string_view("a\0b", 3)), SaslError::kMalformed},
      {nul_separated("", "us\ner", "pw"), SaslError::kForbiddenCharacters},
      {nul_separated("", "user", "\xFF"), SaslError::kForbiddenCharacters},
      {nul_separated("", std::string(600, 'u'), "pw"), SaslError::kTooLong},
      {nul_separated("", "user", std::string(1100, 'p')), SaslError::kTooLong},
      {std::string(10'000, 'x'), SaslError::kTooLong},
      {nul_separated("bob@demo.test", kUser, kPassword), SaslError::kNotAuthorized},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.response.substr(0, 40)));
    EXPECT_EQ(error_of(exchange("PLAIN")->start(c.response)), c.want);
  }
}

TEST(Plain, TheCallerMayDecideWhoActsForWhom) {
  auto plain = exchange("PLAIN", {.proxy_use = ProxyUse::kCallerDecides});
  EXPECT_EQ(std::get<CheckPassword>(plain->start(nul_separated("bob@demo.test", kUser, kPassword))).authzid,
            "bob@demo.test");
  EXPECT_EQ(std::get<Success>(plain->password_checked(true)).authzid, "bob@demo.test");
}

TEST(Plain, NamesAndPasswordsArePrepared) {  // RFC 4013
  auto plain = exchange("PLAIN");
  const auto check = std::get<CheckPassword>(plain->start(nul_separated("", "u\xC2\xADser", "\xE2\x85\xA8")));
  EXPECT_EQ(check.user, "user");
  EXPECT_EQ(check.password.reveal(), "IX");
}

TEST(Login, AsksForNameThenPassword) {
  auto login = exchange("LOGIN");
  EXPECT_EQ(challenge_of(login->start(std::nullopt)), "Username:");
  EXPECT_EQ(challenge_of(login->resume(std::string(kUser))), "Password:");
  EXPECT_EQ(std::get<CheckPassword>(login->resume(std::string(kPassword))).password.reveal(), kPassword);
  EXPECT_EQ(std::get<Success>(login->password_checked(true)).user, kUser);
}

TEST(Login, TakesTheNameAsInitialResponse) {
  auto login = exchange("LOGIN");
  EXPECT_EQ(challenge_of(login->start(std::string(kUser))), "Password:");
  EXPECT_EQ(error_of(login->resume("")), SaslError::kMalformed);
}

TEST(Exchange, CallsOutOfStepFail) {
  EXPECT_EQ(error_of(exchange("PLAIN")->resume("x")), SaslError::kWrongStep);
  EXPECT_EQ(error_of(exchange("PLAIN")->password_checked(true)), SaslError::kWrongStep);
  EXPECT_EQ(error_of(exchange("SCRAM-SHA-256")->scram_keys({})), SaslError::kWrongStep);
  auto plain = exchange("PLAIN");
  plain->start(nul_separated("", kUser, kPassword));
  plain->password_checked(false);
  EXPECT_EQ(error_of(plain->password_checked(true)), SaslError::kWrongStep) << "no second chance";
}

TEST(Scram, AgreesWithTheExampleOfItsRfc) {  // RFC 7677 s3
  const ScramKeys keys = derive_scram_sha256("pencil", *base::codec::base64_decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  auto server = exchange("SCRAM-SHA-256", {.nonce = [] { return std::string("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"); }});
  const Step first = server->start("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(std::get<NeedScramKeys>(first).user, "user");
  EXPECT_EQ(challenge_of(server->scram_keys({keys})),
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  EXPECT_EQ(challenge_of(server->resume("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+"
                                        "Ute9ytag9zjfMHgsqmmiz7AndVQ=")),
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  EXPECT_EQ(std::get<Success>(server->resume("")).user, "user");

  auto client = ClientExchange::create("SCRAM-SHA-256",
                                       {.authzid = {}, .user = "user", .password = Secret(std::string("pencil"))},
                                       {.nonce = [] { return std::string("rOprNGfwEbeRWgbNEkqO"); }});
  ASSERT_TRUE(client);
  EXPECT_EQ((*client)->initial_response(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(
      (*client)->respond("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_FALSE((*client)->may_succeed());
  EXPECT_EQ((*client)->respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), "");
  EXPECT_TRUE((*client)->may_succeed());
}

class ScramTest : public testing::Test {
 protected:
  // Lets our client and our server talk until one of them ends it.
  Step talk(std::string_view mechanism, Credentials credentials, ClientOptions client_options,
            ExchangeOptions server_options) {
    auto client = ClientExchange::create(mechanism, std::move(credentials), std::move(client_options));
    auto server = exchange(mechanism, std::move(server_options));
    EXPECT_TRUE(client);
    Step step = server->start((*client)->initial_response());
    while (true) {
      if (const auto* need = std::get_if<NeedScramKeys>(&step)) {
        step = server->scram_keys(need->user == kUser ? keys_ : std::vector<ScramKeys>());
      } else if (const auto* challenge = std::get_if<Challenge>(&step)) {
        auto response = (*client)->respond(challenge->octets);
        if (!response) return Failure{response.error()};
        step = server->resume(*response);
      } else {
        EXPECT_EQ((*client)->may_succeed(), std::holds_alternative<Success>(step));
        return step;
      }
    }
  }
  static Credentials credentials(std::string_view password, std::string_view authzid = "") {
    return {.authzid = std::string(authzid), .user = std::string(kUser), .password = Secret(password)};
  }
  static std::vector<ChannelBinding> bindings(std::string_view octets) {
    return {{.type = std::string(kTlsExporter), .octets = std::string(octets)},
            {.type = std::string(kTlsServerEndPoint), .octets = "hash"}};
  }

  std::vector<ScramKeys> keys_ = {derive_scram_sha256(kPassword, "0123456789abcdef", 4096),
                                  derive_scram_sha256("app password", "0123456789abcdef", 4096)};
};

TEST_F(ScramTest, LetsInWhoKnowsAPassword) {
  EXPECT_EQ(std::get<Success>(talk("SCRAM-SHA-256", credentials(kPassword), {}, {})).key_index, 0u);
  const auto success = std::get<Success>(talk("SCRAM-SHA-256", credentials("app password"), {}, {}));
  EXPECT_EQ(success.key_index, 1u);
  EXPECT_EQ(success.user, kUser);
}

TEST_F(ScramTest, KeepsOutWhoDoesNot) {
  EXPECT_EQ(error_of(talk("SCRAM-SHA-256", credentials("wrong"), {}, {})), SaslError::kWrongCredentials);
  auto stranger = credentials(kPassword);
  stranger.user = "mallory@demo.test";
  EXPECT_EQ(error_of(talk("SCRAM-SHA-256", stranger, {}, {})), SaslError::kWrongCredentials);
}

TEST_F(ScramTest, UnknownUsersLookLikeOthers) {
  const auto server_first = [](std::string_view user, std::string secret) {
    auto server =
        exchange("SCRAM-SHA-256", {.nonce = [] { return std::string("x"); }, .unknown_user_secret = std::move(secret)});
    server->start("n,,n=" + std::string(user) + ",r=y");
    return challenge_of(server->scram_keys({}));
  };
  EXPECT_EQ(server_first("nobody", ""), server_first("nobody", ""));
  EXPECT_NE(server_first("nobody", ""), server_first("noone", ""));
  EXPECT_NE(server_first("nobody", "a"), server_first("nobody", "b"));
  EXPECT_THAT(server_first("nobody", ""), testing::EndsWith(",i=" + std::to_string(base::crypto::kScramIterations)));
}

TEST_F(ScramTest, KeysOfAnotherSaltAreLeftOut) {
  keys_.push_back(derive_scram_sha256("third", "another salt", 4096));
  EXPECT_EQ(error_of(talk("SCRAM-SHA-256", credentials("third"), {}, {})), SaslError::kWrongCredentials);
}

TEST_F(ScramTest, PlusBindsTheConnection) {  // RFC 9266, RFC 5929
  EXPECT_TRUE(std::holds_alternative<Success>(talk("SCRAM-SHA-256-PLUS", credentials(kPassword),
                                                   {.channel_bindings = bindings("key")},
                                                   {.channel_bindings = bindings("key")})));
  std::vector<ChannelBinding> end_point = {bindings("key")[1]};
  EXPECT_TRUE(
      std::holds_alternative<Success>(talk("SCRAM-SHA-256-PLUS", credentials(kPassword),
                                           {.channel_bindings = end_point}, {.channel_bindings = bindings("key")})));
  EXPECT_EQ(error_of(talk("SCRAM-SHA-256-PLUS", credentials(kPassword), {.channel_bindings = bindings("mine")},
                          {.channel_bindings = bindings("yours")})),
            SaslError::kChannelBindingMismatch);
  EXPECT_EQ(error_of(talk("SCRAM-SHA-256-PLUS", credentials(kPassword),
                          {.channel_bindings = {{.type = "tls-unique", .octets = "x"}}},
                          {.channel_bindings = bindings("key")})),
            SaslError::kUnsupportedChannelBinding);
}

TEST_F(ScramTest, AHiddenOfferIsNoticed) {  // RFC 5802 s6
  EXPECT_EQ(error_of(talk("SCRAM-SHA-256", credentials(kPassword),
                          {.channel_bindings = bindings("key"), .server_offers_plus = false},
                          {.channel_bindings = bindings("key")})),
            SaslError::kDowngraded);
  EXPECT_TRUE(
      std::holds_alternative<Success>(talk("SCRAM-SHA-256", credentials(kPassword),
                                           {.channel_bindings = bindings("key"), .server_offers_plus = false}, {})));
  EXPECT_TRUE(std::holds_alternative<Success>(
      talk("SCRAM-SHA-256", credentials(kPassword), {}, {.channel_bindings = bindings("key")})));
}

TEST_F(ScramTest, ActingForOthersIsTheCallersDecision) {
  EXPECT_EQ(error_of(talk("SCRAM-SHA-256", credentials(kPassword, "bob@demo.test"), {}, {})),
            SaslError::kNotAuthorized);
  EXPECT_EQ(std::get<Success>(talk("SCRAM-SHA-256", credentials(kPassword, "bob,=@demo.test"), {},
                                   {.proxy_use = ProxyUse::kCallerDecides}))
                .authzid,
            "bob,=@demo.test");
  EXPECT_EQ(std::get<Success>(talk("SCRAM-SHA-256", credentials(kPassword, kUser), {}, {})).authzid, "");
}

TEST_F(ScramTest, WhereTheProtocolCanSuccessCarriesTheVerifier) {
  auto client = ClientExchange::create("SCRAM-SHA-256", credentials(kPassword));
  auto server = exchange("SCRAM-SHA-256", {.success_octets = SuccessOctets::kWithSuccess});
  EXPECT_EQ(challenge_of(server->start(std::nullopt)), "");
  server->resume(*(*client)->respond(""));
  const Step step = server->resume(*(*client)->respond(challenge_of(server->scram_keys(keys_))));
  EXPECT_EQ((*client)->respond(std::get<Success>(step).final_octets), "");
  EXPECT_TRUE((*client)->may_succeed());
}

TEST_F(ScramTest, RefusesWhatTheGrammarRefuses) {  // RFC 5802 s7
  struct Case {
    std::string_view mechanism;
    std::string_view first;
    SaslError want;
  };
  const Case cases[] = {
      {"SCRAM-SHA-256", "", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,,", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,,n=user", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,,n=,r=abc", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,,n=user,r=", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,,n=us=er,r=abc", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,,n=user,r=a c", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,,n=\xFF,r=abc", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,b=x,n=user,r=abc", SaslError::kMalformed},
      {"SCRAM-SHA-256", "x,,n=user,r=abc", SaslError::kMalformed},
      {"SCRAM-SHA-256", "n,,m=1,n=user,r=abc", SaslError::kUnsupportedExtension},
      {"SCRAM-SHA-256", "n,,n=user,r=abc,m=x", SaslError::kUnsupportedExtension},  // s5.1
      {"SCRAM-SHA-256", "n,,n=user,r=abc,x=1,m=x", SaslError::kUnsupportedExtension},
      {"SCRAM-SHA-256", "n,,n=user,r=abc,zz", SaslError::kMalformed},
      {"SCRAM-SHA-256", "p=tls-exporter,,n=user,r=abc", SaslError::kMalformed},
      {"SCRAM-SHA-256-PLUS", "n,,n=user,r=abc", SaslError::kMalformed},
      {"SCRAM-SHA-256-PLUS", "p=,,n=user,r=abc", SaslError::kMalformed},
      {"SCRAM-SHA-256-PLUS", "p=tls-unique,,n=user,r=abc", SaslError::kUnsupportedChannelBinding},
      {"SCRAM-SHA-256-PLUS", "y,,n=user,r=abc", SaslError::kMalformed},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.first);
    EXPECT_EQ(error_of(exchange(c.mechanism, {.channel_bindings = bindings("key")})->start(std::string(c.first))),
              c.want);
  }
  EXPECT_TRUE(
      std::holds_alternative<NeedScramKeys>(exchange("SCRAM-SHA-256")->start("n,a=user,n=user,r=abc,x=optional")));
}

TEST_F(ScramTest, TheLastMessageMustFitTheFirst) {
  struct Case {
    std::string_view message;
    SaslError want;
  };
  const std::string proof = ",p=" + base::codec::base64_encode(std::string(32, 'p'));
  const Case cases[] = {
      {"", SaslError::kMalformed},
      {"c=biws,r=yx", SaslError::kMalformed},
      {"c=biws,r=yx,p=!", SaslError::kMalformed},
      {"c=biws,p=AAAA", SaslError::kMalformed},
      {"r=yx,c=biws,p=AAAA", SaslError::kMalformed},
      {"c=biws,r=yz,p=AAAA", SaslError::kNonceMismatch},
      {"c=biws,r=y,p=AAAA", SaslError::kNonceMismatch},
      {"c=eSws,r=yx,p=AAAA", SaslError::kChannelBindingMismatch},
      {"c=biws,r=yx,m=1,p=AAAA", SaslError::kUnsupportedExtension},
      {"c=biws,r=yx,x=1,p=AAAA", SaslError::kWrongCredentials},
      {"c=biws,r=yx,p=AAAA", SaslError::kWrongCredentials},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.message);
    auto server = exchange("SCRAM-SHA-256", {.nonce = [] { return std::string("x"); }});
    server->start("n,,n=user,r=y");
    server->scram_keys(keys_);
    EXPECT_EQ(error_of(server->resume(std::string(c.message))), c.want);
  }
  auto server = exchange("SCRAM-SHA-256", {.nonce = [] { return std::string("x"); }});
  server->start("n,,n=user,r=y");
  server->scram_keys(keys_);
  EXPECT_EQ(error_of(server->resume("c=biws,r=yx" + proof)), SaslError::kWrongCredentials);
}

TEST_F(ScramTest, SuccessWaitsForTheClientsLastEmptyResponse) {  // RFC 4954 s4
  auto client = ClientExchange::create("SCRAM-SHA-256", credentials(kPassword));
  auto server = exchange("SCRAM-SHA-256");
  server->start((*client)->initial_response());
  challenge_of(server->resume(*(*client)->respond(challenge_of(server->scram_keys(keys_)))));
  EXPECT_EQ(error_of(server->resume("more")), SaslError::kMalformed);
}

TEST(ResponseLine, IsBase64OrACancellation) {  // RFC 4954 s4
  EXPECT_EQ(decode_response("Zm9v"), "foo");
  EXPECT_EQ(decode_response(""), "");
  EXPECT_EQ(decode_response("*").error(), SaslError::kCancelled);
  EXPECT_EQ(decode_response("Zm9").error(), SaslError::kMalformedBase64);
  EXPECT_EQ(decode_response("=").error(), SaslError::kMalformedBase64);
  EXPECT_EQ(decode_response(std::string(12292, 'A')).error(), SaslError::kTooLong);
  EXPECT_EQ(decode_initial_response("").value(), std::nullopt);
  EXPECT_EQ(decode_initial_response("=").value(), "");
  EXPECT_EQ(decode_initial_response("Zm9v").value(), "foo");
  EXPECT_EQ(decode_initial_response("Zm9").error(), SaslError::kMalformedBase64);
}

TEST(SaslError, EachHasItsText) {
  for (int i = 0; i <= static_cast<int>(SaslError::kUnacceptableIterations); ++i)
    EXPECT_NE(to_string(static_cast<SaslError>(i)), "unknown error") << i;
}

}  // namespace
}  // namespace veredus::wire::sasl
