#include "wire/imap/decimal_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace veredus::wire::imap {
namespace {

std::string of(DecimalText& text, std::uint32_t number) {
  text.set(number);
  return std::string(text.view());
}

TEST(DecimalText, CountsUp) {
  DecimalText text;
  EXPECT_EQ(text.view(), "0");
  for (std::uint32_t number = 1; number <= 100'100; ++number) ASSERT_EQ(of(text, number), std::to_string(number));
}

TEST(DecimalText, TakesAnyNumberAfterAnyOther) {
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  const std::uint32_t numbers[] = {
      0, 1, 2, 8, 9, 10, 11, 98, 99, 100, 999, 1000, 4711, 999'999'999, 1'000'000'000, kMost - 1, kMost};
  DecimalText text;
  for (const auto before : numbers)
    for (const auto number : numbers) {
      text.set(before);
      EXPECT_EQ(of(text, number), std::to_string(number)) << "after " << before;
    }
  text.set(kMost);
  EXPECT_EQ(of(text, kMost + 1), "0");
}

}  // namespace
}  // namespace veredus::wire::imap
