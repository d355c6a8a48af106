#include "rules/dmarc/report_destination.h"

#include <gtest/gtest.h>

#include "support/json_zone.h"

namespace veredus::rules::dmarc {
namespace {

TEST(MailAddress, IsReadOutOfItsUri) {
  struct Case {
    std::string_view uri;
    std::optional<std::string> want;
  };
  const Case cases[] = {
      {"mailto:a@example.org", "a@example.org"},  {"MAILTO:a%2Bb@example.org?subject=x", "a+b@example.org"},
      {"mailto:example.org", std::nullopt},       {"mailto:@example.org", std::nullopt},
      {"mailto:a@b.test,c@d.test", std::nullopt}, {"mailto:a%0d%0ab@example.org", std::nullopt},
      {"mailto:a%2@example.org", std::nullopt},   {"https://example.org/", std::nullopt}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.uri);
    EXPECT_EQ(mail_address(c.uri), c.want);
  }
}

TEST(HostOf, IsReadOutOfItsUri) {
  struct Case {
    std::string_view uri;
    std::optional<std::string> want;
  };
  const Case cases[] = {{"mailto:a@Example.ORG", "example.org"},
                        {"mailto:a@b\xc3\xbc"
                         "cher.example",
                         "xn--bcher-kva.example"},
                        {"https://user@reports.example.org:8443/v1?x", "reports.example.org"},
                        {"https:/example.org", std::nullopt},
                        {"ftp://example.org/", std::nullopt},
                        {"https:///x", std::nullopt}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.uri);
    EXPECT_EQ(host_of(c.uri), c.want);
  }
}

constexpr std::string_view kZone = R"({
  "_dmarc.example.org": {"TXT": [["v=DMARC1; p=none"]]},
  "_dmarc.org.test": {"TXT": [["v=DMARC1; p=none"]]},
  "example.org._report._dmarc.yes.test": {"TXT": [["other"], ["v=DMARC1"]]},
  "example.org._report._dmarc.moved.test": {"TXT": [["v=DMARC1; rua=mailto:b@moved.test!1k,mailto:c@moved.test;"]]},
  "example.org._report._dmarc.away.test": {"TXT": [["v=DMARC1; rua=mailto:victim@yes.test"]]},
  "example.org._report._dmarc.other.test": {"TXT": [["v=spf1 -all"]]},
  "example.org._report._dmarc.broken.test": {"TXT": [["v=DMARC1; x"]]},
  "example.org._report._dmarc.slow.test": {"_timeout": true}
})";

Destination check(const std::string& uri) {
  const test::JsonZone zone(boost::json::parse(kZone).as_object());
  return zone.run(check_destination("example.org", {.uri = uri, .most_octets = 7}, {}));
}

TEST(CheckDestination, TrustsTheDomainsOwnOrganization) {
  for (const std::string uri : {"mailto:a@example.org", "mailto:a@reports.example.org", "mailto:a@EXAMPLE.org"}) {
    const auto out = check(uri);
    EXPECT_EQ(out.permission, Permission::kGranted) << uri;
    ASSERT_EQ(out.targets.size(), 1U);
    EXPECT_EQ(out.targets[0].most_octets, 7U);
  }
}

TEST(CheckDestination, AsksTheHostOfOthers) {  // RFC 9990 s4
  const auto yes = check("mailto:a@yes.test");
  EXPECT_EQ(yes.permission, Permission::kGranted);
  EXPECT_EQ(yes.targets[0].uri, "mailto:a@yes.test");
  for (const auto* host : {"no.test", "other.test", "broken.test", "away.test"}) {
    SCOPED_TRACE(host);
    const auto out = check("mailto:a@" + std::string(host));
    EXPECT_EQ(out.permission, Permission::kRefused);
    EXPECT_TRUE(out.targets.empty());
    EXPECT_FALSE(out.problem.empty());
  }
  EXPECT_EQ(check("mailto:a@slow.test").permission, Permission::kTryLater);
  EXPECT_EQ(check("mailto:a").permission, Permission::kRefused);
}

TEST(CheckDestination, GoesWhereTheHostSaysInstead) {
  const auto out = check("mailto:a@moved.test");
  ASSERT_EQ(out.targets.size(), 2U);
  EXPECT_EQ(out.targets[0].uri, "mailto:b@moved.test");
  EXPECT_EQ(out.targets[0].most_octets, 1024U);
  EXPECT_EQ(out.targets[1].uri, "mailto:c@moved.test");
}

TEST(CheckDestination, StopsAtANameThatDnsCannotHave) {
  const std::string label(60, 'a');
  const std::string host = label + "." + label + "." + label + "." + label + ".test";
  EXPECT_EQ(check("mailto:a@" + host).permission, Permission::kRefused);
}

}  // namespace
}  // namespace veredus::rules::dmarc
