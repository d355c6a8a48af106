#include "rules/srs/srs.h"

#include <gtest/gtest.h>

#include <vector>

namespace veredus::rules::srs {
namespace {

using wire::smtp::Address;

const std::vector<std::string> kSecrets{"the secret of today"};
constexpr SystemTime kNow{std::chrono::days(20'780)};

Address address(std::string_view text) { return *wire::smtp::parse_mailbox(text); }
std::string rewritten(std::string_view sender, std::string_view domain = "ours.test") {
  const auto made = rewrite(address(sender), domain, kSecrets, kNow);
  return made ? to_string(*made) : "none";
}
std::expected<Address, SrsError> unwound(std::string_view text, SystemTime now = kNow) {
  return unwind(address(text), kSecrets, now, {});
}

TEST(Srs, LeadsABounceBackToTheSender) {
  for (const auto* sender : {"alice@example.org", "a=b=c@sub.example.org", "Alice.B+tag@Example.ORG",
                             "\"a b\"@example.org", "x@xn--bcher-kva.test"}) {
    SCOPED_TRACE(sender);
    const auto made = rewritten(sender);
    EXPECT_TRUE(made.contains("SRS0=") && made.ends_with("@ours.test")) << made;
    const auto back = unwound(made);
    ASSERT_TRUE(back) << made;
    EXPECT_EQ(to_string(*back), sender);
  }
}

TEST(Srs, KeepsTheFirstForwarderWhenOthersFollow) {
  const auto first = rewritten("alice@example.org", "one.test");
  const auto second = rewritten(first, "two.test");
  EXPECT_TRUE(second.starts_with("SRS1=") && second.contains("=one.test==")) << second;
  const auto third = rewritten(second, "three.test");
  EXPECT_TRUE(third.starts_with("SRS1=") && third.contains("=one.test==") && !third.contains("two.test")) << third;
  // From the last one straight to the first, and from there to the sender.
  const auto back = unwound(third);
  ASSERT_TRUE(back);
  EXPECT_EQ(to_string(*back), first);
  EXPECT_EQ(to_string(*unwound(to_string(*back))), "alice@example.org");
}

TEST(Srs, IsReadInAnyCaseAndWithOtherSeparators) {
  const auto made = rewritten("alice@example.org");
  std::string lower = made;
  for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  EXPECT_EQ(to_string(*unwound(lower)), "alice@example.org");
  std::string upper = made.substr(0, made.find('@'));
  for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_EQ(to_string(*unwound(upper + "@ours.test")), "ALICE@EXAMPLE.ORG");
  for (const char separator : {'-', '+'}) {
    auto other = made;
    other[4] = separator;
    EXPECT_EQ(to_string(*unwound(other)), "alice@example.org");
  }
  auto of_another_host = made;
  of_another_host[4] = '-';
  const auto again = rewritten(of_another_host, "two.test");
  EXPECT_EQ(to_string(*unwound(again)), of_another_host);
}

TEST(Srs, RefusesWhatItDidNotSign) {
  struct Case {
    std::string text;
    SrsError want;
  };
  const auto made = rewritten("alice@example.org");
  auto other_person = made;
  other_person.replace(other_person.find("alice"), 5, "carol");
  auto other_domain = made;
  other_domain.replace(other_domain.find("example.org"), 11, "example.net");
  const Case cases[] = {{"alice@ours.test", SrsError::kNotSrs},
                        {"SRS0@ours.test", SrsError::kNotSrs},
                        {"SRS0x=a=b=c@ours.test", SrsError::kNotSrs},
                        {"SRS2=a=b=c=d@ours.test", SrsError::kNotSrs},
                        {"SRS0=abc@ours.test", SrsError::kMalformed},
                        {"SRS0=abcdef=00=example.org@ours.test", SrsError::kMalformed},
                        {"SRS0=abcdef=000=example.org=x@ours.test", SrsError::kMalformed},
                        {"SRS0=abcdef=00=example.org=x@ours.test", SrsError::kForged},
                        {"SRS0==00=example.org=x@ours.test", SrsError::kForged},
                        {"SRS1=abcdef=example.org@ours.test", SrsError::kMalformed},
                        {"SRS1=abcdef=example.org=x=y@ours.test", SrsError::kMalformed},
                        {"SRS1=abcdef=example.org==x=y@ours.test", SrsError::kForged},
                        {other_person, SrsError::kForged},
                        {other_domain, SrsError::kForged}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto found = unwound(c.text);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error(), c.want);
  }
}

TEST(Srs, ExpiresAfterThreeWeeksAndTakesAClockADayAhead) {
  const auto made = rewritten("alice@example.org");
  EXPECT_TRUE(unwound(made, kNow + std::chrono::days(21)));
  EXPECT_EQ(unwound(made, kNow + std::chrono::days(22)).error(), SrsError::kExpired);
  EXPECT_TRUE(unwound(made, kNow - std::chrono::days(1)));
  EXPECT_EQ(unwound(made, kNow - std::chrono::days(2)).error(), SrsError::kExpired);
}

TEST(Srs, ChecksFormerSecretsAndSignsWithTheFirst) {
  const auto before = address(rewritten("alice@example.org"));
  const std::vector<std::string> both{"a newer one", kSecrets.front()};
  EXPECT_TRUE(unwind(before, both, kNow, {}));
  const auto now = *rewrite(address("alice@example.org"), "ours.test", both, kNow);
  EXPECT_TRUE(unwind(now, std::vector<std::string>{"a newer one"}, kNow, {}));
  EXPECT_EQ(unwind(now, kSecrets, kNow, {}).error(), SrsError::kForged);
}

TEST(Srs, LeavesSendersAloneThatCannotBeRewritten) {
  EXPECT_EQ(rewritten("alice@[192.0.2.1]"), "none");
  EXPECT_EQ(rewritten(std::string(60, 'a') + "@example.org"), "none");
}

}  // namespace
}  // namespace veredus::rules::srs
