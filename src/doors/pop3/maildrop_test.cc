#include "doors/pop3/maildrop.h"

#include <gtest/gtest.h>

#include "doors/pop3/account_gate.h"

namespace veredus::doors::pop3 {
namespace {

using namespace std::chrono_literals;
using state::mailbox::StoredBody;
using state::mailbox::UidSet;

Maildrop drop_of_three() {
  Maildrop drop(AccountId(1), UidValidity(0xABC), ModSeq(5));
  drop.add({.uid = Uid(3), .body = {.email = EmailId(30), .octets = 100}});
  drop.add({.uid = Uid(10), .body = {.email = EmailId(40), .octets = 200}});
  drop.add({.uid = Uid(255), .body = {.email = EmailId(50), .octets = 300}});
  return drop;
}

TEST(Maildrop, NumbersMessagesFromOneAndNeverAgain) {
  auto drop = drop_of_three();
  EXPECT_EQ(drop.count(), 3U);
  EXPECT_EQ(drop.octets(), 600U);
  EXPECT_EQ(drop.find(0), nullptr);
  EXPECT_EQ(drop.find(4), nullptr);
  EXPECT_EQ(drop.size_lines(), "1 100\r\n2 200\r\n3 300\r\n");
  EXPECT_EQ(drop.unique_id_lines(), "1 abc.3\r\n2 abc.a\r\n3 abc.ff\r\n");
  ASSERT_TRUE(drop.mark_deleted(1));
  EXPECT_FALSE(drop.mark_deleted(1));
  EXPECT_EQ(drop.find(1), nullptr);
  EXPECT_EQ(drop.size_lines(), "2 200\r\n3 300\r\n");
  EXPECT_EQ(drop.unique_id(*drop.find(3)), "abc.ff");
  EXPECT_EQ(drop.octets(), 500U);
  EXPECT_EQ(drop.deleted(), UidSet(Uid(3)));
  drop.unmark_all();
  EXPECT_EQ(drop.count(), 3U);
  EXPECT_TRUE(drop.deleted().empty());
}

TEST(Maildrop, LosesWhatOthersRemoveForGood) {
  auto drop = drop_of_three();
  ASSERT_TRUE(drop.mark_deleted(2));
  UidSet gone;
  gone.add({Uid(1), Uid(10)});
  drop.remove(gone, ModSeq(9));
  EXPECT_EQ(drop.seen(), ModSeq(9));
  EXPECT_EQ(drop.count(), 1U);
  EXPECT_EQ(drop.octets(), 300U);
  EXPECT_TRUE(drop.deleted().empty());
  drop.unmark_all();
  EXPECT_EQ(drop.count(), 1U);
  EXPECT_EQ(drop.find(1), nullptr);
  EXPECT_NE(drop.find(3), nullptr);
}

TEST(AccountGate, LetsSoManySessionsInAtATime) {
  FixedClock clock{SystemTime{}};
  AccountGate gate(&clock, {.sessions = 2, .max_accounts = 10});
  auto first = gate.enter(AccountId(1), 0s);
  ASSERT_TRUE(first);
  {
    const auto second = gate.enter(AccountId(1), 0s);
    ASSERT_TRUE(second);
    EXPECT_EQ(gate.enter(AccountId(1), 0s).error(), GateRefusal::kInUse);
    EXPECT_TRUE(gate.enter(AccountId(2), 0s));
  }
  EXPECT_TRUE(gate.enter(AccountId(1), 0s));
  AccountGate::Place moved = *std::move(first);
  EXPECT_EQ(gate.sessions(), 1U);
}

TEST(AccountGate, KeepsTheDelayBetweenLoginsAndItsBound) {
  FixedClock clock{SystemTime{}};
  AccountGate gate(&clock, {.sessions = 1, .max_accounts = 2});
  EXPECT_TRUE(gate.enter(AccountId(1), 60s));
  clock.advance(59s);
  EXPECT_EQ(gate.enter(AccountId(1), 60s).error(), GateRefusal::kLoginDelay);
  EXPECT_TRUE(gate.enter(AccountId(1), 0s)) << "a listener without a delay";
  clock.advance(1s);
  EXPECT_TRUE(gate.enter(AccountId(1), 60s));
  EXPECT_TRUE(gate.enter(AccountId(2), 60s));
  EXPECT_TRUE(gate.enter(AccountId(3), 60s));
  EXPECT_TRUE(gate.enter(AccountId(1), 60s)) << "forgotten: the oldest of three";
}

TEST(MaildropOf, ListsWhatIsSent) {
  Maildrop drop(AccountId(1), UidValidity(1), ModSeq(1));
  drop.add({.uid = Uid(1), .body = {.email = EmailId(1), .octets = 100}});
  drop.rewrite_last(40, 60);
  drop.add({.uid = Uid(2), .unended = true, .body = {.email = EmailId(2), .octets = 100}});
  EXPECT_EQ(drop.size_lines(), "1 120\r\n2 102\r\n");
  EXPECT_EQ(drop.octets(), 222U);
  EXPECT_TRUE(drop.mark_deleted(1));
  EXPECT_EQ(drop.octets(), 102U);
}

}  // namespace
}  // namespace veredus::doors::pop3
