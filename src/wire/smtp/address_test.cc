#include "wire/smtp/address.h"

#include <gtest/gtest.h>

#include <string>

namespace veredus::wire::smtp {
namespace {

TEST(ParseMailbox, TakesWhatTheGrammarAllows) {  // RFC 5321 s4.1.2, s4.1.3, RFC 6531 s3.3
  struct Case {
    std::string_view text;
    std::string_view local_part;
    std::string_view domain;
  };
  const Case cases[] = {
      {"alice@example.org", "alice", "example.org"},
      {"a.b+c@x", "a.b+c", "x"},
      {"!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~", "example.org"},
      {"\"a b\"@example.org", "a b", "example.org"},
      {"\"a\\\"b\\\\\"@example.org", "a\"b\\", "example.org"},
      {"\"a@b\"@example.org", "a@b", "example.org"},
      {"\"\"@example.org", "", "example.org"},
      {"a@[192.0.2.1]", "a", "[192.0.2.1]"},
      {"a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]"},
      {"a@[x-tag:content]", "a", "[x-tag:content]"},
      {"a@1.example", "a", "1.example"},
      {"grüße@bücher.example", "grüße", "bücher.example"},
      {"a@xn--bcher-kva.example", "a", "xn--bcher-kva.example"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto address = parse_mailbox(c.text);
    ASSERT_TRUE(address) << to_string(address.error());
    EXPECT_EQ(address->local_part, c.local_part);
    EXPECT_EQ(address->domain, c.domain);
    EXPECT_EQ(parse_mailbox(to_string(*address)), *address);
  }
}

TEST(ParseMailbox, RefusesWhatTheGrammarRefuses) {
  struct Case {
    std::string text;
    AddressError want;
  };
  const Case cases[] = {
      {"", AddressError::kEmpty},
      {"alice", AddressError::kMissingAt},
      {"@example.org", AddressError::kLocalPart},
      {".a@example.org", AddressError::kLocalPart},
      {"a.@example.org", AddressError::kLocalPart},
      {"a..b@example.org", AddressError::kLocalPart},
      {"a b@example.org", AddressError::kMissingAt},
      {"\"a@example.org", AddressError::kQuotedString},
      {"\"a\tb\"@example.org", AddressError::kQuotedString},
      {"\"a\"b@example.org", AddressError::kMissingAt},
      {std::string(65, 'a') + "@example.org", AddressError::kLocalPartTooLong},
      {"a@", AddressError::kDomain},
      {"a@.example", AddressError::kDomain},
      {"a@example.", AddressError::kDomain},
      {"a@-x.example", AddressError::kDomain},
      {"a@xn---", AddressError::kDomain},
      {"a@x_y.example", AddressError::kDomain},
      {"a@b@c", AddressError::kDomain},
      {"a@" + std::string(64, 'x') + ".example", AddressError::kLabelTooLong},
      {"a@" + std::string(256, 'x'), AddressError::kDomainTooLong},
      {"a@[192.0.2.256]", AddressError::kLiteral},
      {"a@[IPv6:::g]", AddressError::kLiteral},
      {"a@[]", AddressError::kLiteral},
      {"a@[192.0.2.1", AddressError::kLiteral},
      {"a@[x:]", AddressError::kLiteral},
      {"\xff@example.org", AddressError::kNotUtf8},
      {"a@\xc3.example", AddressError::kNotUtf8},
      {"a@example.org x", AddressError::kTrailing},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto address = parse_mailbox(c.text);
    ASSERT_FALSE(address);
    EXPECT_EQ(to_string(address.error()), to_string(c.want));
  }
}

TEST(ParsePath, ReadsPathsAndLeavesTheRest) {
  const auto path = parse_path("<alice@example.org> SIZE=1", PathUse::kForward);
  ASSERT_TRUE(path);
  EXPECT_EQ(path->address, (Address{"alice", "example.org"}));
  EXPECT_EQ(path->rest, " SIZE=1");

  const auto null = parse_path("<>", PathUse::kReverse);
  ASSERT_TRUE(null);
  EXPECT_FALSE(null->address);

  const auto routed = parse_path("<@a.example,@b.example:c@d.example>", PathUse::kForward);
  ASSERT_TRUE(routed);
  EXPECT_EQ(routed->address, (Address{"c", "d.example"}));

  const auto postmaster = parse_path("<PostMaster>", PathUse::kForward);
  ASSERT_TRUE(postmaster);
  EXPECT_EQ(postmaster->address, (Address{"PostMaster", ""}));
  EXPECT_TRUE(is_postmaster(*postmaster->address));

  const auto bare = parse_path("alice@example.org BODY=7BIT", PathUse::kForward);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->rest, " BODY=7BIT");
}

TEST(ParsePath, RefusesWhatTheGrammarRefuses) {
  struct Case {
    std::string text;
    PathUse use;
    AddressError want;
  };
  const auto long_path = "<" + std::string(60, 'a') + "@" + std::string(60, 'b') + "." + std::string(60, 'c') + "." +
                         std::string(60, 'd') + "." + std::string(20, 'e') + ">";
  const Case cases[] = {
      {"", PathUse::kReverse, AddressError::kEmpty},
      {"<>", PathUse::kForward, AddressError::kLocalPart},
      {"<postmaster>", PathUse::kReverse, AddressError::kMissingAt},
      {"postmaster", PathUse::kForward, AddressError::kMissingAt},
      {"<a@b.example", PathUse::kForward, AddressError::kMissingBracket},
      {"<a@b.example>x", PathUse::kForward, AddressError::kTrailing},
      {"<@a.example>", PathUse::kForward, AddressError::kSourceRoute},
      {"<@a.example,b@c>", PathUse::kForward, AddressError::kSourceRoute},
      {long_path, PathUse::kForward, AddressError::kPathTooLong},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto path = parse_path(c.text, c.use);
    ASSERT_FALSE(path);
    EXPECT_EQ(to_string(path.error()), to_string(c.want));
  }
}

TEST(Address, SaysWhetherItNeedsSmtputf8) {  // RFC 6531 s3.4
  EXPECT_FALSE(needs_smtputf8({"alice", "example.org"}));
  EXPECT_TRUE(needs_smtputf8({"grüße", "example.org"}));
  EXPECT_TRUE(needs_smtputf8({"alice", "bücher.example"}));
}

}  // namespace
}  // namespace veredus::wire::smtp
