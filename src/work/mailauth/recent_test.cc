#include "work/mailauth/recent.h"

#include <gtest/gtest.h>

namespace veredus::work::mailauth {
namespace {

using namespace std::chrono_literals;
using Words = Recent<std::string>;

constexpr SteadyTime kNow{1h};

void keep(Words& recent, std::string key, std::string word, SteadyTime now) {
  const auto octets = word.size();
  recent.keep(std::move(key), std::make_shared<const std::string>(std::move(word)), octets, now);
}

TEST(Recent, KnowsWhatWasKeptAMomentAgo) {
  Words recent;
  EXPECT_EQ(recent.find("a", kNow), nullptr);
  keep(recent, "a", "first", kNow);
  const auto found = recent.find("a", kNow + Words::kLife - 1ms);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, "first");
  EXPECT_EQ(recent.find("b", kNow), nullptr);
  EXPECT_EQ(recent.find("a", kNow + Words::kLife), nullptr) << "looking at it does not make it younger";
  keep(recent, "a", "second", kNow + Words::kLife);
  EXPECT_EQ(*recent.find("a", kNow + Words::kLife), "second");
  EXPECT_EQ(*found, "first") << "whoever has it, has it";
}

TEST(Recent, KeepsWithinItsRoomTheOldestGoingFirst) {
  Words recent;
  keep(recent, "long", std::string(Words::kMostOctets + 1, 'x'), kNow);
  EXPECT_EQ(recent.find("long", kNow), nullptr);
  const std::string word(Words::kMostOctets - 100, 'x');
  constexpr std::size_t kMore = 2 * Words::kOctets / Words::kMostOctets;
  for (std::size_t i = 0; i < kMore; ++i) keep(recent, std::to_string(i), word, kNow);
  std::size_t known = 0;
  for (std::size_t i = 0; i < kMore; ++i) known += recent.find(std::to_string(i), kNow) != nullptr ? 1 : 0;
  EXPECT_GT(known, kMore / 4);
  EXPECT_LE(known * word.size(), Words::kOctets);
  EXPECT_NE(recent.find(std::to_string(kMore - 1), kNow), nullptr);
  EXPECT_EQ(recent.find("0", kNow), nullptr);
}

}  // namespace
}  // namespace veredus::work::mailauth
