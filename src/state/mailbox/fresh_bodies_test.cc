#include "state/mailbox/fresh_bodies.h"

#include <gtest/gtest.h>

namespace veredus::state::mailbox {
namespace {

constexpr AccountId kAccount(7), kOther(8);

constexpr EmailId kNothing(999);

/// Of two accounts that are read.
class Bodies : public FreshBodies {
 public:
  explicit Bodies(std::size_t octets) : FreshBodies({.octets = octets, .body_octets = 40, .readers = 2}) {
    note_reader(kAccount);
    note_reader(kOther);
  }
};

TEST(FreshBodies, KeepNothingOfAnAccountThatNobodyReads) {
  FreshBodies bodies({});
  bodies.put(kAccount, EmailId(1), "one");
  EXPECT_EQ(bodies.find(kAccount, EmailId(1)), nullptr);
  bodies.put(kAccount, EmailId(2), "two");
  EXPECT_NE(bodies.find(kAccount, EmailId(2)), nullptr);
}

TEST(FreshBodies, RememberSoManyReadersOnly) {
  Bodies bodies(600);
  EXPECT_EQ(bodies.find(AccountId(9), kNothing), nullptr);
  bodies.put(AccountId(9), EmailId(1), "one");
  EXPECT_NE(bodies.find(AccountId(9), EmailId(1)), nullptr);
  bodies.put(kAccount, EmailId(1), "two");
  EXPECT_EQ(bodies.find(kAccount, EmailId(1)), nullptr);
}

TEST(FreshBodies, AreThoseOfThatAccountAlone) {
  Bodies bodies(600);
  bodies.put(kAccount, EmailId(1), "one");
  ASSERT_NE(bodies.find(kAccount, EmailId(1)), nullptr);
  EXPECT_EQ(*bodies.find(kAccount, EmailId(1)), "one");
  EXPECT_EQ(bodies.find(kOther, EmailId(1)), nullptr);
  EXPECT_EQ(bodies.find(kAccount, EmailId(2)), nullptr);
}

TEST(FreshBodies, TheOldestLeaveWhenThereAreTooMany) {
  Bodies bodies(600);
  for (std::uint64_t id = 1; id <= 4; ++id) bodies.put(kAccount, EmailId(id), std::string(30, 'x'));
  EXPECT_EQ(bodies.find(kAccount, EmailId(1)), nullptr);
  EXPECT_NE(bodies.find(kAccount, EmailId(2)), nullptr);
  EXPECT_NE(bodies.find(kAccount, EmailId(4)), nullptr);
}

TEST(FreshBodies, OnePutAgainStaysAsLongAsANewOne) {
  Bodies bodies(600);
  for (const std::uint64_t id : {1, 2, 3, 1, 4}) bodies.put(kAccount, EmailId(id), std::string(30, 'x'));
  EXPECT_NE(bodies.find(kAccount, EmailId(1)), nullptr);
  EXPECT_EQ(bodies.find(kAccount, EmailId(2)), nullptr);
}

TEST(FreshBodies, LongOnesAreNotKeptAndReplaceWhatWasThere) {
  Bodies bodies(600);
  bodies.put(kAccount, EmailId(1), "old");
  bodies.put(kAccount, EmailId(1), std::string(41, 'x'));
  EXPECT_EQ(bodies.find(kAccount, EmailId(1)), nullptr);
  bodies.put(kAccount, EmailId(1), std::string(40, 'y'));
  EXPECT_EQ(*bodies.find(kAccount, EmailId(1)), std::string(40, 'y'));
}

TEST(FreshBodies, ForgetAnAccount) {
  Bodies bodies(600);
  bodies.put(kAccount, EmailId(1), "one");
  bodies.put(kOther, EmailId(1), "two");
  bodies.forget(kAccount);
  EXPECT_EQ(bodies.find(kAccount, EmailId(1)), nullptr);
  EXPECT_NE(bodies.find(kOther, EmailId(1)), nullptr);
}

}  // namespace
}  // namespace veredus::state::mailbox
