#include "rules/verp/verp.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/codec/ascii.h"

namespace veredus::rules::verp {
namespace {

const std::vector<std::string> kSecrets = {"new secret", "old secret"};
const Envelope kEnvelope{.queue_id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, .recipient = 77};

TEST(ReturnPath, IsReadBackAsWhatItStandsFor) {
  const auto path = return_path(kEnvelope, "example.org", '+', kSecrets);
  EXPECT_TRUE(path.local_part.starts_with("bounce+"));
  EXPECT_EQ(path.local_part.size(), kLocalPart.size() + 1 + kTokenCharacters);
  EXPECT_TRUE(wire::smtp::parse_mailbox(to_string(path)).has_value());
  EXPECT_EQ(parse_return_path(path, kSecrets), kEnvelope);
}

TEST(ReturnPath, SurvivesHostsThatChangeCaseAndSeparator) {
  auto path = return_path(kEnvelope, "example.org", '-', kSecrets);
  path.local_part = base::codec::to_upper_ascii(path.local_part);
  path.domain = "EXAMPLE.org";
  EXPECT_EQ(parse_return_path(path, kSecrets), kEnvelope);
}

TEST(ReturnPath, IsUnderstoodWhileItsSecretIsKept) {
  const std::vector<std::string> before = {"old secret"};
  const std::vector<std::string> after = {"newest secret"};
  const auto path = return_path(kEnvelope, "example.org", '+', before);
  EXPECT_EQ(parse_return_path(path, kSecrets), kEnvelope);
  EXPECT_EQ(parse_return_path(path, after).error(), VerpError::kForged);
}

TEST(ReturnPath, RefusesWhatItDidNotMake) {
  const auto path = return_path(kEnvelope, "example.org", '+', kSecrets);
  for (std::size_t i = kLocalPart.size() + 1; i < path.local_part.size(); ++i) {
    auto changed = path;
    changed.local_part[i] = changed.local_part[i] == 'a' ? 'b' : 'a';
    EXPECT_EQ(parse_return_path(changed, kSecrets).error(), VerpError::kForged) << i;
  }
  struct Case {
    std::string local_part;
    VerpError want;
  };
  const Case cases[] = {
      {"alice", VerpError::kNotVerp},
      {"bounce", VerpError::kNotVerp},
      {"bouncer+x", VerpError::kNotVerp},
      {"bounce+", VerpError::kMalformed},
      {"bounce+short", VerpError::kMalformed},
      {"bounce+1111111111111111111111111111111!", VerpError::kMalformed},
      {"bounce+" + std::string(33, 'a'), VerpError::kMalformed},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.local_part);
    EXPECT_EQ(parse_return_path({.local_part = c.local_part, .domain = "example.org"}, kSecrets).error(), c.want);
  }
  auto elsewhere = path;
  elsewhere.domain = "demo.test";
  EXPECT_EQ(parse_return_path(elsewhere, kSecrets).error(), VerpError::kForged);
}

}  // namespace
}  // namespace veredus::rules::verp
