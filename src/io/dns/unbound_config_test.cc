#include "io/dns/unbound_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace veredus::io::dns {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(UnboundConfig, ForwardsAllToTheServersGiven) {
  const auto text = unbound_config({}, {net::Endpoint::parse("192.0.2.53:53").value()});
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("forward-zone:\n  name: \".\"\n  forward-addr: 192.0.2.53@53\n"));
  EXPECT_THAT(*text, HasSubstr("module-config: \"iterator\"")) << "nothing to validate with";
}

TEST(UnboundConfig, ValidatesWithATrustAnchorAndTrustsStubZonesAsTheyAre) {
  ResolverOptions options;
  options.trust_anchor_file = "/usr/share/dns/root.key";
  options.stub_zones = {{"Demo.test", {net::Endpoint::parse("[::1]:5300").value()}}};
  const auto text = unbound_config(options, {});
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("module-config: \"validator iterator\""));
  EXPECT_THAT(*text, HasSubstr("trust-anchor-file: \"/usr/share/dns/root.key\""));
  EXPECT_THAT(*text, HasSubstr("domain-insecure: \"demo.test\""));
  EXPECT_THAT(*text, HasSubstr("stub-zone:\n  name: \"demo.test\"\n  stub-prime: no\n  stub-addr: ::1@5300\n"));
  EXPECT_THAT(*text, Not(HasSubstr("forward-zone")));
}

TEST(UnboundConfig, AStubForTheRootStandsForAll) {
  ResolverOptions options;
  options.stub_zones = {{".", {net::Endpoint::parse("127.0.0.1:5300").value()}}};
  const auto text = unbound_config(options, {net::Endpoint::parse("192.0.2.53:53").value()});
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, Not(HasSubstr("forward-zone")));
}

TEST(UnboundConfig, RefusesWhatWouldBreakOutOfItsQuotes) {
  ResolverOptions zone;
  zone.stub_zones = {{"demo.test\"\nserver:", {net::Endpoint::parse("127.0.0.1:5300").value()}}};
  ResolverOptions nobody;
  nobody.stub_zones = {{"demo.test", {}}};
  ResolverOptions file;
  file.trust_anchor_file = "/tmp/a\"b";
  for (const auto* options : {&zone, &nobody, &file}) {
    const auto text = unbound_config(*options, {});
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error(), ResolverError::kSetting);
  }
}

}  // namespace
}  // namespace veredus::io::dns
