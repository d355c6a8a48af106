#include "base/crypto/signing_key.h"

#include <gtest/gtest.h>

#include "base/codec/base64.h"
#include "base/crypto/digest.h"

namespace veredus::base::crypto {
namespace {

void signs_and_verifies(const PrivateKey& key, const PublicKey& open) {
  const auto digest = sha256("what is signed");
  auto signature = key.sign(digest);
  EXPECT_TRUE(open.verify(digest, signature));
  EXPECT_FALSE(open.verify(sha256("something else"), signature));
  signature[7] = static_cast<char>(signature[7] ^ 1);
  EXPECT_FALSE(open.verify(digest, signature));
  EXPECT_FALSE(open.verify(digest, ""));
  EXPECT_EQ(open.bits(), key.bits());
}

TEST(SigningKey, RsaSignsAndVerifies) {
  const auto key = PrivateKey::make_rsa(2048);
  const auto open = PublicKey::rsa(key.public_octets());
  ASSERT_TRUE(open);
  EXPECT_EQ(open->bits(), 2048U);
  signs_and_verifies(key, *open);
}

TEST(SigningKey, Ed25519SignsAndVerifies) {
  const auto key = PrivateKey::make_ed25519();
  const auto open = PublicKey::ed25519(key.public_octets());
  ASSERT_TRUE(open);
  signs_and_verifies(key, *open);
}

TEST(SigningKey, IsReadBackFromItsPem) {
  for (const auto& key : {PrivateKey::make_rsa(1024), PrivateKey::make_ed25519()}) {
    const auto again = PrivateKey::read(key.pem());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->kind(), key.kind());
    EXPECT_EQ(again->public_octets(), key.public_octets());
  }
}

TEST(SigningKey, ReadsTheSeedOfAnEd25519Key) {  // RFC 8463 A.2
  const auto key = PrivateKey::read(Secret(std::string_view("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n")));
  ASSERT_TRUE(key);
  EXPECT_EQ(codec::base64_encode(key->public_octets()), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
}

/// An RSAPublicKey (RFC 8017 A.1.1) of 1024 bits with that exponent.
std::string rsa_key(std::string_view exponent) {
  const auto integer = [](std::string_view octets) {
    const auto size = static_cast<char>(octets.size());
    return "\x02" + (octets.size() < 128 ? std::string() : std::string("\x81")) + size + std::string(octets);
  };
  const std::string modulus = '\0' + std::string(127, '\xC5') + '\xC7';
  const auto both = integer(modulus) + integer(exponent);
  return std::string("\x30\x81") + static_cast<char>(both.size()) + both;
}

TEST(SigningKey, RefusesExponentsThatMakeEveryCheckLong) {
  using namespace std::string_view_literals;
  for (const auto exponent : {"\x03"sv, "\x01\x00\x01"sv, "\x00\xFF\xFF\xFF\xFF"sv}) {
    const auto key = PublicKey::rsa(rsa_key(exponent));
    ASSERT_TRUE(key) << exponent.size();
    EXPECT_EQ(key->bits(), 1024U);
  }
  EXPECT_EQ(PublicKey::rsa(rsa_key("\x01\x00\x00\x00\x01"sv)).error(), KeyError::kTooLong);
  EXPECT_EQ(PublicKey::rsa(rsa_key('\x01' + std::string(63, '\xFF'))).error(), KeyError::kTooLong);
}

TEST(SigningKey, RefusesWhatIsNoKey) {
  EXPECT_EQ(PublicKey::rsa("nonsense").error(), KeyError::kMalformed);
  EXPECT_EQ(PublicKey::rsa("").error(), KeyError::kMalformed);
  EXPECT_EQ(PublicKey::rsa(PrivateKey::make_rsa(1024).public_octets() + "x").error(), KeyError::kMalformed);
  EXPECT_EQ(PublicKey::ed25519("short").error(), KeyError::kMalformed);
  EXPECT_EQ(PrivateKey::read(Secret(std::string_view("-----BEGIN PRIVATE KEY-----\nAAAA\n"))).error(),
            KeyError::kMalformed);
  EXPECT_EQ(PrivateKey::read(Secret(std::string_view("AAAA"))).error(), KeyError::kMalformed);
}

}  // namespace
}  // namespace veredus::base::crypto
