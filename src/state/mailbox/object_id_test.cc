#include "state/mailbox/object_id.h"

#include <gtest/gtest.h>

#include <limits>

namespace veredus::state::mailbox {
namespace {

TEST(ObjectIds, AreReadBackInTheirOneSpelling) {  // RFC 8474 s7: 1..255 of A-Z a-z 0-9 _ -
  EXPECT_EQ(object_id(AccountId(1), MailboxId(2)), "F1-2");
  EXPECT_EQ(object_id(AccountId(33), EmailId(0)), "M11-0");
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{31}, std::uint64_t{32}, kMost}) {
    const auto email = parse_email_object_id(object_id(AccountId(kMost), EmailId(number)));
    ASSERT_TRUE(email) << number;
    EXPECT_EQ(email->account, AccountId(kMost));
    EXPECT_EQ(email->id, EmailId(number));
    EXPECT_EQ(parse_thread_object_id(object_id(AccountId(3), ThreadId(number)))->id, ThreadId(number));
  }
  EXPECT_EQ(parse_mailbox_object_id(object_id(AccountId(5), MailboxId(0xFFFFFFFF)))->id, MailboxId(0xFFFFFFFF));
}

TEST(ObjectIds, OfOtherKindsOrSpellingsAreRefused) {
  for (const auto* text : {"", "F", "F-", "F1", "F1-", "F-1", "M1-2", "F01-2", "F1-02", "F1-2 ", "f1-2", "F1-w", "F1-A",
                           "F1-4000000", "F1-2-3", "F11111111111111-1"})
    EXPECT_FALSE(parse_mailbox_object_id(text)) << text;
  EXPECT_FALSE(parse_email_object_id("Mg0000000000000-1"));
}

}  // namespace
}  // namespace veredus::state::mailbox
