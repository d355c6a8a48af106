#include "doors/imap/notify_command.h"

#include <gtest/gtest.h>

#include <string>

#include "support/imap_world.h"

namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

constexpr std::string_view kAppendInbox = "APPEND INBOX {5+}\r\nA: b\n";
constexpr std::string_view kAppendSent = "APPEND Sent {5+}\r\nA: b\n";

class NotifyRules : public testing::Test {
 protected:
  /// What comes in an IDLE while the other session brings a message and changes another.
  std::string told_in_idle() {
    EXPECT_EQ(watching.say("i IDLE\r\n"), "+ idling\r\n");
    acting.command(kAppendInbox);
    acting.command("STORE 1 FLAGS.SILENT (" + std::string(++changes % 2 == 0 ? "\\Seen" : "\\Flagged") + ")");
    const auto told = watching.receive();
    EXPECT_TRUE(watching.say("DONE\r\n").contains("i OK "));
    return told;
  }

  ImapWorld world;
  ImapClient watching{world, "alice@demo.test"};
  ImapClient acting{world, "alice@demo.test"};
  int changes = 0;
};

TEST_F(NotifyRules, IdleTellsWhatNotifyAskedForAndNoMore) {  // RFC 5465 s4
  acting.command(kAppendInbox);
  for (auto* client : {&watching, &acting}) client->command("SELECT INBOX");
  EXPECT_TRUE(told_in_idle().contains(" FETCH (FLAGS (")) << "nobody asked by NOTIFY";
  for (const std::string_view command :
       {"NOTIFY NONE", "NOTIFY SET (selected NONE)", "NOTIFY SET (personal (MessageNew MessageExpunge FlagChange))"}) {
    SCOPED_TRACE(command);
    EXPECT_TRUE(watching.command(command).contains("OK "));
    EXPECT_EQ(told_in_idle(), "");
    const auto later = watching.command("NOOP");
    EXPECT_TRUE(later.contains(" EXISTS\r\n")) << later;
    EXPECT_TRUE(later.contains("* 1 FETCH (FLAGS (")) << later;
  }
  watching.command("NOTIFY SET (selected-delayed (MessageNew MessageExpunge))");
  const auto told = told_in_idle();
  EXPECT_TRUE(told.contains(" EXISTS\r\n")) << told;
  EXPECT_FALSE(told.contains(" FETCH ")) << told;
  EXPECT_TRUE(watching.command("UNAUTHENTICATE").contains("OK "));
  watching.command("LOGIN alice@demo.test \"correct horse\"");
  watching.command("SELECT INBOX");
  EXPECT_TRUE(told_in_idle().contains(" FETCH (FLAGS (")) << "another login has not asked";
}

TEST_F(NotifyRules, TellsAsWithoutItAfterARefusedNotify) {  // RFC 5465 s4, s5.8
  acting.command(kAppendInbox);
  for (auto* client : {&watching, &acting}) client->command("SELECT INBOX");
  for (int i = 0; i < 50; ++i) {  // more names than are watched: each has 200 levels
    std::string name = "n" + std::to_string(i);
    for (int level = 1; level < 200; ++level) name += "/x";
    EXPECT_TRUE(acting.command("SUBSCRIBE " + name).contains("OK ")) << name;
  }
  const auto refused = watching.command("NOTIFY SET (personal (MessageNew MessageExpunge))");
  EXPECT_TRUE(refused.starts_with("NO [NOTIFICATIONOVERFLOW] ")) << refused;
  const auto told = told_in_idle();
  EXPECT_TRUE(told.contains(" EXISTS\r\n")) << told;
  EXPECT_TRUE(told.contains(" FETCH (FLAGS (")) << told;
}

TEST_F(NotifyRules, TellsWhatWasAskedForBeforeARefusedNotify) {
  acting.command(kAppendInbox);
  for (auto* client : {&watching, &acting}) client->command("SELECT INBOX");
  watching.command("NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))");
  world.engine.plan_faults({.fail_at = world.engine.operations() + 1, .then_all = true});
  const auto refused = watching.command("NOTIFY SET (personal (MessageNew MessageExpunge))");
  world.engine.plan_faults({});
  EXPECT_TRUE(refused.starts_with("NO ")) << refused;
  const auto told = told_in_idle();
  EXPECT_TRUE(told.contains(" EXISTS\r\n")) << told;
  EXPECT_TRUE(told.contains(" FETCH (UID 1 FLAGS (")) << told;
}

TEST_F(NotifyRules, FlagChangesOfTheSelectedMailboxHaveTheirUid) {  // RFC 5465 s5.1
  acting.command(kAppendInbox);
  for (auto* client : {&watching, &acting}) client->command("SELECT INBOX");
  watching.command("NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))");
  acting.command("STORE 1 FLAGS.SILENT (\\Seen)");
  EXPECT_EQ(watching.receive(), "* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))\r\n");
}

TEST_F(NotifyRules, ARefusedCommandKeepsTheHighestModseqBelowDelayedExpunges) {  // RFC 7162 s3.2
  for (int i = 0; i < 2; ++i) acting.command(kAppendInbox);
  watching.command("ENABLE QRESYNC");
  for (auto* client : {&watching, &acting}) client->command("SELECT INBOX");
  watching.command("NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))");
  acting.command("STORE 2 FLAGS.SILENT (\\Deleted)");
  EXPECT_TRUE(watching.receive().contains("* 2 FETCH "));
  EXPECT_TRUE(watching.command("nonsense").starts_with("BAD "));
  acting.command("EXPUNGE");
  acting.command("STORE 1 FLAGS.SILENT (\\Seen)");
  EXPECT_TRUE(watching.receive().starts_with("* 1 FETCH "));
  const auto refused = watching.command("nonsense");
  EXPECT_TRUE(refused.starts_with("* OK [HIGHESTMODSEQ ")) << refused;
  EXPECT_TRUE(refused.contains("\r\nBAD ")) << refused;
}

TEST_F(NotifyRules, StatusHasHighestModseqForFlagChanges) {  // RFC 5465 s3.1
  acting.command(kAppendInbox);
  const auto with = watching.command("NOTIFY SET STATUS (inboxes (MessageNew MessageExpunge FlagChange))");
  EXPECT_TRUE(with.contains("UIDVALIDITY ")) << with;
  EXPECT_TRUE(with.contains("HIGHESTMODSEQ ")) << with;
  acting.command("SELECT INBOX");
  acting.command("STORE 1 FLAGS.SILENT (\\Flagged)");
  EXPECT_TRUE(watching.receive().contains("HIGHESTMODSEQ "));
  const auto without = watching.command("NOTIFY SET STATUS (inboxes (MessageNew MessageExpunge))");
  EXPECT_TRUE(without.starts_with("* STATUS \"INBOX\" (")) << without;
  EXPECT_FALSE(without.contains("HIGHESTMODSEQ ")) << without;
}

TEST_F(NotifyRules, SaysNoAccessOfWhatMayNotBeRead) {  // RFC 5465 s3.1, s5.9
  ImapClient guest(world, "bob@demo.test");
  const std::string name = "\"Shared/alice@demo.test/Sent\"";
  const auto no_access = "* LIST (\\Noselect \\NoAccess \\HasNoChildren) \"/\" " + name + "\r\n";
  acting.command("SETACL Sent bob@demo.test l");
  const auto asked = guest.command("NOTIFY SET STATUS (mailboxes (" + name + " None) (MessageNew MessageExpunge))");
  EXPECT_TRUE(asked.starts_with(no_access + "OK ")) << asked;
  acting.command("SETACL Sent bob@demo.test lr");
  EXPECT_EQ(guest.receive(), "* LIST (\\HasNoChildren) \"/\" " + name + "\r\n");
  acting.command(kAppendSent);
  EXPECT_TRUE(guest.receive().starts_with("* STATUS " + name)) << "it is watched again";
  acting.command("SETACL Sent bob@demo.test l");
  EXPECT_EQ(guest.receive(), no_access);
  acting.command(kAppendSent);
  EXPECT_EQ(guest.receive(), "");
}

TEST_F(NotifyRules, EndsWhereTheSelectedMailboxMayNoLongerBeRead) {
  for (const std::string_view groups : {"NONE", "SET (selected (MessageNew MessageExpunge))"}) {
    acting.command("SETACL Sent bob@demo.test lr");
    ImapClient reader(world, "bob@demo.test");
    EXPECT_TRUE(reader.command("SELECT Shared/alice@demo.test/Sent").contains("OK "));
    acting.command("DELETEACL Sent bob@demo.test");
    const auto told = reader.command("NOTIFY " + std::string(groups));
    EXPECT_TRUE(told.starts_with("* BYE ")) << told;
    EXPECT_TRUE(reader.closed());
  }
}

TEST_F(NotifyRules, KnowsTheNamesOfOthersMailboxesInEverySpelling) {
  acting.command("SETACL INBOX bob@demo.test lr");
  for (const std::string_view named :
       {"mailboxes Shared/ALICE@demo.test/inbox", "mailboxes (Shared/alice@DEMO.test/INBOX/)",
        "subtree Shared/Alice@demo.test", "subtree Shared/Alice@demo.test/"}) {
    SCOPED_TRACE(named);
    ImapClient guest(world, "bob@demo.test");
    guest.command("NOTIFY SET (" + std::string(named) + " (MessageNew MessageExpunge))");
    acting.command(kAppendInbox);
    EXPECT_TRUE(guest.receive().starts_with("* STATUS \"Shared/alice@demo.test/INBOX\" ("));
  }
}

/// Each commit lets those go on whom it woke, before the next one is made.
TEST(NotifySharing, IsTakenNoteOfAsOftenAsItBeginsAndEnds) {  // RFC 5465 s5.4, s5.9
  ImapWorld world({.commits_inline = false});
  ImapClient owner(world, "alice@demo.test");
  ImapClient guest(world, "bob@demo.test");
  const std::string name = "\"Shared/alice@demo.test/Sent\"";
  guest.command("NOTIFY SET (mailboxes " + name + " (MailboxName MessageNew MessageExpunge))");
  for (int round = 0; round < 10; ++round)
    for (const std::string to : {"bob@demo.test", "anyone"}) {
      SCOPED_TRACE(to + " " + std::to_string(round));
      EXPECT_TRUE(owner.command("SETACL Sent " + to + " lr").starts_with("OK "));
      EXPECT_EQ(guest.receive(), "* LIST (\\HasNoChildren) \"/\" " + name + "\r\n");
      EXPECT_TRUE(owner.command(kAppendSent).contains("OK "));
      EXPECT_TRUE(guest.receive().starts_with("* STATUS " + name + " ("));
      EXPECT_TRUE(owner.command("DELETEACL Sent " + to).starts_with("OK "));
      EXPECT_EQ(guest.receive(), "* LIST (\\NonExistent) \"/\" " + name + "\r\n");
    }
}

TEST_F(NotifyRules, DoesNotTellASessionOfTheMessagesItBroughtItself) {  // RFC 5465 s5, s5.2
  watching.command("SELECT INBOX");
  watching.command("NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))");
  std::string told;
  for (const std::string_view command :
       {kAppendInbox, kAppendInbox, kAppendSent, std::string_view("COPY 1 INBOX"), std::string_view("COPY 1 Sent"),
        std::string_view("REPLACE 1 INBOX {5+}\r\nA: c\n"), std::string_view("MOVE 1 Sent")}) {
    const auto reply = watching.command(command) + watching.receive();
    EXPECT_TRUE(reply.contains("OK ")) << reply;
    told += reply;
  }
  EXPECT_TRUE(told.contains("* 2 EXISTS\r\n")) << told;
  EXPECT_FALSE(told.contains("FETCH")) << told;
  EXPECT_FALSE(told.contains("STATUS")) << told;
  acting.command(kAppendSent);
  EXPECT_TRUE(watching.receive().starts_with("* STATUS \"Sent\" (MESSAGES 4 "));
  acting.command(kAppendInbox);
  EXPECT_TRUE(watching.receive().contains(" FETCH (UID 5)\r\n"));
}

}  // namespace
}  // namespace veredus::doors::imap
