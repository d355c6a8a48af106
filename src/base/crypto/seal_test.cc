#include "base/crypto/seal.h"

#include <gtest/gtest.h>

namespace veredus::base::crypto {
namespace {

const Secret kKey(std::string(kSealKeyOctets, 'k'));

TEST(Seal, OpensWithItsKeyAndContext) {
  for (const std::string& octets : {std::string(), std::string("p\0ssword", 8), std::string(20'000, 'x')}) {
    const auto sealed = seal(kKey, octets, "route smart");
    EXPECT_EQ(sealed.size(), octets.size() + kSealOverheadOctets);
    const auto opened = unseal(kKey, sealed, "route smart");
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), octets);
  }
}

TEST(Seal, OpensForNothingElse) {
  const auto sealed = seal(kKey, "password", "route smart");
  EXPECT_FALSE(sealed.contains("password"));
  EXPECT_NE(sealed, seal(kKey, "password", "route smart"));
  EXPECT_FALSE(unseal(kKey, sealed, "route other"));
  EXPECT_FALSE(unseal(Secret(std::string(kSealKeyOctets, 'j')), sealed, "route smart"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(unseal(kKey, changed, "route smart")) << i;
    EXPECT_FALSE(unseal(kKey, sealed.substr(0, i), "route smart")) << i;
  }
}

}  // namespace
}  // namespace veredus::base::crypto
