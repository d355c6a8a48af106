#include "wire/imap/drop_repeats.h"

#include <gtest/gtest.h>

#include <compare>
#include <string>
#include <vector>

namespace veredus::wire::imap {
namespace {

TEST(DropRepeats, LeavesTheFirstOfEachInTheirOrder) {
  struct Case {
    std::vector<std::string> values;
    std::vector<std::string> want;
  };
  const Case cases[] = {
      {{}, {}},
      {{"a"}, {"a"}},
      {{"a", "a"}, {"a"}},
      {{"c", "a", "b"}, {"c", "a", "b"}},
      {{"c", "a", "c", "b", "a", "c", "d"}, {"c", "a", "b", "d"}},
  };
  for (const auto& one : cases) {
    auto values = one.values;
    drop_repeats(values);
    EXPECT_EQ(values, one.want);
  }
}

struct Counted {
  int value = 0;
  static inline std::size_t comparisons = 0;
  friend std::strong_ordering operator<=>(const Counted& a, const Counted& b) {
    ++comparisons;
    return a.value <=> b.value;
  }
};

TEST(DropRepeats, ComparesFewOfMany) {
  constexpr int kMany = 1 << 14;
  std::vector<Counted> values(kMany);
  for (int i = 0; i < kMany; ++i) values[static_cast<std::size_t>(i)].value = i * 7919 % (kMany / 2);
  drop_repeats(values);
  EXPECT_EQ(values.size(), kMany / 2u);
  EXPECT_LE(Counted::comparisons, std::size_t{kMany} * 2 * 14);
}

}  // namespace
}  // namespace veredus::wire::imap
