#include "state/mailbox/body_shelf.h"

#include <gtest/gtest.h>

namespace veredus::state::mailbox {
namespace {

constexpr AccountId kAccount(7), kOther(8);

BodyShelf shelf_of(std::size_t octets) { return BodyShelf({.octets = octets, .body_octets = 40}); }

TEST(BodyShelf, AnswersWhatWasPutThereForThatAccountAlone) {
  auto shelf = shelf_of(600);
  shelf.put(kAccount, EmailId(1), "one");
  ASSERT_NE(shelf.find(kAccount, EmailId(1)), nullptr);
  EXPECT_EQ(*shelf.find(kAccount, EmailId(1)), "one");
  EXPECT_EQ(shelf.find(kOther, EmailId(1)), nullptr);
  EXPECT_EQ(shelf.find(kAccount, EmailId(2)), nullptr);
}

TEST(BodyShelf, TheOldestLeaveWhenItIsFull) {
  auto shelf = shelf_of(600);
  for (std::uint64_t id = 1; id <= 4; ++id) shelf.put(kAccount, EmailId(id), std::string(30, 'x'));
  EXPECT_EQ(shelf.find(kAccount, EmailId(1)), nullptr);
  EXPECT_NE(shelf.find(kAccount, EmailId(2)), nullptr);
  EXPECT_NE(shelf.find(kAccount, EmailId(4)), nullptr);
}

TEST(BodyShelf, LongOnesAreNotKeptAndReplaceWhatWasThere) {
  auto shelf = shelf_of(600);
  shelf.put(kAccount, EmailId(1), "old");
  shelf.put(kAccount, EmailId(1), std::string(41, 'x'));
  EXPECT_EQ(shelf.find(kAccount, EmailId(1)), nullptr);
  shelf.put(kAccount, EmailId(1), std::string(40, 'y'));
  EXPECT_EQ(*shelf.find(kAccount, EmailId(1)), std::string(40, 'y'));
}

TEST(BodyShelf, ForgetsAnAccount) {
  auto shelf = shelf_of(600);
  shelf.put(kAccount, EmailId(1), "one");
  shelf.put(kOther, EmailId(1), "two");
  shelf.forget(kAccount);
  EXPECT_EQ(shelf.find(kAccount, EmailId(1)), nullptr);
  EXPECT_NE(shelf.find(kOther, EmailId(1)), nullptr);
}

}  // namespace
}  // namespace veredus::state::mailbox
