#include "base/types/lru.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/types/hash_together.h"

namespace veredus {
namespace {

using Words = Lru<int, std::string>;

std::string held(Words& words) {
  std::string all;
  for (int key = 0; key < 10; ++key)
    if (const auto* word = words.peek(key)) all += *word;
  return all;
}

TEST(Lru, TheLongestUnusedLeaveWhenAllWeighTooMuch) {
  Words words(30);
  words.put(1, "a", 10);
  words.put(2, "b", 10);
  words.put(3, "c", 10);
  ASSERT_NE(words.find(1), nullptr);
  words.put(4, "d", 5);
  EXPECT_EQ(held(words), "acd");
  EXPECT_EQ(words.weight(), 25U);
  words.put(5, "e", 20);
  EXPECT_EQ(held(words), "de");
  EXPECT_EQ(words.find(3), nullptr);
}

TEST(Lru, ThoseThatAreOnlyPeekedAtLeaveAsTheyCame) {
  Words words(2);
  words.put(1, "a");
  words.put(2, "b");
  ASSERT_NE(words.peek(1), nullptr);
  words.put(3, "c");
  EXPECT_EQ(held(words), "bc");
}

TEST(Lru, WhatIsPutTakesThePlaceOfWhatWasThere) {
  Words words(30);
  words.put(1, "a", 10);
  words.put(2, "b", 10);
  words.put(1, "A", 15);
  EXPECT_EQ(held(words), "Ab");
  EXPECT_EQ(words.weight(), 25U);
  words.put(3, "c", 10);
  EXPECT_EQ(held(words), "Ac") << "it was used by that";
}

TEST(Lru, WhatIsTooHeavyIsNotKeptNorWhatWasThere) {
  Words words(30, 12);
  words.put(1, "a", 12);
  words.put(2, "b", 12);
  words.put(2, "B", 13);
  EXPECT_EQ(held(words), "a");
  EXPECT_EQ(words.weight(), 12U);
  Words none(0);
  none.put(1, "a");
  EXPECT_EQ(none.size(), 0U);
  Words narrow(5, 100);
  narrow.put(1, "a", 6);
  EXPECT_EQ(narrow.size(), 0U);
}

TEST(Lru, ForgetsWhatItIsTold) {
  Words words(9);
  for (int key = 0; key < 9; ++key) words.put(key, std::to_string(key));
  words.forget(4);
  words.forget(77);
  words.forget_if([](int key, const std::string&) { return key % 2 == 1; });
  EXPECT_EQ(held(words), "0268");
  ASSERT_NE(words.find(0), nullptr);
  words.forget_oldest_while([](int, const std::string& word) { return word < "8"; });
  EXPECT_EQ(held(words), "08") << "8 stays, and what was used since";
  words.forget_oldest_while([](int, const std::string&) { return true; });
  EXPECT_EQ(words.weight(), 0U);
}

TEST(Lru, HoldsWhatCannotBeCopiedUnderKeysOfSeveralParts) {
  Lru<std::pair<int, std::string>, std::unique_ptr<int>, PairHash> held(3);
  held.put({1, "a"}, std::make_unique<int>(7));
  held.put({1, "b"}, std::make_unique<int>(8));
  const auto* found = held.find({1, "a"});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(**found, 7);
  EXPECT_EQ(held.find({2, "a"}), nullptr);
}

TEST(Lru, AgreesWithAListWhateverIsDoneToIt) {
  constexpr std::size_t kLimit = 50, kLimitEach = 20;
  std::mt19937 random(7);
  Lru<unsigned, unsigned> lru(kLimit, kLimitEach);
  std::vector<std::pair<unsigned, unsigned>> model;  // key and weight, which is the value, too; the last used last
  const auto in_model = [&](unsigned key) {
    return std::ranges::find(model, key, &decltype(model)::value_type::first);
  };
  const auto weigh = [&] {
    std::size_t all = 0;
    for (const auto& one : model) all += one.second;
    return all;
  };
  for (int step = 0; step < 5000; ++step) {
    SCOPED_TRACE(step);
    const auto key = static_cast<unsigned>(random() % 12), weight = static_cast<unsigned>(random() % 24);
    const auto at = in_model(key);
    switch (random() % 4) {
      case 0: {
        const auto* found = lru.find(key);
        ASSERT_EQ(found != nullptr, at != model.end());
        if (found != nullptr) {
          ASSERT_EQ(*found, at->second);
          std::rotate(at, at + 1, model.end());
        }
        break;
      }
      case 1:
        lru.forget(key);
        if (at != model.end()) model.erase(at);
        break;
      default:
        lru.put(key, weight, weight);
        if (at != model.end()) model.erase(at);
        if (weight <= kLimitEach) model.emplace_back(key, weight);
        while (weigh() > kLimit) model.erase(model.begin());
    }
    ASSERT_EQ(lru.size(), model.size());
    ASSERT_EQ(lru.weight(), weigh());
    for (const auto& one : model) ASSERT_NE(lru.peek(one.first), nullptr);
  }
}

}  // namespace
}  // namespace veredus
