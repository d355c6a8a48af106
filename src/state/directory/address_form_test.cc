#include "state/directory/address_form.h"

#include <gtest/gtest.h>

namespace veredus::state::directory {
namespace {

TEST(NormalLocalPart, KnowsNoCaseAndOneWayOfComposing) {
  struct Case {
    std::string_view given, want;
  };
  const Case cases[] = {
      {"Alice", "alice"},
      {"a.B+C", "a.b+c"},
      {"J\xC3\x96RG", "j\xC3\xB6rg"},                            // Ö as one character
      {"JO\xCC\x88RG", "j\xC3\xB6rg"},                           // O and a combining diaeresis
      {"\xCE\xA3\xCE\xAF\xCF\x82", "\xCF\x83\xCE\xAF\xCF\x83"},  // both small sigmas are one
      {"\xFFzZ", "\xFFzz"},                                      // no UTF-8
      {"", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.given);
    EXPECT_EQ(normal_local_part(c.given), c.want);
    EXPECT_EQ(normal_local_part(normal_local_part(c.given)), c.want);
  }
}

TEST(NormalDomain, IsALabelsInLowerCase) {
  EXPECT_EQ(normal_domain("Example.ORG"), "example.org");
  EXPECT_EQ(normal_domain("B\xC3\xBC"
                          "cher.test"),
            "xn--bcher-kva.test");
  EXPECT_EQ(normal_domain("XN--BCHER-KVA.test"), "xn--bcher-kva.test");
  EXPECT_EQ(normal_domain("example.org."), "example.org");
  EXPECT_EQ(normal_domain("[192.0.2.1]"), std::nullopt);
  EXPECT_EQ(normal_domain(""), std::nullopt);
  EXPECT_EQ(normal_domain("a..b"), std::nullopt);
}

TEST(SplitAddress, CutsAtTheLastAt) {
  EXPECT_EQ(split_address("a@b@example.org").local_part, "a@b");
  EXPECT_EQ(split_address("a@b@example.org").domain, "example.org");
  EXPECT_EQ(split_address("alice").local_part, "alice");
  EXPECT_EQ(split_address("alice").domain, "");
}

TEST(ParseTypedAddress, TakesAddressesAndNothingElse) {
  EXPECT_TRUE(parse_typed_address(" alice@example.org "));
  EXPECT_TRUE(parse_typed_address("\"a b\"@example.org"));
  EXPECT_TRUE(
      parse_typed_address("j\xC3\xB6rg@b\xC3\xBC"
                          "cher.test"));
  for (const auto* text :
       {"", "alice", "@example.org", "alice@", "alice@[192.0.2.1]", "a b@example.org", "alice@-x-"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_typed_address(text));
  }
}

TEST(ShownAddress, HasULabelsAndKeepsCase) {
  EXPECT_EQ(shown_address({.local_part = "Alice", .domain = "xn--bcher-kva.test"}),
            "Alice@b\xC3\xBC"
            "cher.test");
}

}  // namespace
}  // namespace veredus::state::directory
