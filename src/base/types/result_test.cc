#include "base/types/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace veredus {
namespace {

std::expected<std::unique_ptr<int>, std::string> half(int n) {
  if (n % 2 != 0) return std::unexpected("odd");
  return std::make_unique<int>(n / 2);
}

std::expected<int, std::string> quarter(int n) {
  VEREDUS_TRY(auto first, half(n));
  VEREDUS_TRY(auto second, half(*first));
  return *second;
}

std::expected<void, std::string> check_even(int n) {
  VEREDUS_TRY(half(n));
  return {};
}

TEST(Try, YieldsTheValueOrReturnsTheError) {
  EXPECT_EQ(quarter(12), 3);
  EXPECT_EQ(quarter(6).error(), "odd");
  EXPECT_TRUE(check_even(2));
  EXPECT_EQ(check_even(1).error(), "odd");
}

TEST(CheckDeathTest, StopsOnABrokenInvariant) {
  EXPECT_DEATH(VEREDUS_CHECK(1 + 1 == 3), "broken invariant: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace veredus
