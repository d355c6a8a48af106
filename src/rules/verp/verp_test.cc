#include "rules/verp/verp.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/codec/ascii.h"

namespace veredus::rules::verp {
namespace {

const std::vector<std::string> kSecrets = {"new secret", "old secret"};
const Envelope kEnvelope{.queue_id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, .recipient = 77};

const wire::smtp::Address kSender{.local_part = "news-bounces", .domain = "example.org"};
const Returned kReturned{.envelope = kEnvelope, .sender = kSender};

TEST(ReturnPath, IsReadBackAsWhatItStandsFor) {
  const auto path = return_path(kEnvelope, kSender, kSecrets);
  ASSERT_TRUE(path);
  EXPECT_TRUE(path->local_part.starts_with("news-bounces+"));
  EXPECT_EQ(path->local_part.size(), kSender.local_part.size() + 1 + kTokenCharacters);
  EXPECT_TRUE(wire::smtp::parse_mailbox(to_string(*path)).has_value());
  EXPECT_EQ(parse_return_path(*path, kSecrets), kReturned);
}

TEST(ReturnPath, SurvivesHostsThatChangeCaseAndSeparator) {
  auto path = *return_path(kEnvelope, kSender, kSecrets);
  path.local_part[kSender.local_part.size()] = '-';
  path.local_part = base::codec::to_upper_ascii(path.local_part);
  path.domain = "EXAMPLE.org";
  const auto returned = parse_return_path(path, kSecrets);
  ASSERT_TRUE(returned);
  EXPECT_EQ(returned->envelope, kEnvelope);
  EXPECT_EQ(returned->sender.local_part, "NEWS-BOUNCES");
}

TEST(ReturnPath, IsUnderstoodWhileItsSecretIsKept) {
  const std::vector<std::string> before = {"old secret"};
  const std::vector<std::string> after = {"newest secret"};
  const auto path = *return_path(kEnvelope, kSender, before);
  EXPECT_EQ(parse_return_path(path, kSecrets), kReturned);
  EXPECT_FALSE(parse_return_path(path, after));
}

TEST(ReturnPath, IsNotMadeWhereTheLocalPartWouldBecomeTooLong) {
  const wire::smtp::Address longest{.local_part = std::string(kMaxLocalPart, 'x'), .domain = "example.org"};
  ASSERT_TRUE(return_path(kEnvelope, longest, kSecrets));
  EXPECT_EQ(return_path(kEnvelope, longest, kSecrets)->local_part.size(), 64U);
  const wire::smtp::Address longer{.local_part = std::string(kMaxLocalPart + 1, 'x'), .domain = "example.org"};
  EXPECT_FALSE(return_path(kEnvelope, longer, kSecrets));
}

TEST(ReturnPath, RefusesWhatItDidNotMake) {
  const auto path = *return_path(kEnvelope, kSender, kSecrets);
  for (std::size_t i = 0; i < path.local_part.size(); ++i) {
    if (i == kSender.local_part.size()) continue;  // the separator
    auto changed = path;
    changed.local_part[i] = changed.local_part[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(parse_return_path(changed, kSecrets)) << i;
  }
  const std::string token(kTokenCharacters, 'a');
  for (const auto& local_part : {std::string("alice"), std::string("news-bounces+"), std::string("news-bounces+short"),
                                 std::string("news-bounces+1111111111111111111111111111111!"), "news-bounces+" + token,
                                 token, "+" + token, "news-bounces" + token}) {
    SCOPED_TRACE(local_part);
    EXPECT_FALSE(parse_return_path({.local_part = local_part, .domain = "example.org"}, kSecrets));
  }
  auto elsewhere = path;
  elsewhere.domain = "demo.test";
  EXPECT_FALSE(parse_return_path(elsewhere, kSecrets));
}

TEST(RecipientNumber, IsTheSameInAnyCase) {
  EXPECT_EQ(recipient_number("Bob@Example.org"), recipient_number("bob@example.org"));
  EXPECT_NE(recipient_number("bob@example.org"), recipient_number("rob@example.org"));
}

}  // namespace
}  // namespace veredus::rules::verp
