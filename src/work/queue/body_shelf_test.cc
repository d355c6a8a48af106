#include "work/queue/body_shelf.h"

#include <gtest/gtest.h>

namespace veredus::work::queue {
namespace {

using namespace std::chrono_literals;
using state::spool::QueueId;

constexpr SteadyTime kStart{1h};

QueueId id(std::uint8_t number) {
  QueueId made;
  made.octets[0] = number;
  return made;
}

BodyShelf::Octets octets(std::size_t size) { return std::make_shared<const std::string>(size, 'x'); }

TEST(BodyShelf, GivesAMessageUntilTheLastOneAsks) {
  BodyShelf shelf({});
  const auto body = octets(100);
  shelf.put(id(1), body, kStart);
  EXPECT_EQ(shelf.take(id(1), false), body);
  EXPECT_EQ(shelf.take(id(1), true), body);
  EXPECT_EQ(shelf.take(id(1), true), nullptr);
  EXPECT_EQ(shelf.take(id(2), true), nullptr);
}

TEST(BodyShelf, KeepsTheOldestWhenItIsFull) {
  BodyShelf shelf({.octets = 250, .message_octets = 100});
  for (std::uint8_t i = 1; i <= 3; ++i) shelf.put(id(i), octets(100), kStart);
  shelf.put(id(4), octets(101), kStart);
  EXPECT_NE(shelf.take(id(1), true), nullptr);
  EXPECT_EQ(shelf.take(id(3), true), nullptr);
  EXPECT_EQ(shelf.take(id(4), true), nullptr);
  shelf.put(id(5), octets(100), kStart);
  EXPECT_NE(shelf.take(id(5), true), nullptr);
}

TEST(BodyShelf, ForgetsWhatWaitsForLong) {
  BodyShelf shelf({.octets = 200, .message_octets = 100, .life = 10s});
  shelf.put(id(1), octets(100), kStart);
  shelf.put(id(2), octets(100), kStart + 5s);
  shelf.put(id(3), octets(100), kStart + 11s);
  EXPECT_EQ(shelf.take(id(1), false), nullptr);
  EXPECT_NE(shelf.take(id(2), false), nullptr);
  EXPECT_NE(shelf.take(id(3), false), nullptr);
}

}  // namespace
}  // namespace veredus::work::queue
