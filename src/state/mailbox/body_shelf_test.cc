#include "state/mailbox/body_shelf.h"

#include <gtest/gtest.h>

namespace veredus::state::mailbox {
namespace {

constexpr AccountId kAccount(7), kOther(8);

constexpr EmailId kNothing(999);

/// A shelf of two accounts that are read.
class Shelf : public BodyShelf {
 public:
  explicit Shelf(std::size_t octets) : BodyShelf({.octets = octets, .body_octets = 40, .readers = 2}) {
    note_reader(kAccount);
    note_reader(kOther);
  }
};

TEST(BodyShelf, KeepsNothingOfAnAccountThatNobodyReads) {
  BodyShelf shelf({});
  shelf.put(kAccount, EmailId(1), "one");
  EXPECT_EQ(shelf.find(kAccount, EmailId(1)), nullptr);
  shelf.put(kAccount, EmailId(2), "two");
  EXPECT_NE(shelf.find(kAccount, EmailId(2)), nullptr);
}

TEST(BodyShelf, RemembersSoManyReadersOnly) {
  Shelf shelf(600);
  EXPECT_EQ(shelf.find(AccountId(9), kNothing), nullptr);
  shelf.put(AccountId(9), EmailId(1), "one");
  EXPECT_NE(shelf.find(AccountId(9), EmailId(1)), nullptr);
  shelf.put(kAccount, EmailId(1), "two");
  EXPECT_EQ(shelf.find(kAccount, EmailId(1)), nullptr);
}

TEST(BodyShelf, AnswersWhatWasPutThereForThatAccountAlone) {
  Shelf shelf(600);
  shelf.put(kAccount, EmailId(1), "one");
  ASSERT_NE(shelf.find(kAccount, EmailId(1)), nullptr);
  EXPECT_EQ(*shelf.find(kAccount, EmailId(1)), "one");
  EXPECT_EQ(shelf.find(kOther, EmailId(1)), nullptr);
  EXPECT_EQ(shelf.find(kAccount, EmailId(2)), nullptr);
}

TEST(BodyShelf, TheOldestLeaveWhenItIsFull) {
  Shelf shelf(600);
  for (std::uint64_t id = 1; id <= 4; ++id) shelf.put(kAccount, EmailId(id), std::string(30, 'x'));
  EXPECT_EQ(shelf.find(kAccount, EmailId(1)), nullptr);
  EXPECT_NE(shelf.find(kAccount, EmailId(2)), nullptr);
  EXPECT_NE(shelf.find(kAccount, EmailId(4)), nullptr);
}

TEST(BodyShelf, LongOnesAreNotKeptAndReplaceWhatWasThere) {
  Shelf shelf(600);
  shelf.put(kAccount, EmailId(1), "old");
  shelf.put(kAccount, EmailId(1), std::string(41, 'x'));
  EXPECT_EQ(shelf.find(kAccount, EmailId(1)), nullptr);
  shelf.put(kAccount, EmailId(1), std::string(40, 'y'));
  EXPECT_EQ(*shelf.find(kAccount, EmailId(1)), std::string(40, 'y'));
}

TEST(BodyShelf, ForgetsAnAccount) {
  Shelf shelf(600);
  shelf.put(kAccount, EmailId(1), "one");
  shelf.put(kOther, EmailId(1), "two");
  shelf.forget(kAccount);
  EXPECT_EQ(shelf.find(kAccount, EmailId(1)), nullptr);
  EXPECT_NE(shelf.find(kOther, EmailId(1)), nullptr);
}

}  // namespace
}  // namespace veredus::state::mailbox
