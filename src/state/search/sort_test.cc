#include "state/search/sort.h"

#include <gtest/gtest.h>

#include "state/search/sort_columns.h"

namespace veredus::state::search {
namespace {

std::string order_of(std::string_view text, Direction direction) {
  std::string order;
  append_order(order, text, direction);
  return order;
}

TEST(SortOrder, ComparesAsItsValuesDo) {
  EXPECT_LT(order_of("AB", Direction::kAscending), order_of("ABC", Direction::kAscending));
  EXPECT_GT(order_of("AB", Direction::kDescending), order_of("ABC", Direction::kDescending));
  EXPECT_LT(order_of("", Direction::kAscending), order_of("A", Direction::kAscending));
  std::string small;
  std::string large;
  append_order(small, 255, Direction::kDescending);
  append_order(large, 256, Direction::kDescending);
  EXPECT_GT(small, large);
  std::string turned;
  append_encoded(turned, order_of("AB", Direction::kAscending), Direction::kDescending);
  EXPECT_EQ(turned, order_of("AB", Direction::kDescending));
}

TEST(SortText, TakesWhatRfc5256Names) {
  EXPECT_EQ(sort_text(SortBy::kFrom, "\"Zoe\" <bob@demo.test>, x@demo.test"), "BOB");
  EXPECT_EQ(sort_text(SortBy::kDisplayFrom, "=?utf-8?q?Zo=C3=AB?= <bob@demo.test>"), "ZOE\u0308");
  EXPECT_EQ(sort_text(SortBy::kDisplayTo, "bob@demo.test"), "BOB@DEMO.TEST");
  EXPECT_EQ(sort_text(SortBy::kTo, "friends: a@demo.test, b@demo.test;"), "FRIENDS");
  EXPECT_EQ(sort_text(SortBy::kCc, ""), "");
  EXPECT_EQ(sort_text(SortBy::kSubject, "Re: [list] Fwd: Hello"), "HELLO");
}

TEST(SortColumns, KeepsTheLastUsedWithinItsRoom) {
  using Values = std::vector<std::pair<EmailId, std::string>>;
  SortColumns columns(3 * sizeof(Values::value_type));
  const auto first = columns.add(AccountId(1), SortBy::kDate, nullptr, Values{{EmailId(1), "a"}, {EmailId(3), "c"}});
  EXPECT_EQ(columns.get(AccountId(1), SortBy::kDate), first);
  const auto grown = columns.add(AccountId(1), SortBy::kDate, first, Values{{EmailId(2), "b"}});
  EXPECT_EQ(grown->values, (Values{{EmailId(1), "a"}, {EmailId(2), "b"}, {EmailId(3), "c"}}));
  EXPECT_EQ(first->values.size(), 2U) << "who holds it still has it";
  columns.add(AccountId(2), SortBy::kDate, nullptr, Values{{EmailId(1), "x"}});
  EXPECT_EQ(columns.get(AccountId(1), SortBy::kDate), nullptr);
  EXPECT_NE(columns.get(AccountId(2), SortBy::kDate), nullptr);
  EXPECT_EQ(columns.get(AccountId(2), SortBy::kSubject), nullptr);
  Values many;
  for (std::uint64_t i = 0; i < 9; ++i) many.emplace_back(EmailId(i), "m");
  EXPECT_EQ(columns.add(AccountId(3), SortBy::kTo, nullptr, many)->values.size(), 9U) << "too large to be kept";
  EXPECT_EQ(columns.get(AccountId(3), SortBy::kTo), nullptr);
}

}  // namespace
}  // namespace veredus::state::search
