#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "base/codec/base64.h"
#include "rules/arc/sealing.h"
#include "rules/arc/validation.h"
#include "rules/dkim/signed_fields.h"
#include "support/json_zone.h"

namespace veredus::rules::arc {
namespace {

namespace crypto = base::crypto;

const SystemTime kNow{std::chrono::seconds(1'700'000'000)};
constexpr std::string_view kHeader = "From: alice@example.org\r\nTo: list@example.net\r\nSubject: Hi\r\n";
constexpr std::string_view kBody = "Hello.\r\n";

/// A mail host that seals, and the DNS where its key is.
class Sealer {
 public:
  explicit Sealer(crypto::PrivateKey key) : key_(std::move(key)) {
    const bool rsa = key_.kind() == crypto::KeyKind::kRsa;
    boost::json::array strings;
    strings.emplace_back(std::string("v=DKIM1; k=") + (rsa ? "rsa" : "ed25519") +
                         "; p=" + base::codec::base64_encode(key_.public_octets()));
    zone_["s1._domainkey.example.net"].emplace_object()["TXT"].emplace_array().emplace_back(std::move(strings));
  }

  [[nodiscard]] Verdict validate(const std::string& header, std::string_view body,
                                 dkim::PartialBodies partial_bodies = dkim::PartialBodies::kAccepted,
                                 SystemTime now = kNow) const {
    dkim::ReceivedMessage message(header);
    Validation validation(&message, now, partial_bodies);
    message.body(body);
    message.end();
    return run(validation.finish());
  }
  template <class T>
  [[nodiscard]] T run(inquiry::Inquiry<T> inquiry) const {
    return test::JsonZone(zone_).run(std::move(inquiry));
  }

  /// The header with one set more.
  [[nodiscard]] std::string seal(const std::string& header, std::string_view body) const {
    return seal(header, body, validate(header, body).result);
  }
  /// Seals what `body` has become since the chain was found to be `chain`.
  [[nodiscard]] std::string seal(const std::string& header, std::string_view body, Result chain) const {
    dkim::BodyHash hash(dkim::Canonical::kRelaxed, std::nullopt);
    hash.feed(body);
    const dkim::SigningName name{.domain = "example.net", .selector = "s1", .identity = ""};
    return arc::seal(header, hash.finish(), chain, "mx.example.net; spf=pass", name, key_, SealingOptions(), kNow) +
           header;
  }

 private:
  crypto::PrivateKey key_;
  boost::json::object zone_;
};

TEST(Seal, MakesAChainThatValidates) {
  for (const auto& key : {crypto::PrivateKey::make_rsa(2048), crypto::PrivateKey::make_ed25519()}) {
    const Sealer sealer(key);
    std::string header(kHeader);
    EXPECT_EQ(sealer.validate(header, kBody).result, Result::kNone);
    for (unsigned hop = 1; hop <= 3; ++hop) {
      header = sealer.seal(header, kBody);
      const auto verdict = sealer.validate(header, kBody);
      EXPECT_EQ(verdict.result, Result::kPass) << verdict.problem;
      ASSERT_EQ(verdict.hops.size(), hop);
      EXPECT_EQ(verdict.hops.back().domain, "example.net");
      EXPECT_EQ(verdict.hops.back().results, "mx.example.net; spf=pass");
      EXPECT_EQ(verdict.oldest_pass, 0U);
    }
  }
}

TEST(Validation, TellsWhoChangedTheMessageLast) {  // RFC 8617 s5.2
  const Sealer sealer(crypto::PrivateKey::make_ed25519());
  const auto first = sealer.seal(std::string(kHeader), kBody);
  const auto second = sealer.seal(first, kBody);
  // The third hop gets it whole, adds a footer, and seals what it sends on.
  const std::string footed = std::string(kBody) + "-- \r\nlist\r\n";
  const auto third = sealer.seal(second, footed, Result::kPass);
  const auto fourth = sealer.seal(third, footed);
  const auto verdict = sealer.validate(fourth, footed);
  EXPECT_EQ(verdict.result, Result::kPass) << verdict.problem;
  EXPECT_EQ(verdict.oldest_pass, 3U);
  EXPECT_EQ(sealer.validate(second, kBody).oldest_pass, 0U);
}

TEST(Validation, MakesFewHashesOfTheText) {
  const auto key = crypto::PrivateKey::make_ed25519();
  const Sealer sealer(key);
  std::string header(kHeader);
  for (unsigned hop = 1; hop <= 6; ++hop) {
    dkim::BodyHash hash(dkim::Canonical::kRelaxed, hop);
    hash.feed(kBody);
    const dkim::SigningName name{
        .domain = "example.net; l=" + std::to_string(hop), .selector = "s1", .identity = ""};  // a form of its own
    header.insert(0, arc::seal(header, hash.finish(), hop == 1 ? Result::kNone : Result::kPass, "mx.example.net; none",
                               name, key, SealingOptions(), kNow));
    const auto verdict = sealer.validate(header, kBody);
    EXPECT_EQ(verdict.result, Result::kPass) << verdict.problem;
    EXPECT_EQ(verdict.oldest_pass, hop <= 4 ? 0U : hop - 3) << hop;
  }
}

TEST(Validation, SharesHashesOfTheTextWithSignatures) {
  const auto key = crypto::PrivateKey::make_ed25519();
  const Sealer sealer(key);
  const auto signature = [&key](std::uint64_t octets) {
    dkim::BodyHash hash(dkim::Canonical::kRelaxed, octets);
    hash.feed(kBody);
    const dkim::SigningName name{
        .domain = "example.net; l=" + std::to_string(octets), .selector = "s1", .identity = ""};
    return dkim::sign(kHeader, hash.finish(), name, key, dkim::SigningOptions(), kNow);
  };
  const auto sealed = sealer.seal(std::string(kHeader), kBody);
  dkim::ReceivedMessage alike(sealer.seal(sealed, kBody));
  const Validation of_two_sets(&alike, kNow);
  EXPECT_EQ(alike.hashes().size(), 1U) << "both sets want the same";

  std::string header = sealed;
  for (std::uint64_t octets = 1; octets <= 6; ++octets) header.insert(0, signature(octets));
  dkim::ReceivedMessage message(header);
  dkim::Verification verification(&message, kNow, {});
  Validation validation(&message, kNow);
  EXPECT_EQ(message.hashes().size(), 7U);
  message.body(kBody);
  message.end();
  EXPECT_EQ(sealer.run(validation.finish()).result, Result::kPass) << "what signatures want takes nothing from a chain";
  const auto verdicts = sealer.run(verification.finish());
  ASSERT_EQ(verdicts.size(), 6U);
  for (const auto& verdict : verdicts) EXPECT_EQ(verdict.result, dkim::Result::kPolicy) << verdict.problem;
}

TEST(Validation, RefusesTextAfterTheSignedPartWhereThatIsAsked) {  // RFC 6376 s8.2
  const auto key = crypto::PrivateKey::make_ed25519();
  const Sealer sealer(key);
  dkim::BodyHash hash(dkim::Canonical::kRelaxed, kBody.size());
  hash.feed(kBody);
  const dkim::SigningName name{
      .domain = "example.net; l=" + std::to_string(kBody.size()), .selector = "s1", .identity = ""};
  const auto header = arc::seal(std::string(kHeader), hash.finish(), Result::kNone, "mx.example.net; none", name, key,
                                SealingOptions(), kNow) +
                      std::string(kHeader);
  const auto longer = std::string(kBody) + "added\r\n";
  EXPECT_EQ(sealer.validate(header, kBody, dkim::PartialBodies::kRefused).result, Result::kPass);
  EXPECT_EQ(sealer.validate(header, longer).result, Result::kPass);
  const auto verdict = sealer.validate(header, longer, dkim::PartialBodies::kRefused);
  EXPECT_EQ(verdict.result, Result::kFail);
  EXPECT_EQ(verdict.problem, "ARC-Message-Signature 1: there is more text than was signed");
}

TEST(Validation, EndsWhenTheLastMessageSignatureDoes) {  // RFC 8617 s4.1.2, RFC 6376 s3.5
  const auto key = crypto::PrivateKey::make_ed25519();
  const Sealer sealer(key);
  dkim::BodyHash hash(dkim::Canonical::kRelaxed, std::nullopt);
  hash.feed(kBody);
  const dkim::SigningName name{.domain = "example.net; x=1700000100", .selector = "s1", .identity = ""};
  const auto header = arc::seal(std::string(kHeader), hash.finish(), Result::kNone, "mx.example.net; none", name, key,
                                SealingOptions(), kNow) +
                      std::string(kHeader);
  EXPECT_EQ(sealer.validate(header, kBody).result, Result::kPass);
  const auto later = sealer.validate(header, kBody, dkim::PartialBodies::kAccepted, kNow + std::chrono::seconds(101));
  EXPECT_EQ(later.result, Result::kFail);
  EXPECT_EQ(later.problem, "ARC-Message-Signature 1: it has expired");
}

TEST(Seal, NeverTakesAnInstanceThatIsThere) {
  const Sealer sealer(crypto::PrivateKey::make_ed25519());
  const auto header = sealer.seal("ARC-Authentication-Results: i=4; mx.example.org; none\r\n" + std::string(kHeader),
                                  kBody, Result::kFail);
  EXPECT_TRUE(header.contains("i=5;")) << header;
  EXPECT_FALSE(header.contains("i=1;")) << header;
}

TEST(Validation, LooksForSignedFieldsAmongSoManyOnly) {
  const Sealer sealer(crypto::PrivateKey::make_ed25519());
  auto header = sealer.seal(std::string(kHeader), kBody);
  for (std::size_t i = 0; i < dkim::kMostFields; ++i) header += "X: y\r\n";
  const auto verdict = sealer.validate(header, kBody);
  EXPECT_EQ(verdict.result, Result::kFail);
  EXPECT_EQ(verdict.problem, "the header has more fields than are looked at");
}

TEST(Validation, NoticesWhatWasTakenOutOrForged) {
  const Sealer sealer(crypto::PrivateKey::make_ed25519());
  const auto header = sealer.seal(sealer.seal(std::string(kHeader), kBody), kBody);
  auto forged = header;
  forged.replace(forged.find("spf=pass"), 8, "spf=fail");
  EXPECT_EQ(sealer.validate(forged, kBody).result, Result::kFail);
  const auto without_first_seal = header.substr(0, header.rfind("ARC-Seal:")) + std::string(kHeader);
  EXPECT_EQ(sealer.validate(without_first_seal, kBody).result, Result::kFail);
  EXPECT_EQ(sealer.validate(header, "Something else.\r\n").result, Result::kFail);
}

TEST(Seal, MarksABrokenChainOnceAndThenLeavesIt) {  // RFC 8617 s5.1.2
  const Sealer sealer(crypto::PrivateKey::make_ed25519());
  const auto header = sealer.seal(std::string(kHeader), kBody);
  const auto broken = sealer.seal(header, "changed\r\n");
  EXPECT_NE(broken.find("cv=fail"), std::string::npos);
  EXPECT_EQ(sealer.validate(broken, "changed\r\n").result, Result::kFail);
  EXPECT_EQ(sealer.seal(broken, "changed\r\n"), broken);
  const auto without_first_results =
      broken.substr(0, broken.rfind("ARC-Authentication-Results:")) + std::string(kHeader);
  EXPECT_EQ(sealer.seal(without_first_results, "changed\r\n"), without_first_results);
}

TEST(Validation, WantsTheInstanceOfResultsEndedByASemicolon) {  // RFC 8617 s4.1.1
  const auto sealed_with = [](std::string_view results) {
    return collect_sets(wire::mime::read_fields(std::string(results) + "\r\n")).error();
  };
  EXPECT_EQ(sealed_with("ARC-Authentication-Results: i=1;"), "an ARC set is not complete");
  for (const auto* results :
       {"i=1", "i=1 mx.example.org; none", "mx.example.org; none; i=1", "i=; none", "i=0; none"}) {
    SCOPED_TRACE(results);
    EXPECT_EQ(sealed_with(std::string("ARC-Authentication-Results: ") + results),
              "an ARC field has no instance that could be one");
  }
}

TEST(Seal, MakesNoMoreThanFiftySets) {  // RFC 8617 s5.1.1.1.1
  const Sealer sealer(crypto::PrivateKey::make_ed25519());
  std::string header(kHeader);
  for (unsigned hop = 0; hop < kMostSets; ++hop) header = sealer.seal(header, kBody);
  EXPECT_EQ(sealer.validate(header, kBody).result, Result::kPass);
  EXPECT_EQ(sealer.seal(header, kBody), header);
}

}  // namespace
}  // namespace veredus::rules::arc
