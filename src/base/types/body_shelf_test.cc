#include "base/types/body_shelf.h"

#include <gtest/gtest.h>

namespace veredus {
namespace {

using namespace std::chrono_literals;
using Shelf = BodyShelf<int>;
using WhenFull = BodyShelfOptions::WhenFull;

constexpr SteadyTime kStart{1h};
constexpr std::size_t kBody = 1000;
constexpr std::size_t kRoomForTwo = 3 * kBody;  // what they take besides counts, too

Shelf::Octets octets(std::size_t size = kBody) { return std::make_shared<const std::string>(size, 'x'); }

std::string held(Shelf& shelf) {
  std::string keys;
  for (int key = 0; key < 10; ++key)
    if (shelf.find(key)) keys += std::to_string(key);
  return keys;
}

TEST(BodyShelf, GivesABodyUntilTheLastOneAsks) {
  Shelf shelf({.octets = kRoomForTwo, .body_octets = kBody});
  const auto body = octets();
  shelf.put(1, body);
  EXPECT_EQ(shelf.find(1), body);
  EXPECT_EQ(shelf.take(1), body);
  EXPECT_EQ(shelf.take(1), nullptr);
  EXPECT_EQ(shelf.find(2), nullptr);
}

TEST(BodyShelf, TheOldestLeaveWhenItIsFull) {
  Shelf shelf({.octets = kRoomForTwo, .body_octets = kBody});
  for (int key = 1; key <= 2; ++key) shelf.put(key, octets());
  EXPECT_NE(shelf.find(1), nullptr);
  shelf.put(3, octets());
  EXPECT_EQ(held(shelf), "23") << "to be asked for keeps nothing there";
}

TEST(BodyShelf, OrNewOnesStayOut) {
  Shelf shelf({.octets = kRoomForTwo, .body_octets = kBody, .when_full = WhenFull::kNewStayOut});
  for (int key = 1; key <= 3; ++key) shelf.put(key, octets());
  EXPECT_EQ(held(shelf), "12");
  shelf.put(1, octets());
  EXPECT_EQ(held(shelf), "12") << "there is room for what takes the place of another";
  EXPECT_NE(shelf.take(1), nullptr);
  shelf.put(4, octets());
  EXPECT_EQ(held(shelf), "24");
}

TEST(BodyShelf, WhatIsPutAgainIsAsNewAsItsLastTime) {
  Shelf shelf({.octets = kRoomForTwo, .body_octets = kBody});
  shelf.put(1, octets());
  shelf.put(2, octets());
  shelf.put(1, octets());
  shelf.put(3, octets());
  EXPECT_EQ(held(shelf), "13");
  for (int i = 0; i < 10; ++i) shelf.put(3, octets());
  EXPECT_EQ(held(shelf), "13");
}

TEST(BodyShelf, LongOnesAndNoneAreNotKeptAndReplaceWhatWasThere) {
  Shelf shelf({.octets = kRoomForTwo, .body_octets = kBody});
  for (const auto& other : {octets(kBody + 1), octets(0), Shelf::Octets()}) {
    shelf.put(1, octets());
    EXPECT_EQ(held(shelf), "1");
    shelf.put(1, other);
    EXPECT_EQ(held(shelf), "");
  }
}

TEST(BodyShelf, ForgetsWhatWaitsForLong) {
  Shelf shelf({.octets = kRoomForTwo, .body_octets = kBody, .when_full = WhenFull::kNewStayOut, .life = 10s});
  shelf.put(1, octets(), kStart);
  shelf.put(2, octets(), kStart + 5s);
  shelf.put(3, octets(), kStart + 11s);
  EXPECT_EQ(held(shelf), "23");
}

TEST(BodyShelf, ForgetsWhatItIsTold) {
  Shelf shelf({.octets = 10 * kRoomForTwo, .body_octets = kBody});
  for (int key = 0; key < 10; ++key) shelf.put(key, octets());
  shelf.forget_if([](int key) { return key % 3 == 0; });
  EXPECT_EQ(held(shelf), "124578");
}

}  // namespace
}  // namespace veredus
