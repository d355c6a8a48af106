#include "state/directory/credentials.h"

#include <gtest/gtest.h>

#include "base/crypto/scram.h"
#include "state/directory/verified_passwords.h"

namespace veredus::state::directory {
namespace {

using base::crypto::Secret;

Secret secret(std::string_view text) { return Secret(text); }

TEST(AcceptNewPassword, KeepsToItsBounds) {
  EXPECT_EQ(accept_new_password("short", 8).error(), DirectoryError::kPasswordTooShort);
  EXPECT_EQ(accept_new_password("", 0).error(), DirectoryError::kPasswordTooShort);
  EXPECT_EQ(accept_new_password(std::string(1025, 'x'), 8).error(), DirectoryError::kPasswordTooLong);
  EXPECT_EQ(accept_new_password("control\x01here", 8).error(), DirectoryError::kBadPassword);
  EXPECT_EQ(accept_new_password("\xFF\xFEnot utf-8", 8).error(), DirectoryError::kBadPassword);
  EXPECT_EQ(accept_new_password("long enough", 8)->reveal(), "long enough");
  EXPECT_EQ(accept_new_password("pa\xCC\x8Assword", 8)->reveal(), accept_new_password("p\xC3\xA5ssword", 8)->reveal());
}

TEST(Credentials, ProveTheSamePasswordByHashAndByScram) {
  const auto credentials = with_new_password({}, secret("correct horse"));
  EXPECT_EQ(credentials.revision, 1U);
  EXPECT_TRUE(verify(&credentials, secret("correct horse")));
  EXPECT_FALSE(verify(&credentials, secret("correct horses")));
  EXPECT_FALSE(verify(nullptr, secret("correct horse")));
  const auto keys = scram_keys(credentials);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0], base::crypto::derive_scram_sha256("correct horse", keys[0].salt, keys[0].iterations));
}

TEST(Credentials, LetEachAppPasswordInAndSayWhichItWas) {
  auto credentials = with_new_password({}, secret("correct horse"));
  const auto phone = generate_app_password();
  const auto laptop = generate_app_password();
  credentials = with_new_app_password(credentials, "phone", phone, {});
  credentials = with_new_app_password(credentials, "laptop", laptop, {});
  EXPECT_EQ(verify(&credentials, phone)->app_password, 1U);
  EXPECT_EQ(verify(&credentials, laptop)->app_password, 2U);
  EXPECT_EQ(verify(&credentials, secret("correct horse"))->app_password, 0U);
  EXPECT_FALSE(verify(&credentials, generate_app_password()));
  const auto keys = scram_keys(credentials);
  ASSERT_EQ(keys.size(), 3U);
  for (const auto& key : keys) EXPECT_EQ(key.salt, keys[0].salt);
  EXPECT_EQ(app_password_of_key(credentials, 0), 0U);
  EXPECT_EQ(app_password_of_key(credentials, 2), 2U);
  EXPECT_EQ(app_password_of_key(credentials, 9), 0U);

  // A new password of the account leaves them as they are; without any, the salt is new.
  const auto salt = credentials.scram_salt;
  credentials = with_new_password(credentials, secret("another horse"));
  EXPECT_EQ(credentials.scram_salt, salt);
  EXPECT_EQ(verify(&credentials, phone)->app_password, 1U);
  credentials.app_passwords.clear();
  EXPECT_NE(with_new_password(credentials, secret("another horse")).scram_salt, salt);
}

TEST(AppPassword, HasAShapeThatNobodyMisreads) {
  const auto password = generate_app_password();
  EXPECT_EQ(password.reveal().size(), 23U);
  EXPECT_TRUE(is_app_password(password.reveal()));
  EXPECT_NE(password.reveal(), generate_app_password().reveal());
  for (const auto* text : {"", "abcde-fghjk-mnpqr-stuvl", "abcde-fghjk-mnpqr-stuv", "abcde_fghjk-mnpqr-stuvw",
                           "correct horse battery st"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(is_app_password(text));
  }
}

TEST(VerifiedPasswords, RememberUntilAChangeOrTheirTimeIsUp) {
  using namespace std::chrono_literals;
  FixedClock clock{SystemTime{}};
  VerifiedPasswords verified(&clock, 2, 60s);
  const AccountId alice{1};
  EXPECT_FALSE(verified.find(alice, 1, secret("p")));
  verified.remember(alice, 1, secret("p"), {.app_password = 7});
  EXPECT_EQ(verified.find(alice, 1, secret("p"))->app_password, 7U);
  EXPECT_FALSE(verified.find(alice, 1, secret("q")));
  EXPECT_FALSE(verified.find(alice, 2, secret("p"))) << "the credentials have changed";
  EXPECT_FALSE(verified.find(AccountId{2}, 1, secret("p")));
  clock.advance(60s);
  EXPECT_FALSE(verified.find(alice, 1, secret("p")));
  EXPECT_EQ(verified.size(), 0U);
  for (std::uint64_t i = 0; i < 5; ++i) verified.remember(alice, i, secret("p"), {});
  EXPECT_EQ(verified.size(), 2U);
  EXPECT_TRUE(verified.find(alice, 4, secret("p")));
  EXPECT_FALSE(verified.find(alice, 1, secret("p")));
}

}  // namespace
}  // namespace veredus::state::directory
