#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "base/codec/base64.h"
#include "base/codec/hex.h"
#include "rules/dkim/key_record.h"
#include "rules/dkim/known_keys.h"
#include "rules/dkim/signed_fields.h"
#include "rules/dkim/signing.h"
#include "rules/dkim/tag_list.h"
#include "rules/dkim/verification.h"
#include "support/json_zone.h"

namespace veredus::rules::dkim {
namespace {

namespace codec = base::codec;
namespace crypto = base::crypto;

const SystemTime kNow{std::chrono::seconds(1'700'000'000)};
constexpr std::string_view kHeader =
    "From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: Is  dinner\r\n ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700\r\nMessage-ID: <1@example.org>\r\nReceived: from a\r\n by b\r\n";
constexpr std::string_view kBody = "Hi. \r\n\r\nWe  lost the game.\r\n\r\n\r\n";

std::string hash_of(Canonical canonical, std::string_view body, std::size_t step) {
  BodyHash hash(canonical, std::nullopt);
  for (std::size_t at = 0; at < body.size(); at += step) hash.feed(body.substr(at, step));
  return codec::hex_encode(hash.finish());
}

TEST(BodyHash, IsThatOfTheCanonicalBodyHoweverItIsCut) {  // RFC 6376 s3.4.3, s3.4.4
  struct Case {
    std::string_view body;
    std::string_view simple;
    std::string_view relaxed;
  };
  const Case cases[] = {{"", "\r\n", ""},
                        {"\r\n\r\n", "\r\n", ""},
                        {"a", "a\r\n", "a\r\n"},
                        {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},  // its example
                        {"a \r\n\t\r\n", "a \r\n\t\r\n", "a\r\n"},
                        {"a\rb\nc\r", "a\rb\nc\r\r\n", "a\rb\nc\r\r\n"},
                        {"\r\n a", "\r\n a\r\n", "\r\n a\r\n"}};
  for (const auto& c : cases) {
    for (const std::size_t step : {1UL, 2UL, 3UL, 100UL}) {
      SCOPED_TRACE(testing::Message() << codec::hex_encode(c.body) << " by " << step);
      EXPECT_EQ(hash_of(Canonical::kSimple, c.body, step), codec::hex_encode(crypto::sha256(c.simple)));
      EXPECT_EQ(hash_of(Canonical::kRelaxed, c.body, step), codec::hex_encode(crypto::sha256(c.relaxed)));
    }
  }
}

TEST(BodyHash, StopsAtItsLimitAndTellsThatMoreCame) {
  BodyHash hash(Canonical::kSimple, 3);
  hash.feed("abc");
  hash.feed("def\r\n");
  hash.feed("what follows is not looked at\r\n");
  EXPECT_EQ(hash.finish(), crypto::sha256("abc"));
  EXPECT_GT(hash.octets(), 3U);
  BodyHash whole(Canonical::kSimple, 8);
  whole.feed("abcdef\r\n\r\n");
  EXPECT_EQ(whole.finish(), crypto::sha256("abcdef\r\n"));
  EXPECT_EQ(whole.octets(), 8U);
}

TEST(AppendCanonical, FollowsTheRfcsExample) {  // RFC 6376 s3.4.5
  const auto fields = wire::mime::read_fields("A: X\r\nB : Y\t\r\n\tZ  \r\n");
  std::string relaxed;
  std::string simple;
  for (const auto& field : fields) {
    append_canonical(relaxed, field, Canonical::kRelaxed);
    append_canonical(simple, field, Canonical::kSimple);
  }
  EXPECT_EQ(relaxed, "a:X\r\nb:Y Z\r\n");
  EXPECT_EQ(simple, "A: X\r\nB : Y\t\r\n\tZ  \r\n");
}

TEST(CanonicalSignatureField, TakesOutTheValueOfBAlone) {
  const auto fields = wire::mime::read_fields("DKIM-Signature: v=1; bh=abc; b =x\r\n yz ; d=b.test\r\n");
  EXPECT_EQ(canonical_signature_field(fields[0], Canonical::kSimple), "DKIM-Signature: v=1; bh=abc; b =; d=b.test");
  EXPECT_EQ(canonical_signature_field(fields[0], Canonical::kRelaxed), "dkim-signature:v=1; bh=abc; b =; d=b.test");
}

/// Signs and hands the result to a verifier that finds the key in DNS.
struct Signed {
  explicit Signed(const crypto::PrivateKey& key, SigningOptions options = {}, std::string flags = "") {
    BodyHash hash(options.body, std::nullopt);
    hash.feed(kBody);
    field =
        sign(kHeader, hash.finish(), {.domain = "example.org", .selector = "s1", .identity = ""}, key, options, kNow);
    const bool rsa = key.kind() == crypto::KeyKind::kRsa;
    record = std::string("v=DKIM1; k=") + (rsa ? "rsa" : "ed25519") + flags +
             "; p=" + codec::base64_encode(key.public_octets());
  }

  [[nodiscard]] Verdict verify(std::string header, std::string_view body, SystemTime now = kNow,
                               Options options = {}) const {
    boost::json::array strings;
    strings.emplace_back(record);
    boost::json::object zone;
    zone["s1._domainkey.example.org"].emplace_object()["TXT"].emplace_array().emplace_back(std::move(strings));
    const test::JsonZone answers(zone);
    ReceivedMessage message(std::move(header));
    Verification verification(&message, now, options);
    message.body(body);
    message.end();
    auto verdicts = answers.run(verification.finish());
    return verdicts.empty() ? Verdict() : verdicts.front();
  }

  std::string field;
  std::string record;
};

TEST(Sign, MakesWhatVerificationAccepts) {
  for (const auto& key : {crypto::PrivateKey::make_rsa(2048), crypto::PrivateKey::make_ed25519()}) {
    for (const auto header : {Canonical::kSimple, Canonical::kRelaxed}) {
      for (const auto body : {Canonical::kSimple, Canonical::kRelaxed}) {
        SigningOptions options;
        options.header = header;
        options.body = body;
        const Signed made(key, options);
        const auto verdict = made.verify(made.field + std::string(kHeader), kBody);
        EXPECT_EQ(verdict.result, Result::kPass) << verdict.problem << '\n' << made.field;
        EXPECT_EQ(verdict.key_bits, key.bits());
      }
    }
  }
}

TEST(Sign, FoldsItsFieldIntoShortLines) {
  const Signed made(crypto::PrivateKey::make_rsa(2048));
  std::string_view rest = made.field;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    EXPECT_LE(line.size(), 78U) << line;
    rest.remove_prefix(line.size() + 2);
  }
}

TEST(Verification, NoticesWhatWasChangedOrAdded) {
  const Signed made(crypto::PrivateKey::make_ed25519());
  const std::string header = made.field + std::string(kHeader);
  EXPECT_EQ(made.verify(header, "Hi.\r\n\r\nWe won the game.\r\n").result, Result::kFail);
  EXPECT_EQ(made.verify("From: mallory@example.net\r\n" + header, kBody).result, Result::kFail) << "From is oversigned";
  EXPECT_EQ(made.verify(header + "Subject: another\r\n", kBody).result, Result::kFail);
  EXPECT_EQ(made.verify("X-Other: 1\r\n" + header, kBody).result, Result::kPass);
  EXPECT_EQ(made.verify(std::string(kHeader), kBody).result, Result::kNone);
}

TEST(Verification, MindsTheTimeOfASignature) {
  SigningOptions options;
  options.lifetime = std::chrono::hours(1);
  const Signed made(crypto::PrivateKey::make_ed25519(), options);
  const std::string header = made.field + std::string(kHeader);
  EXPECT_EQ(made.verify(header, kBody, kNow + std::chrono::minutes(59)).result, Result::kPass);
  EXPECT_EQ(made.verify(header, kBody, kNow + std::chrono::minutes(61)).result, Result::kPermerror);
}

TEST(Verification, LooksForItsFieldsAmongSoManyOnly) {
  const Signed made(crypto::PrivateKey::make_ed25519());
  const auto fields = [&made](std::size_t others) {
    auto header = made.field + std::string(kHeader);
    for (std::size_t i = 0; i < others; ++i) header += "X: y\r\n";
    return header;
  };
  EXPECT_EQ(made.verify(fields(kMostFields / 2), kBody).result, Result::kPass);
  const auto verdict = made.verify(fields(kMostFields), kBody);
  EXPECT_EQ(verdict.result, Result::kPermerror);
  EXPECT_EQ(verdict.problem, "the header has more fields than are looked at");
}

TEST(Verification, TellsATestingKey) {
  const Signed made(crypto::PrivateKey::make_ed25519(), {}, "; t=y:s");
  EXPECT_TRUE(made.verify(made.field + std::string(kHeader), kBody).testing);
}

TEST(ParseSignature, SaysWhatIsWrong) {
  const std::string good = "v=1; a=rsa-sha256; d=example.org; s=s1; h=From:To; bh=aGFzaA==; b=c2ln";
  ASSERT_TRUE(parse_signature(good));
  const auto with_fields = [](std::size_t more) {
    std::string out = "v=1; a=rsa-sha256; d=example.org; s=s1; bh=aGFzaA==; b=c2ln; h=From";
    for (std::size_t i = 0; i < more; ++i) out += ":x";
    return out;
  };
  EXPECT_TRUE(parse_signature(with_fields(kMostSignedFields - 1)));
  const std::pair<std::string, SignatureError> cases[] = {{good + "; l=x", SignatureError::kNumber},
                                                          {good + "; t=5; x=4", SignatureError::kExpiry},
                                                          {good + "; i=a@example.net", SignatureError::kIdentity},
                                                          {good + "; i=a@xexample.org", SignatureError::kIdentity},
                                                          {good + "; c=nofws", SignatureError::kCanonical},
                                                          {good + "; q=http", SignatureError::kQuery},
                                                          {good + "; b=c2ln", SignatureError::kSyntax},
                                                          {with_fields(kMostSignedFields), SignatureError::kFields},
                                                          {"v=2" + good.substr(3), SignatureError::kVersion},
                                                          {"a=rsa-sha256", SignatureError::kMissingTag}};
  for (const auto& [text, error] : cases) {
    SCOPED_TRACE(text);
    const auto parsed = parse_signature(text);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error(), error) << to_string(parsed.error());
  }
}

TEST(TagList, AllowsOneSemicolonAtTheEnd) {
  EXPECT_TRUE(TagList::parse("a=1; b=2;"));
  EXPECT_TRUE(TagList::parse(" a = 1 ;\r\n b=2 ; "));
  for (const auto* text : {"a=1;;b=2", "a=1;;", "a=1; ;", ";a=1", ";", "a=1; b=2 ;\r\n ;"}) {  // RFC 6376 s3.2
    SCOPED_TRACE(text);
    ASSERT_FALSE(TagList::parse(text));
    EXPECT_EQ(TagList::parse(text).error(), TagList::Error::kSyntax);
  }
  EXPECT_EQ(TagList::parse("a=1; a=2").error(), TagList::Error::kRepeated);
}

TEST(KnownKeyRecord, IsWhatTheRecordSaysHoweverOftenItIsRead) {
  const auto text = "v=DKIM1; k=ed25519; p=" + codec::base64_encode(crypto::PrivateKey::make_ed25519().public_octets());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(known_key_record(text));
    const auto revoked = known_key_record("v=DKIM1; p=");
    ASSERT_FALSE(revoked);
    EXPECT_EQ(revoked.error(), KeyRecordError::kRevoked);
  }
  for (int i = 0; i < 2'000; ++i) EXPECT_FALSE(known_key_record("v=DKIM1; p=" + std::to_string(i)));
  EXPECT_TRUE(known_key_record(text));
}

}  // namespace
}  // namespace veredus::rules::dkim
