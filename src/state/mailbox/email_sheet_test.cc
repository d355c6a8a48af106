#include "state/mailbox/email_sheet.h"

#include <gtest/gtest.h>

#include "state/mailbox/sheet_cache.h"
#include "state/mailbox/stored_email.h"
#include "support/mailboxes_fixture.h"
#include "wire/mime/summary.h"

namespace veredus::state::mailbox {
namespace {

SheetMessage at(std::uint32_t uid) { return {Uid(uid), EmailId(uid * 2)}; }

EmailSheet sheet_of(std::initializer_list<std::uint32_t> uids, std::size_t octets = 3) {
  SheetMaker maker(SheetColumn::kEnvelope, 10);
  for (const auto uid : uids) maker.put(at(uid), std::string(octets, static_cast<char>('a' + uid % 26)));
  return maker.take();
}

TEST(EmailSheet, FindsWhatWasPutInWhateverTheOrder) {
  const auto sheet = sheet_of({1030, 1025, 2047, 1024});
  EXPECT_EQ(sheet.size(), 4u);
  for (const std::uint32_t uid : {1030, 1025, 2047, 1024}) {
    SCOPED_TRACE(uid);
    EXPECT_EQ(sheet.find(Uid(uid), EmailId(uid * 2)), std::string(3, static_cast<char>('a' + uid % 26)));
  }
  EXPECT_FALSE(sheet.find(Uid(1026), EmailId(2052)));
  EXPECT_FALSE(sheet.find(Uid(1026), EmailId()));
  EXPECT_FALSE(sheet_of({1030}).find(Uid(1029), EmailId(2058)));
  EXPECT_FALSE(sheet_of({}).find(Uid(1), EmailId(2)));
}

TEST(EmailSheet, DoesNotTakeOneEmailForAnother) {
  EXPECT_FALSE(sheet_of({5}).find(Uid(5), EmailId(11)));
  EXPECT_TRUE(sheet_of({5}).find(Uid(5), EmailId(10)));
}

TEST(EmailSheet, GrowsFromAKnownOne) {
  const auto known = sheet_of({7, 8});
  SheetMaker maker(SheetColumn::kEnvelope, known, 10);
  maker.put(at(3), "three");
  const auto grown = maker.take();
  EXPECT_EQ(grown.size(), 3u);
  EXPECT_EQ(grown.find(Uid(3), EmailId(6)), "three");
  EXPECT_EQ(grown.find(Uid(8), EmailId(16)), "iii");
  EXPECT_EQ(known.size(), 2u);
}

TEST(EmailSheet, PacksStoredFieldsWithTheirNamesAsTheyAre) {
  std::string strings;
  for (const auto* one : {"message-ID", " <1@example.org>", "Subject", " a\r\n b", "X-Other", " x"})
    put_string(strings, one);
  EmailView email;
  email.fields = StringsView(6, strings);
  SheetMaker maker(SheetColumn::kFields, 1);
  maker.put(at(1), email);
  email.fields_complete = false;
  maker.put(at(2), email);
  const auto sheet = maker.take();
  std::string found;
  const auto each = [&found](std::size_t field, std::string_view line) {
    found.append(wire::mime::kSummaryFields[field]).append("=").append(line);
  };
  EXPECT_TRUE(for_each_sheet_field(*sheet.find(Uid(1), EmailId(2)), each));
  EXPECT_EQ(found, "Message-ID=message-ID: <1@example.org>\r\nSubject=Subject: a\r\n b\r\n");
  EXPECT_FALSE(for_each_sheet_field(*sheet.find(Uid(2), EmailId(4)), each));
}

TEST(EmailSheet, LeavesLongValuesOutWhenItHasManyOctets) {
  const std::string longest(300'000, 'l');
  SheetMaker maker(SheetColumn::kEnvelope, EmailSheet::kUids);
  for (std::uint32_t uid = 1; uid < 1000; ++uid) maker.put(at(uid), uid % 2 == 0 ? "short" : std::string_view(longest));
  const auto sheet = maker.take();
  EXPECT_EQ(sheet.find(Uid(1), EmailId(2)), longest);
  EXPECT_EQ(sheet.find(Uid(998), EmailId(1996)), "short");
  EXPECT_EQ(sheet.find(Uid(999), EmailId(1998)), "") << "the email itself has it";
  EXPECT_LE(sheet.octets(), 2 * SheetMaker::kFullOctets);
}

TEST(SheetCache, ForgetsWhatWasNotUsedForLongest) {
  SheetCache cache(5000);
  const auto key = [](std::uint32_t number) {
    return SheetCache::Key{AccountId(1), MailboxId(1), number, SheetColumn::kEnvelope};
  };
  const auto sheet = [](std::size_t octets) { return std::make_shared<const EmailSheet>(sheet_of({1}, octets)); };
  for (std::uint32_t i = 0; i < 4; ++i) {
    cache.put(key(i), sheet(900));
    EXPECT_NE(cache.get(key(0)), nullptr);
  }
  cache.put(key(4), sheet(900));
  EXPECT_LE(cache.octets(), 5000u);
  EXPECT_EQ(cache.get(key(1)), nullptr);
  EXPECT_NE(cache.get(key(0)), nullptr);
  EXPECT_NE(cache.get(key(4)), nullptr);
  cache.put(key(4), sheet(4000));  // more than a quarter of all
  EXPECT_EQ(cache.get(key(4)), nullptr);
}

TEST(SheetCache, KnowsWhatTheStoreHasNot) {
  SheetCache cache(5000);
  const SheetCache::Key one{AccountId(1), MailboxId(1), 0, SheetColumn::kEnvelope};
  const SheetCache::Key two{AccountId(1), MailboxId(1), 1, SheetColumn::kEnvelope};
  const auto sheet = std::make_shared<const EmailSheet>(sheet_of({1}, 100));
  cache.put(one, sheet, true);
  cache.put(two, sheet);
  EXPECT_EQ(cache.take_unstored(two), nullptr);
  EXPECT_EQ(cache.take_unstored(one), sheet);
  EXPECT_EQ(cache.take_unstored(one), nullptr) << "it is taken to be stored";
  cache.put_back(one);
  EXPECT_EQ(cache.take_unstored(one), sheet);
  cache.put(one, sheet, true);
  cache.put(one, sheet);  // with a few messages more
  EXPECT_EQ(cache.take_unstored(one), sheet);
  cache.put_back({AccountId(1), MailboxId(2), 0, SheetColumn::kEnvelope});  // that has left
  EXPECT_EQ(cache.get(one), sheet);
}

class Sheets : public test::MailboxesTest {
 protected:
  void append_messages(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto made = message();
      made.content.envelope = "(NIL \"" + std::to_string(++appended_) + "\")";
      made.content.bodystructure = "(\"" + std::to_string(appended_) + "\")";
      append(std::move(made));
    }
  }
  std::vector<SheetMessage> listed(std::uint32_t first, std::uint32_t last) {
    std::vector<SheetMessage> some;
    for (const auto& one : all())
      if (one.uid >= Uid(first) && one.uid <= Uid(last)) some.push_back({one.uid, one.body.email});
    return some;
  }
  auto sheets(std::vector<SheetColumn> columns, std::vector<SheetMessage> messages) {
    return must(mailboxes->sheets(kAccount, kInbox, std::move(columns), std::move(messages)));
  }

  std::size_t appended_ = 0;
};

TEST_F(Sheets, AreReadOnceAndKept) {
  append_messages(40);
  const auto messages = listed(1, 40);
  const auto first = sheets({SheetColumn::kEnvelope, SheetColumn::kBodyStructure}, messages);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0]->find(messages[6].uid, messages[6].email), "(NIL \"7\")");
  EXPECT_EQ(first[1]->find(messages[39].uid, messages[39].email), "(\"40\")");
  EXPECT_EQ(sheets({SheetColumn::kBodyStructure}, {messages[3]})[0], first[1]);
  EXPECT_EQ(sheets({SheetColumn::kEnvelope}, messages)[0], first[0]);
}

TEST_F(Sheets, TakeInWhatArrived) {
  append_messages(40);
  const auto before = sheets({SheetColumn::kEnvelope}, listed(1, 40))[0];
  append_messages(1);
  const auto arrived = listed(41, 41);
  const auto alone = sheets({SheetColumn::kEnvelope}, arrived)[0];
  EXPECT_EQ(alone->size(), 1u);  // not worth copying the others
  EXPECT_EQ(alone->find(Uid(41), arrived[0].email), "(NIL \"41\")");
  const auto after = sheets({SheetColumn::kEnvelope}, listed(1, 41))[0];
  EXPECT_EQ(after->size(), 41u);
  EXPECT_EQ(sheets({SheetColumn::kEnvelope}, arrived)[0], after);
  EXPECT_EQ(before->size(), 40u);
}

TEST_F(Sheets, HaveNothingOfWhatIsGone) {
  append_messages(3);
  auto messages = listed(1, 3);
  messages.push_back({Uid(9), EmailId(999)});
  const auto sheet = sheets({SheetColumn::kEnvelope}, messages)[0];
  EXPECT_EQ(sheet->size(), 3u);
  EXPECT_FALSE(sheet->find(Uid(9), EmailId(999)));
  EXPECT_EQ(sheets({SheetColumn::kFields}, {})[0]->size(), 0u);
}

TEST_F(Sheets, OfAnEmailInTwoPlacesAreOfBoth) {
  append_messages(2);
  const auto archive = must(mailboxes->find(kAccount, "Archive")).id;
  must(mailboxes->copy(kAccount, kInbox, UidSet(Uid(2)), archive, {}));
  const auto there = all(archive);
  ASSERT_EQ(there.size(), 1u);
  const auto sheet =
      must(mailboxes->sheets(kAccount, archive, {SheetColumn::kEnvelope}, {{there[0].uid, there[0].body.email}}));
  EXPECT_EQ(sheet[0]->find(there[0].uid, there[0].body.email), "(NIL \"2\")");
}

}  // namespace
}  // namespace veredus::state::mailbox
