#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "support/scratch_directory.h"
#include "work/transfer/folder.h"
#include "work/transfer/mail_files.h"
#include "work/transfer/mailbox_places.h"
#include "work/transfer/maildir.h"
#include "work/transfer/message_batch.h"

namespace veredus::work::transfer {
namespace {

using state::mailbox::Flag;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

SystemTime at(std::int64_t seconds) { return SystemTime(std::chrono::seconds(seconds)); }

std::vector<std::expected<MboxMessage, MboxError>> read(std::string_view file, std::size_t piece,
                                                        std::size_t most = 1000) {
  MboxReader mbox(most);
  std::vector<std::expected<MboxMessage, MboxError>> all;
  for (std::size_t from = 0; from < file.size(); from += piece) {
    mbox.feed(file.substr(from, piece));
    while (auto taken = mbox.take()) all.push_back(*std::move(taken));
  }
  mbox.finish();
  while (auto taken = mbox.take()) all.push_back(*std::move(taken));
  return all;
}

TEST(Mbox, IsTakenApartWhateverThePieces) {  // RFC 4155
  const std::string_view file =
      "From a@example.org Thu Jan  1 00:00:10 1970\nSubject: one\nStatus: RO\nX-Status: AF\nX-Keywords: $Junk  work\n\n"
      ">From the start\n>>From deeper\nno From here\nFrom what follows no empty line\n\n"
      "From - Thu Jan  1 00:00:20 +0000 1970\r\nSubject: two\r\nX-Mozilla-Status: 0005\r\n\r\nx\r\n\r\n";
  for (const std::size_t piece : {1, 7, 10'000}) {
    SCOPED_TRACE(piece);
    const auto all = read(file, piece);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_THAT(all[0]->octets, HasSubstr("\nFrom the start\n>From deeper\nno From here\nFrom what"));
    EXPECT_EQ(all[0]->marks.flags, (state::mailbox::FlagSet{Flag::kSeen, Flag::kAnswered, Flag::kFlagged}));
    EXPECT_THAT(all[0]->marks.keywords, ElementsAre("$Junk", "work"));
    EXPECT_EQ(all[0]->marks.date, at(10));
    EXPECT_TRUE(all[1]->octets.ends_with("\r\n\r\nx\r\n"));
    EXPECT_EQ(all[1]->marks.flags, (state::mailbox::FlagSet{Flag::kSeen, Flag::kFlagged}));
    EXPECT_EQ(all[1]->marks.date, at(20));
  }
}

TEST(Mbox, ThatIsNoneOrHasAMonsterInItIsSaid) {
  const auto none = read("Subject: x\n\nFrom here\n", 5);
  ASSERT_EQ(none.size(), 1U);
  EXPECT_EQ(none[0].error(), MboxError::kNoMbox);
  const auto big = read("From a@b c\n\n" + std::string(2000, 'x') + "\n\nFrom a@b c\nA: b\n\nok\n", 100);
  ASSERT_EQ(big.size(), 2U);
  EXPECT_EQ(big[0].error(), MboxError::kTooBig);
  EXPECT_TRUE(big[1]);
  EXPECT_THAT(read("", 1), IsEmpty());
}

TEST(Mbox, ASentenceThatBeginsWithFromBeginsNoMessage) {
  const auto all =
      read("From - Thu Jan  1 00:00:10 1970\nA: b\n\none\n\nFrom here on it is text\n\nFrom a@b no date\nA: c\n", 4);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0]->octets.ends_with("\n\nFrom here on it is text\n"));
  EXPECT_EQ(all[1]->marks.date, std::nullopt);
}

TEST(Mbox, MessagesArePartedHoweverTheDateIsWritten) {
  for (const std::string line : {"From - Sun Nov 22 2026 22:41:50", "From nobody Mon, 22 Nov 2026 10:00:00 +0000",
                                 "From MAILER-DAEMON Sun Nov 22 9:05 2026", "From me Sun Nov 22 22:41:50 CET 2026"}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(read(line + "\nA: b\n\none\n\n" + line + "\r\nA: c\n\ntwo\n", 7).size(), 2U);
  }
  for (const std::string line : {"From Nov to Dec", "From now, at 9:05", "From 9:05 in Nov", "From x Nov 1:2", ""}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(read("From a@b c\nA: b\n\none\n\n" + line + "\nA: c\n\ntwo\n", 7).size(), 1U);
  }
}

TEST(Mbox, WrittenIsReadTheSame) {
  FileMarks marks{{Flag::kSeen, Flag::kDraft}, {"$Junk", "work"}, at(1'767'225'600)};
  std::string file;
  append_to_mbox(file, "Subject: x\r\n\r\nFrom me\r\n>From you\r\nno end", marks);
  append_to_mbox(file, "Subject: y\r\n\r\ny\r\n", {});
  const auto all = read(file, 9);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]->marks, marks);
  EXPECT_EQ(all[0]->octets, "Subject: x\n\nFrom me\n>From you\nno end\n");
  EXPECT_EQ(all[1]->octets, "Subject: y\n\ny\n");
}

TEST(Mbox, OnlyTheMarksInFrontCountWhereThereAreAny) {
  const std::string_view message = "X-Status: AD\nStatus: RO\nX-Keywords: old\nX-Mozilla-Status: 0008\nA: b\n\nx\n";
  for (const FileMarks& marks : {FileMarks{{}, {}, at(-1)}, FileMarks{{Flag::kFlagged}, {"a,b"}, at(-86'400 * 365)}}) {
    std::string file;
    append_to_mbox(file, message, marks);
    const auto all = read(file, 9);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0]->marks, marks);
    EXPECT_EQ(all[0]->octets, message);
  }
}

TEST(Mbox, FieldsOfOtherProgramsCountAndStay) {
  for (const std::string message : {"Status: RO\nX-Status: D\nA: b\n\nx\n", "X-Mozilla-Status: 0009\nA: b\n\nx\n",
                                    "Status: OR\nX-Status: D\nX-Keywords:\nA: b\n\nx\n"}) {
    SCOPED_TRACE(message);
    const auto all = read("From - Tue Feb 29 23:59:00 2000\n" + message, 9);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0]->marks.flags, (state::mailbox::FlagSet{Flag::kSeen, Flag::kDeleted}));
    EXPECT_EQ(all[0]->octets, message);
  }
}

TEST(Maildir, NamesSayFlagsKeywordsAndMailboxes) {
  const std::vector<std::string> table{"$Junk", "", "work"};
  const auto marks = maildir_marks("1.x.host,S=5:2,FPSTDRac", table);
  EXPECT_EQ(marks.flags,
            (state::mailbox::FlagSet{Flag::kSeen, Flag::kAnswered, Flag::kFlagged, Flag::kDeleted, Flag::kDraft}));
  EXPECT_THAT(marks.keywords, ElementsAre("$Forwarded", "$Junk", "work"));
  std::vector<std::string> keywords{"work"};
  EXPECT_EQ(maildir_info(marks, keywords).info, ":2,DFPRSTab");
  EXPECT_THAT(keywords, ElementsAre("work", "$Junk"));
  EXPECT_EQ(maildir_marks("1.x", table), FileMarks());
  EXPECT_THAT(parse_maildir_keywords("0 $Junk\n2 work\nbad\n99 x\n"), ElementsAre("$Junk", "", "work"));
  EXPECT_EQ(maildir_mailbox(".Work.Entw&APw-rfe"), "Work/Entw\xC3\xBCrfe");
  EXPECT_EQ(maildir_mailbox(".lat\xE9"), "lat\xE9");
  EXPECT_FALSE(maildir_mailbox("cur"));
  EXPECT_FALSE(maildir_mailbox(".."));
  EXPECT_EQ(maildir_directory("Work/Entw\xC3\xBCrfe"), ".Work.Entw&APw-rfe");
  EXPECT_EQ(maildir_directory("INBOX"), "");
}

TEST(Maildir, KeywordsThatFindNoLetterAreSaid) {
  FileMarks marks;
  for (int i = 0; i < 28; ++i) marks.keywords.push_back("k" + std::to_string(i));
  marks.keywords.emplace_back("$Forwarded");
  std::vector<std::string> keywords;
  const auto [info, unlettered] = maildir_info(marks, keywords);
  EXPECT_EQ(info, ":2,Pabcdefghijklmnopqrstuvwxyz");
  EXPECT_THAT(unlettered, ElementsAre("k26", "k27"));
  const auto read =
      parse_message_keywords("\n7.1.x\n7.2.x k\n7.9.x k1 k" + format_message_keywords("7.2.x", unlettered));
  EXPECT_THAT(read, ElementsAre(Pair("7.2.x", ElementsAre("k26", "k27")), Pair("7.9.x", ElementsAre("k1", "k"))));
  EXPECT_EQ(maildir_message("7.2.x:2,Pa"), "7.2.x");
  EXPECT_EQ(maildir_message("7.2.x"), "7.2.x");
}

TEST(Batch, KeywordsThatCanBeNoneAreTakenAway) {
  std::vector<std::string> keywords{"caf\xE9", "ok", std::string(65, 'k'), "a b", "$Junk"};
  EXPECT_THAT(take_bad_keywords(keywords), ElementsAre("caf\xE9", std::string(65, 'k'), "a b"));
  EXPECT_THAT(keywords, ElementsAre("ok", "$Junk"));
  keywords.assign(5000, "k");
  EXPECT_EQ(take_bad_keywords(keywords).size(), 5000 - state::mailbox::kKeywords);
}

TEST(Batch, DatesAreTakenFromTheYearsOfFourDigits) {
  const auto date = [](std::string_view number) {
    const auto batch = "{\"octets\":1,\"date\":" + std::string(number) + "}\nx\n";
    return (*BatchReader(batch).next())->date;
  };
  EXPECT_EQ(date("-1000"), at(-1));
  EXPECT_EQ(date("-9000000000000000000"), at(-62'167'219'200));
  EXPECT_EQ(date("9000000000000000000"), at(253'402'300'799) + std::chrono::milliseconds(999));
  BatchMessage message;
  message.date = at(-86'400);
  std::string batch;
  append_to_batch(batch, message);
  EXPECT_EQ((*BatchReader(batch).next())->date, at(-86'400));
}

TEST(Batch, IsReadAsItWasWritten) {
  BatchMessage message;
  message.uid = Uid(7);
  message.flags = {Flag::kSeen};
  message.keywords = {"a\"b"};
  message.date = at(5);
  message.nth = 2;
  message.octets = "x\n\n";
  std::string batch;
  append_to_batch(batch, message);
  append_to_batch(batch, {});
  BatchReader reader(batch);
  const auto first = reader.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->uid, Uid(7));
  EXPECT_EQ((*first)->keywords, message.keywords);
  EXPECT_EQ((*first)->nth, 2U);
  EXPECT_EQ((*first)->octets, "x\n\n");
  EXPECT_TRUE(*reader.next());
  EXPECT_FALSE(*reader.next());
}

TEST(Batch, ThatIsDamagedIsRefused) {
  struct Case {
    std::string_view batch;
    BatchError want;
  };
  const Case cases[] = {{"{\"octets\":3}", BatchError::kNoHead},
                        {"x\nabc\n", BatchError::kNoHead},
                        {"{\"octets\":3}\nabc", BatchError::kCutShort},
                        {"{\"octets\":3}\nabcd\n", BatchError::kCutShort},
                        {"{\"octets\":99999}\nabc\n", BatchError::kCutShort},
                        {"{\"octets\":3,\"flags\":99}\nabc\n", BatchError::kBadField},
                        {"{\"octets\":3,\"keywords\":[1]}\nabc\n", BatchError::kBadField}};
  for (const auto& [batch, want] : cases) {
    SCOPED_TRACE(batch);
    const auto read = BatchReader(batch).next();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), want);
  }
}

TEST(Folders, BecomeMailboxesOfOurs) {
  const auto listed = [](std::string name, char separator, std::vector<std::string> attributes = {}) {
    return wire::imap::ListResponse{std::move(attributes), separator, std::move(name)};
  };
  const auto folders = folders_of({listed("INBOX", '.'), listed("INBOX.Work.2026", '.'), listed("INBOX.a/b", '.'),
                                   listed("Gone", '.', {"\\Noselect"}), listed("INBOX.Sent Mail", '.', {"\\Sent"}),
                                   listed("All", '.', {"\\All"}), listed("INBOX.Shared", '.')},
                                  "INBOX.");
  std::vector<std::string> names;
  for (const auto& folder : folders) names.push_back(folder.local);
  EXPECT_THAT(names, ElementsAre("INBOX", "Work/2026", "a_b", "Sent Mail", "Shared_"));
  EXPECT_EQ(folders[3].use, state::mailbox::SpecialUse::kSent);
  EXPECT_EQ(local_name("a//b/", '/'), "a/b");
  EXPECT_EQ(local_name("inbox/x", '/'), "INBOX/x");
  EXPECT_EQ(local_name("a\x01\xFF", 0), "a__");
}

class MailFiles : public testing::Test {
 protected:
  struct Found {
    std::string mailbox;
    std::string octets;
    FileMarks marks;
  };
  void put(const std::filesystem::path& path, std::string_view octets) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << octets;
  }
  std::expected<void, std::string> read(const std::filesystem::path& path) { return read_as(path, file_form_of(path)); }
  std::expected<void, std::string> read_as(const std::filesystem::path& path, FileForm form) {
    found.clear();
    complaints.clear();
    FileReading reading;
    reading.message = [&](FileMessage message) {
      found.push_back({message.mailbox, message.octets, message.marks});
      return true;
    };
    reading.complaint = [&](const std::string& sentence) { complaints.push_back(sentence); };
    return read_mail_files(path, form, reading);
  }

  test::ScratchDirectory scratch;
  std::vector<Found> found;
  std::vector<std::string> complaints;
};

TEST_F(MailFiles, WrittenAreReadTheSame) {
  for (const auto form : {FileForm::kMaildir, FileForm::kEml, FileForm::kMbox}) {
    SCOPED_TRACE(to_string(form));
    const auto place = scratch.path() / to_string(form);
    const FileMarks marks{{Flag::kSeen, Flag::kFlagged}, {"$Junk"}, at(1'767'225'600)};
    for (const auto* mailbox : {"INBOX", "Work/Caf\xC3\xA9"}) {
      const auto own = MailboxPlaces(place, form).place_of(mailbox);
      auto writer = MailboxWriter::open(own, form, 9);
      ASSERT_TRUE(writer);
      for (const std::uint32_t uid : {2U, 9U, 10U})
        ASSERT_TRUE(writer->write(uid, "Subject: " + std::to_string(uid) + "\r\n\r\nx\r\n", marks));
      ASSERT_TRUE(writer->finish());
      const auto again = MailboxWriter::open(own, form, 9);
      ASSERT_TRUE(again);
      EXPECT_EQ(again->last_uid(), form == FileForm::kMbox ? 0U : 10U) << "an mbox is written anew";
      if (form == FileForm::kMbox) break;
    }
    const auto where = form == FileForm::kMbox ? place / "INBOX.mbox" : place;
    ASSERT_TRUE(read(where));
    EXPECT_THAT(complaints, IsEmpty());
    ASSERT_EQ(found.size(), form == FileForm::kMbox ? 3U : 6U);
    EXPECT_THAT(found[2].octets, HasSubstr("Subject: 10")) << "in the order of their UIDs";
    EXPECT_EQ(found[0].marks, marks);
    if (form == FileForm::kMaildir) {
      EXPECT_EQ(found[0].mailbox, "");
      EXPECT_EQ(found[5].mailbox, "Work/Caf\xC3\xA9");
    }
  }
}

TEST_F(MailFiles, ThatAreDamagedAreReportedAndPassedOver) {
  put(scratch.path() / "m/cur/1.a:2,S", "Subject: x\n\nx\n");
  put(scratch.path() / "m/cur/2.b:2,", "");
  put(scratch.path() / "m/new/3.c", "no header at all\n");
  put(scratch.path() / "m/new/4.d", "Subject: y\n\ny\n");
  ASSERT_TRUE(read(scratch.path() / "m"));
  EXPECT_EQ(found.size(), 2U);
  EXPECT_EQ(complaints.size(), 2U);
  put(scratch.path() / "x.mbox", "From a@b c\nno header\n\nFrom a@b c\nA: b\n\nok\n");
  ASSERT_TRUE(read(scratch.path() / "x.mbox"));
  EXPECT_EQ(found.size(), 1U);
  EXPECT_THAT(complaints, ElementsAre(HasSubstr("message 1: no message")));
  EXPECT_GT(found[0].marks.date, SystemTime()) << "without a date: when the file was written";
  EXPECT_FALSE(read(scratch.path() / "none"));
}

TEST_F(MailFiles, AMaildirIsReadPastLinksThatLeadNowhereAndOddNames) {
  put(scratch.path() / "m/cur/3.a:2,S", "Subject: x\n\nx\n");
  std::filesystem::create_symlink("2.loop", scratch.path() / "m/cur/1.loop");
  std::filesystem::create_symlink("1.loop", scratch.path() / "m/cur/2.loop");
  put(scratch.path() / "m/new", "no directory");
  put(scratch.path() / "m/.lat\xE9/new/1.b", "Subject: y\n\ny\n");
  ASSERT_TRUE(read(scratch.path() / "m"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].mailbox, "lat_");
  EXPECT_THAT(complaints, ElementsAre(HasSubstr("1.loop: "), HasSubstr("2.loop: "), HasSubstr("m/new: ")));
}

TEST_F(MailFiles, MailboxesCalledCurAndNewMakeNoMaildir) {
  put(scratch.path() / "e/INBOX/1.eml", "Subject: x\n\nx\n");
  put(scratch.path() / "e/cur/1.eml", "Subject: y\n\ny\n");
  std::filesystem::create_directories(scratch.path() / "e/new");
  ASSERT_TRUE(read(scratch.path() / "e"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].mailbox, "cur");
  for (const auto* part : {"cur", "new", "tmp"}) put(scratch.path() / "b" / part / "x.mbox", "From a@b c\nA: b\n\nx\n");
  put(scratch.path() / "b/INBOX.mbox", "From a@b c\nA: b\n\nx\n");
  ASSERT_TRUE(read(scratch.path() / "b"));
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[1].mailbox, "cur/x");
  std::filesystem::create_directories(scratch.path() / "t/tmp");
  put(scratch.path() / "t/cur/1.eml", "Subject: x\n\nx\n");  // as Thunderbird writes a Maildir
  EXPECT_EQ(file_form_of(scratch.path() / "t"), FileForm::kMaildir);
  put(scratch.path() / "b/cur/1.x:2,S", "Subject: x\n\nx\n");  // what lies beside a Maildir does not unmake it
  EXPECT_EQ(file_form_of(scratch.path() / "b"), FileForm::kMaildir);
}

TEST_F(MailFiles, NamesTooLongForAFileAreCutAndStayApart) {
  const auto level = std::string(230, 'n') + "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9";
  for (const auto form : {FileForm::kMaildir, FileForm::kEml, FileForm::kMbox}) {
    SCOPED_TRACE(to_string(form));
    const auto place = scratch.path() / to_string(form);
    MailboxPlaces places(place, form);
    ASSERT_TRUE(MailboxWriter::open(places.place_of("INBOX"), form, 9));
    for (const auto& mailbox : {level + "a", level + "b"}) {
      auto writer = MailboxWriter::open(places.place_of(mailbox), form, 9);
      ASSERT_TRUE(writer) << writer.error();
      ASSERT_TRUE(writer->write(1, "Subject: x\r\n\r\nx\r\n", {}));
      ASSERT_TRUE(writer->finish());
    }
    ASSERT_TRUE(read_as(place, form));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_TRUE(found[0].mailbox.starts_with(std::string(200, 'n')));
    EXPECT_NE(found[0].mailbox, found[1].mailbox);
  }
}

TEST_F(MailFiles, MailboxesThatWouldBeCalledTheSameStayApart) {
  for (const auto form : {FileForm::kMaildir, FileForm::kEml, FileForm::kMbox}) {
    SCOPED_TRACE(to_string(form));
    const auto top = scratch.path() / to_string(form);
    const std::vector<std::string> mailboxes{"INBOX",    "foo",  "foo.mbox", "foo.mbox/mbox", "foo.mbox.part/x",
                                             "foo_mbox", "a.b",  "a_b",      "a_b/c",         "..",
                                             "_..",      "../d", "_../e"};
    MailboxPlaces places(top, form);
    MailboxPlaces again(top, form);
    std::set<std::filesystem::path> taken;
    for (const auto& mailbox : mailboxes) {
      SCOPED_TRACE(mailbox);
      const auto place = places.place_of(mailbox);
      EXPECT_TRUE(taken.insert(place).second) << place;
      EXPECT_EQ(again.place_of(mailbox), place);
      EXPECT_EQ(again.place_of(mailbox), place);
      auto writer = MailboxWriter::open(place, form, 9);
      ASSERT_TRUE(writer) << writer.error();
      ASSERT_TRUE(writer->write(1, "Subject: " + mailbox + "\r\n\r\nx\r\n", {}));
      ASSERT_TRUE(writer->finish());
    }
    ASSERT_TRUE(read_as(top, form));
    EXPECT_EQ(found.size(), mailboxes.size());
    std::set<std::string> names;
    for (const auto& message : found) EXPECT_TRUE(names.insert(message.mailbox).second) << message.mailbox;
  }
}

TEST_F(MailFiles, KeywordsWithoutALetterInAMaildirAreThereWhenItIsRead) {
  auto writer = MailboxWriter::open(scratch.path(), FileForm::kMaildir, 9);
  ASSERT_TRUE(writer);
  FileMarks marks{{Flag::kSeen}, {}, at(5)};
  for (int i = 0; i < 28; ++i) marks.keywords.push_back("k" + std::to_string(i));
  ASSERT_TRUE(writer->write(1, "Subject: 1\r\n\r\nx\r\n", marks));
  ASSERT_TRUE(writer->write(2, "Subject: 2\r\n\r\nx\r\n", {{}, {"k1"}, at(5)}));
  writer = MailboxWriter::open(scratch.path(), FileForm::kMaildir, 9);
  ASSERT_TRUE(writer->write(3, "Subject: 3\r\n\r\nx\r\n", {{}, {"k28", "k26"}, at(5)}));
  EXPECT_THAT(writer->unlettered().keywords, ElementsAre("k26", "k28"));
  EXPECT_EQ(writer->unlettered().messages, 1U);
  std::filesystem::rename(scratch.path() / "cur/9.3.veredus:2,", scratch.path() / "cur/9.3.veredus:2,S");
  ASSERT_TRUE(read(scratch.path()));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].marks, marks);
  EXPECT_THAT(found[1].marks.keywords, ElementsAre("k1"));
  EXPECT_THAT(found[2].marks.keywords, ElementsAre("k28", "k26"));
  EXPECT_THAT(complaints, IsEmpty());
}

TEST_F(MailFiles, LinksToDirectoriesAreNotFollowed) {
  put(scratch.path() / "e/1.EML", "Subject: x\n\nx\n");
  std::filesystem::create_directory_symlink(scratch.path() / "e", scratch.path() / "e/again");
  ASSERT_TRUE(read(scratch.path() / "e"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].mailbox, "");
}

TEST_F(MailFiles, DirectoriesOfMboxFilesAreAMailboxEach) {
  put(scratch.path() / "b/INBOX.mbox", "From a@b c\nA: b\n\nx\n");
  put(scratch.path() / "b/Work/Now.mbox", "From a@b c\nA: c\n\nx\n");
  ASSERT_TRUE(read(scratch.path() / "b"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].mailbox, "INBOX");
  EXPECT_EQ(found[1].mailbox, "Work/Now");
}

TEST_F(MailFiles, OfBothKindsAreNotPassedOverInSilence) {
  put(scratch.path() / "c/Old.mbox", "From a@b c\nA: b\n\nx\n");
  put(scratch.path() / "c/New/1.eml", "A: c\n\nx\n");
  ASSERT_TRUE(read(scratch.path() / "c"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].mailbox, "Old");
  EXPECT_THAT(complaints, ElementsAre(HasSubstr("passed over: 1. --format eml")));
}

TEST_F(MailFiles, ADirectoryCalledLikeAnMboxIsNone) {
  put(scratch.path() / "d/Trip.mbox/1.eml", "A: b\n\nx\n");
  ASSERT_TRUE(read(scratch.path() / "d"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].mailbox, "Trip.mbox");
  EXPECT_THAT(complaints, IsEmpty());
  put(scratch.path() / "e/Trip.mbox/mbox", "From a@b c\nA: b\n\nx\n");  // as Apple Mail writes it
  put(scratch.path() / "e/Trip.mbox/table_of_contents", "x");
  ASSERT_TRUE(read(scratch.path() / "e"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].mailbox, "Trip");
  ASSERT_TRUE(read(scratch.path() / "e/Trip.mbox"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].mailbox, "");
}

}  // namespace
}  // namespace veredus::work::transfer
