#include "state/mailbox/keys.h"

#include <gtest/gtest.h>

namespace veredus::state::mailbox {
namespace {

constexpr std::array<std::uint8_t, 16> kDedupe = {1, 2, 3, 255};

TEST(AccountKeys, SayBackWhatTheyWereMadeOf) {
  EXPECT_EQ(keys::parse_mailbox(keys::mailbox(MailboxId(258))), MailboxId(258));
  EXPECT_EQ(keys::parse_message(keys::message(MailboxId(3), Uid(0xFFFFFFFF))),
            (Location{MailboxId(3), Uid(0xFFFFFFFF)}));
  EXPECT_EQ(keys::parse_email(keys::email(EmailId(1))), EmailId(1));
  EXPECT_EQ(keys::parse_email(keys::locations(EmailId(2))), EmailId(2));
  EXPECT_EQ(keys::parse_email(keys::staged(EmailId(3))), EmailId(3));
  EXPECT_EQ(keys::parse_chunk(keys::chunk(EmailId(9), 7)), std::pair(EmailId(9), 7U));
  EXPECT_EQ(keys::parse_change(keys::change(ModSeq(5), MailboxId(6))), std::pair(ModSeq(5), MailboxId(6)));
  EXPECT_EQ(keys::parse_thread_member(keys::thread_member(ThreadId(5), EmailId(6))),
            std::pair(ThreadId(5), EmailId(6)));
  const SystemTime at(std::chrono::milliseconds(1234));
  const auto email = keys::parse_due(keys::due_email(at, EmailId(4)));
  ASSERT_TRUE(email);
  EXPECT_EQ(email->at, at);
  EXPECT_EQ(email->what, keys::Due::kEmail);
  EXPECT_EQ(email->email, EmailId(4));
  const auto dedupe = keys::parse_due(keys::due_dedupe(at, kDedupe));
  ASSERT_TRUE(dedupe);
  EXPECT_EQ(dedupe->what, keys::Due::kDedupe);
  EXPECT_EQ(dedupe->dedupe, kDedupe);
}

TEST(AccountKeys, OfTheWrongKindOrLengthSayNothing) {
  const auto message = keys::message(MailboxId(3), Uid(4));
  EXPECT_FALSE(keys::parse_mailbox(message));
  EXPECT_FALSE(keys::parse_message(message + "x"));
  EXPECT_FALSE(keys::parse_message(message.substr(1)));
  EXPECT_FALSE(keys::parse_email(message));
  EXPECT_FALSE(keys::parse_email(""));
  EXPECT_FALSE(keys::parse_chunk(message));
  EXPECT_FALSE(keys::parse_change(message));
  EXPECT_FALSE(keys::parse_due("g12345678e1234567"));
  EXPECT_FALSE(keys::parse_due("g12345678z12345678"));
  EXPECT_FALSE(keys::parse_due("g"));
  EXPECT_FALSE(keys::parse_thread_member(keys::thread_of(1)));
}

TEST(AccountKeys, SortAsTheirNumbersDo) {
  EXPECT_LT(keys::message(MailboxId(1), Uid(0xFFFFFFFF)), keys::message(MailboxId(2), Uid(1)));
  EXPECT_LT(keys::message(MailboxId(1), Uid(255)), keys::message(MailboxId(1), Uid(256)));
  EXPECT_LT(keys::change(ModSeq(255), MailboxId(9)), keys::change(ModSeq(256), MailboxId(1)));
  const SystemTime early(std::chrono::milliseconds(255));
  const SystemTime late(std::chrono::milliseconds(256));
  EXPECT_LT(keys::due_email(early, EmailId(9)), keys::due_dedupe(late, kDedupe));
}

TEST(AccountKeys, OfBodiesBeginWithX) {  // the engine stores those apart
  EXPECT_EQ(keys::chunk(EmailId(1), 0).front(), 'x');
}

TEST(AccountKeys, OfOneKindEndBeforeTheNext) {
  EXPECT_EQ(keys::after("b"), "c");
  EXPECT_EQ(keys::after("sn"), "so");
  EXPECT_EQ(keys::after("b\xFF"), "c");
}

}  // namespace
}  // namespace veredus::state::mailbox
