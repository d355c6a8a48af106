#include <gtest/gtest.h>

#include "app/config/configuration.h"

namespace veredus::app::config {
namespace {

using namespace std::chrono_literals;

auto parse(const std::string& section) {
  return parse_configuration(
      "hostname = \"mx.example.org\"\ndata_directory = \"/var/lib/veredus\"\n"
      "[[listener]]\nprotocol = \"smtp\"\naddress = \"127.0.0.1:25\"\n" +
          section,
      "test", "/");
}

TEST(SigningSection, SignsAndSealsUnlessToldOtherwise) {
  const auto usual = parse("");
  ASSERT_TRUE(usual);
  EXPECT_TRUE(usual->signing.sign);
  EXPECT_FALSE(usual->signing.sign_local);
  EXPECT_TRUE(usual->signing.seal);
  EXPECT_EQ(usual->signing_keys.overlap, 7 * 24h);
  const auto told = parse(
      "[signing]\nsign = false\nsign_local = true\nseal = false\nlifetime = \"7d\"\ncheck_keys_every = \"30s\"\n"
      "key_overlap = \"1d\"\n");
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->signing.sign);
  EXPECT_TRUE(told->signing.sign_local);
  EXPECT_FALSE(told->signing.seal);
  EXPECT_EQ(told->signing.lifetime, 7 * 24h);
  EXPECT_EQ(told->signing_keys.check_every, 30s);
  EXPECT_EQ(told->signing_keys.overlap, 24h);
}

TEST(SigningSection, RefusesWhatCannotBe) {
  EXPECT_FALSE(parse("[signing]\ncheck_keys_every = \"0s\"\n"));
  EXPECT_FALSE(parse("[signing]\nsign = \"yes\"\n"));
  EXPECT_FALSE(parse("[signing]\nkey = \"x\"\n"));
}

}  // namespace
}  // namespace veredus::app::config
