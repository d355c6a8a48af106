#include <gtest/gtest.h>

#include "state/mailbox/email_id.h"
#include "state/mailbox/flags.h"
#include "state/mailbox/mailbox_name.h"
#include "state/mailbox/threads.h"
#include "state/mailbox/uid_set.h"

namespace veredus::state::mailbox {
namespace {

UidSet set_of(std::initializer_list<UidRange> ranges) {
  UidSet set;
  for (const auto& range : ranges) set.add(range);
  return set;
}

TEST(UidSet, JoinsWhatTouchesAndKeepsTheRestApart) {
  const auto set =
      set_of({{Uid(10), Uid(12)}, {Uid(1), Uid(2)}, {Uid(3), Uid(3)}, {Uid(20), Uid(15)}, {Uid(13), Uid(14)}});
  const std::vector<UidRange> want{{Uid(1), Uid(3)}, {Uid(10), Uid(20)}};
  EXPECT_EQ(set.ranges(), want);
  EXPECT_EQ(set.size(), 14U);
  EXPECT_TRUE(set.contains(Uid(3)));
  EXPECT_FALSE(set.contains(Uid(4)));
  EXPECT_FALSE(set.contains(Uid(21)));
}

TEST(UidSet, SwallowsWhatIsInsideAndAround) {
  auto set = set_of({{Uid(5), Uid(6)}, {Uid(8), Uid(9)}, {Uid(30), kLastUid}});
  set.add(UidRange{Uid(4), Uid(10)});
  set.add(UidRange{Uid(5), Uid(5)});
  set.add(kLastUid);
  EXPECT_EQ(set, set_of({{Uid(4), Uid(10)}, {Uid(30), kLastUid}}));
  EXPECT_EQ(UidSet::all().size(), 0xFFFFFFFFU);
}

TEST(UidSet, IsCutToARange) {
  const auto set = set_of({{Uid(1), Uid(5)}, {Uid(8), Uid(9)}});
  EXPECT_EQ(set.within(Uid(4), Uid(8)), set_of({{Uid(4), Uid(5)}, {Uid(8), Uid(8)}}));
  EXPECT_TRUE(set.within(Uid(1), Uid(0)).empty());
  EXPECT_TRUE(set.within(Uid(6), Uid(7)).empty());
}

TEST(Keywords, AreAtoms) {
  for (const auto* good : {"$Forwarded", "todo", "a.b-c_d", "NonJunk"}) EXPECT_TRUE(is_keyword(good)) << good;
  for (const auto* bad : {"", "\\Seen", "two words", "a(b", "caf\xC3\xA9", "a]", "a\x7F", "%"})
    EXPECT_FALSE(is_keyword(bad)) << bad;
  EXPECT_FALSE(is_keyword(std::string(kKeywordOctets + 1, 'k')));
}

TEST(Keywords, FillBothHalvesOfTheirBits) {
  KeywordSet set;
  set.add(0);
  set.add(64);
  set.add(127);
  EXPECT_EQ(set, KeywordSet(1, 0x8000000000000001));
  EXPECT_TRUE(set.has(127) && set.has(64) && set.has(0));
  EXPECT_FALSE(set.has(63));
}

TEST(MailboxNames, HaveOneSpelling) {
  struct Case {
    std::string_view name, want;
  };
  for (const auto& [name, want] :
       {Case{"inbox", "INBOX"}, Case{"InBox/a", "INBOX/a"}, Case{"inboxes", "inboxes"}, Case{"a/b/", "a/b"},
        Case{"Caf\xC3\xA9", "Caf\xC3\xA9"}, Case{"Cafe\xCC\x81", "Caf\xC3\xA9"}}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(canonical_name(name, 100), want);
  }
  for (const auto* bad : {"", "/", "/a", "a//b", "a\tb", "\xFF", "a//"})
    EXPECT_EQ(canonical_name(bad, 100), std::unexpected(MailboxError::kBadName)) << bad;
  EXPECT_EQ(canonical_name("abcdef", 5), std::unexpected(MailboxError::kNameTooLong));
  EXPECT_EQ(canonical_name("\xE0\xA5\x98", 3), std::unexpected(MailboxError::kNameTooLong)) << "6 octets, composed";
  EXPECT_EQ(name_above("a/b/c"), "a/b");
  EXPECT_EQ(name_above("a"), "");
  EXPECT_TRUE(is_below("a/b", "a"));
  EXPECT_FALSE(is_below("ab", "a"));
}

TEST(UidValidity, GrowsEvenWhenTheClockGoesBack) {
  const SystemTime now(std::chrono::seconds(1000));
  EXPECT_EQ(uid_validity_after(UidValidity(), now), UidValidity(1000));
  EXPECT_EQ(uid_validity_after(UidValidity(1000), now), UidValidity(1001));
  EXPECT_EQ(uid_validity_after(UidValidity(5000), now), UidValidity(5001));
}

TEST(EmailIds, OfTheTwoKindsNeverMeetAndAlwaysGrow) {
  const SystemTime now(std::chrono::milliseconds(1'767'225'600'000));
  const auto first = email_id_after(EmailId(), now);
  const auto second = email_id_after(first, now);
  EXPECT_LT(first, second);
  EXPECT_FALSE(is_staged_id(first) || is_staged_id(second));
  const auto staged = staged_email_id_after(EmailId(), now, 12345);
  const auto next = staged_email_id_after(staged, now, 1);
  EXPECT_LT(staged, next);
  EXPECT_TRUE(is_staged_id(staged) && is_staged_id(next));
  EXPECT_LT(next, email_id_after(second, now + std::chrono::milliseconds(2)));
}

TEST(ThreadHashes, DependOnMessageIdAndBaseSubject) {
  EmailContent parent;
  parent.message_id = "1@example.org";
  parent.subject_utf8 = "Plan";
  EmailContent reply;
  reply.message_id = "2@example.org";
  reply.subject_utf8 = "Re: plan";
  reply.references = {"0@example.org", "1@example.org"};
  reply.in_reply_to = {"1@example.org"};
  const auto hashes = thread_hashes(reply);
  ASSERT_EQ(hashes.references.size(), 2U);
  EXPECT_EQ(hashes.references[0], thread_hashes(parent).own);
  reply.subject_utf8 = "Something else";
  EXPECT_NE(thread_hashes(reply).references[0], thread_hashes(parent).own);
  EXPECT_EQ(thread_hashes(EmailContent()).own, 0U);
}

}  // namespace
}  // namespace veredus::state::mailbox
