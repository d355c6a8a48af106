#include "work/queue/egress.h"

#include <gtest/gtest.h>

#include <map>

namespace veredus::work::queue {
namespace {

using io::net::IpAddress;

EgressSource source(std::string name, unsigned weight) {
  EgressSource made;
  made.name = std::move(name);
  made.weight = weight;
  return made;
}

TEST(Egress, WithoutSourcesThereIsOneThatBindsToNothing) {
  const Egress egress({}, {});
  const auto index = egress.pick("", 1);
  EXPECT_EQ(egress.source(index).name, "default");
  const auto binding = egress.source(index).binding_for(*IpAddress::parse("2001:db8::1"));
  ASSERT_TRUE(binding);
  EXPECT_FALSE(binding->address);
}

TEST(Egress, ASourceWithOneAddressReachesThatFamilyAlone) {
  EgressSource only_v4 = source("a", 1);
  only_v4.v4 = IpAddress::parse("127.0.0.5");
  EXPECT_EQ(only_v4.binding_for(*IpAddress::parse("192.0.2.1"))->address, IpAddress::parse("127.0.0.5"));
  EXPECT_FALSE(only_v4.binding_for(*IpAddress::parse("2001:db8::1")));
}

TEST(Egress, SpreadsByWeightAndKeepsToItsChoice) {
  const Egress egress({source("a", 3), source("b", 1), source("idle", 0)}, {});
  std::map<std::string, int> count;
  for (std::uint64_t key = 0; key < 4000; ++key) {
    const auto index = egress.pick("", key);
    EXPECT_EQ(index, egress.pick("default", key));
    ++count[egress.source(index).name];
  }
  EXPECT_NEAR(count["a"], 3000, 200);
  EXPECT_NEAR(count["b"], 1000, 200);
  EXPECT_EQ(count["idle"], 0);
}

TEST(Egress, APoolUsesItsOwnSourcesAndAnUnknownPoolIsTheDefault) {
  const Egress egress({source("a", 1), source("b", 1)},
                      {{.name = "bulk", .sources = {"b"}}, {.name = "default", .sources = {"a"}}});
  for (std::uint64_t key = 0; key < 50; ++key) {
    EXPECT_EQ(egress.source(egress.pick("bulk", key)).name, "b");
    EXPECT_EQ(egress.source(egress.pick("", key)).name, "a");
    EXPECT_EQ(egress.source(egress.pick("gone", key)).name, "a");
  }
}

}  // namespace
}  // namespace veredus::work::queue
