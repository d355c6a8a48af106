#include <argon2.h>
#include <gtest/gtest.h>

#include <set>

#include "base/codec/base64.h"
#include "base/codec/hex.h"
#include "base/crypto/digest.h"
#include "base/crypto/password.h"
#include "base/crypto/random.h"
#include "base/crypto/scram.h"
#include "base/crypto/secret.h"

namespace veredus::base::crypto {
namespace {

using codec::base64_decode;
using codec::base64_encode;
using codec::hex_decode;
using codec::hex_encode;

TEST(Sha256, AgreesWithKnownDigests) {
  const std::string_view empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const std::string_view abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(hex_encode(sha256("")), empty);
  EXPECT_EQ(hex_encode(sha256("abc")), abc);
  Sha256 digest;
  digest.update("a");
  digest.update("bc");
  EXPECT_EQ(hex_encode(digest.finish()), abc);
  EXPECT_EQ(hex_encode(digest.finish()), empty) << "starts anew";
}

TEST(HmacSha256, AgreesWithItsRfc) {  // RFC 4231 s4.2, s4.3
  EXPECT_EQ(hex_encode(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_encode(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Random, IsNeverTheSame) {
  EXPECT_EQ(random_octets(0), "");
  std::set<std::string> octets;
  std::set<std::uint64_t> numbers;
  for (int i = 0; i < 1000; ++i) {
    octets.insert(random_octets(16));
    numbers.insert(random_u64());
  }
  EXPECT_EQ(octets.size(), 1000u);
  EXPECT_EQ(numbers.size(), 1000u);
}

TEST(ConstantTime, ComparesAsTheOrdinaryComparisonDoes) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(Secret, LeavesNothingBehind) {
  for (const std::size_t size : {5u, 500u}) {
    std::string text(size, 's');
    text.reserve(size * 2);
    const char* const octets = text.data();
    const std::size_t capacity = text.capacity();
    wipe(text);
    EXPECT_TRUE(text.empty());
    for (std::size_t i = 0; i < std::min(capacity, size); ++i) ASSERT_EQ(octets[i], '\0');
  }
  Secret first(std::string("hunter2"));
  Secret second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the promise
  first = second;
  EXPECT_EQ(first.reveal(), "hunter2");
  second = std::move(first);
  EXPECT_EQ(second.reveal(), "hunter2");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(Password, IsHashedByArgon2idAndVerifiedByItsLibrary) {
  const std::string phc = hash_password("correct horse");
  EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << phc;
  EXPECT_EQ(argon2id_verify(phc.c_str(), "correct horse", 13), ARGON2_OK);
  EXPECT_TRUE(verify_password(phc, "correct horse"));
  EXPECT_FALSE(verify_password(phc, "correct hors"));
  EXPECT_FALSE(verify_password(phc, ""));
  EXPECT_NE(phc, hash_password("correct horse")) << "each has a salt of its own";
  EXPECT_FALSE(needs_rehash(phc));
  EXPECT_FALSE(verify_nothing("correct horse"));
}

TEST(Password, MadeElsewhereIsVerifiedToo) {
  char phc[128];
  ASSERT_EQ(argon2id_hash_encoded(1, 64, 2, "pw", 2, "saltsalt", 8, 24, phc, sizeof(phc)), ARGON2_OK);
  EXPECT_TRUE(verify_password(phc, "pw"));
  EXPECT_TRUE(needs_rehash(phc));
}

TEST(Password, WhatIsNoHashVerifiesNothing) {
  for (const std::string_view phc :
       {"", "x", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAA", "$argon2id$v=19$m=64,t=1,p=1$",
        "$argon2id$v=19$m=4000000,t=1,p=1$c2FsdHNhbHQ$AAAA", "$argon2id$v=19$m=64,t=99999,p=1$c2FsdHNhbHQ$AAAA",
        "$2y$10$abc"}) {
    SCOPED_TRACE(phc);
    EXPECT_FALSE(verify_password(phc, "x"));
    EXPECT_TRUE(needs_rehash(phc));
  }
}

TEST(Scram, KeysAgreeWithTheExampleOfItsRfc) {  // RFC 7677 s3
  const std::string salt = *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==");
  const ScramKeys keys = derive_scram_sha256("pencil", salt, 4096);
  EXPECT_EQ(base64_encode(scram_salted_password("pencil", salt, 4096)), "xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=");
  EXPECT_EQ(base64_encode(keys.stored_key), "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
  EXPECT_EQ(base64_encode(keys.server_key), "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

TEST(Scram, KeysComeBackFromTextAsTheyWere) {
  const ScramKeys keys = derive_scram_sha256("pencil");
  EXPECT_EQ(keys.iterations, kScramIterations);
  EXPECT_EQ(keys.salt.size(), kScramSaltOctets);
  EXPECT_EQ(parse_scram_keys(to_text(keys)), keys);
}

TEST(Scram, MalformedKeysAreRefused) {
  const std::string good =
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
      "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  ASSERT_TRUE(parse_scram_keys(good));
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("SCRAM-SHA-256$"), replaced("256", "1"), replaced("4096", "0"),
        replaced("4096", "-1"), replaced("4096", "4096x"), replaced("4096", "99999999"),
        replaced("W22ZaJ0SNY7soEsUEjb6gQ==", ""), replaced("WG5d", ""), good + "A", replaced(":wf", "wf")}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_scram_keys(text), std::nullopt);
  }
}

}  // namespace
}  // namespace veredus::base::crypto
