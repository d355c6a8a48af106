#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/imap_door.h"

/// LIST, STATUS, the naming commands, quota, annotations, rights and NOTIFY, as a client says them.
namespace veredus::doors::imap {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Naming : public test::ImapDoorTest {};

TEST_F(Naming, MakesMailboxesWithTheLevelsAboveThem) {  // RFC 9051 s6.3.4
  EXPECT_EQ(say_as("alice",
                   "a CREATE Work/2026/\r\nb LIST \"\" Work*\r\nc CREATE work\r\nd CREATE Work\r\n"
                   "e CREATE INBOX\r\nf CREATE inbox/sub\r\ng LIST \"\" INBOX*\r\n"),
            "a OK [MAILBOXID (F1-8)] Mailbox created\r\n"
            "* LIST (\\HasChildren) \"/\" \"Work\"\r\n"
            "* LIST (\\HasNoChildren) \"/\" \"Work/2026\"\r\n"
            "b OK Mailboxes listed\r\n"
            "c OK [MAILBOXID (F1-9)] Mailbox created\r\n"
            "d NO [ALREADYEXISTS] There is a mailbox of this name\r\n"
            "e NO [ALREADYEXISTS] There is a mailbox of this name\r\n"
            "f OK [MAILBOXID (F1-a)] Mailbox created\r\n"
            "* LIST (\\HasChildren) \"/\" \"INBOX\"\r\n"
            "* LIST (\\HasNoChildren) \"/\" \"INBOX/sub\"\r\n"
            "g OK Mailboxes listed\r\n");
}

TEST_F(Naming, RefusesNamesThatCannotBe) {
  const auto said =
      say_as("alice",
             "a CREATE \"\"\r\nb CREATE \"a//b\"\r\nc CREATE \"/a\"\r\nd CREATE Shared\r\n"
             "e CREATE Shared/nobody@demo.test/x\r\nf CREATE Shared/bob@demo.test/x\r\n"
             "g CREATE x (USE (\\Sent \\Trash))\r\nh CREATE x (USE (\\All))\r\nl CREATE x (USE (\\Sent))\r\n"
             "m CREATE {481+}\r\n" +
                 std::string(481, 'n') + "\r\n");
  for (const auto* line : {"a NO [CANNOT]", "b NO [CANNOT]", "c NO [CANNOT]", "d NO [CANNOT]", "e NO [CANNOT]",
                           "f NO [NOPERM]", "g NO [USEATTR]", "h NO [USEATTR]", "l NO [USEATTR]", "m NO [CANNOT]"})
    EXPECT_THAT(said, HasSubstr(line));
}

TEST_F(Naming, MakesMailboxesForAUse) {  // RFC 6154 s3
  const auto said = say_as("alice",
                           "a DELETE Trash\r\nb CREATE Bin (USE (\\Trash))\r\nc LIST \"\" Bin\r\n"
                           "d LIST (SPECIAL-USE) \"\" *\r\n");
  EXPECT_THAT(said, HasSubstr("* LIST (\\HasNoChildren \\Trash) \"/\" \"Bin\"\r\nc OK"));
  EXPECT_THAT(said, HasSubstr("* LIST (\\Trash) \"/\" \"Bin\"\r\n* LIST (\\Drafts) \"/\" \"Drafts\"\r\n"));
  EXPECT_THAT(said, Not(HasSubstr("d OK Mailboxes listed\r\n* LIST () \"/\" \"INBOX\"")));
}

TEST_F(Naming, DeletesAMailboxAndLeavesWhatIsBelowIt) {  // RFC 9051 s6.3.5
  EXPECT_THAT(say_as("alice",
                     "a CREATE a/b\r\nb DELETE a\r\nc LIST \"\" a*\r\nd DELETE a\r\ne DELETE none\r\n"
                     "f DELETE inbox\r\ng SELECT a\r\nh CREATE a\r\n"),
              EndsWith("b OK Mailbox deleted\r\n"
                       "* LIST (\\Noselect \\HasChildren) \"/\" \"a\"\r\n"
                       "* LIST (\\HasNoChildren) \"/\" \"a/b\"\r\n"
                       "c OK Mailboxes listed\r\n"
                       "d NO [HASCHILDREN] There is no such mailbox, only others below it\r\n"
                       "e NO [NONEXISTENT] There is no such mailbox\r\n"
                       "f NO [CANNOT] INBOX cannot be deleted\r\n"
                       "g NO [NONEXISTENT] There is no such mailbox\r\n"
                       "h OK [MAILBOXID (F1-9)] Mailbox created\r\n"));
}

TEST_F(Naming, KnowsALevelInEverySpellingOfInbox) {  // RFC 9051 s5.1
  const auto said =
      say_as("alice", "a CREATE INBOX/x/y\r\nb DELETE INBOX/x\r\nc DELETE inbox/x\r\nd DELETE Inbox/x/\r\n");
  for (const auto* line : {"b OK", "c NO [HASCHILDREN]", "d NO [HASCHILDREN]"}) EXPECT_THAT(said, HasSubstr(line));
}

TEST_F(Naming, DeletingTheSelectedMailboxEndsTheSelection) {
  EXPECT_THAT(say_as("alice", "a SELECT Archive\r\nb DELETE Archive\r\nc FETCH 1 FLAGS\r\n"),
              EndsWith("b OK Mailbox deleted\r\nc BAD Select a mailbox first\r\n"));
}

TEST_F(Naming, RenamesWithAllBelowAndTellsTheOldName) {  // RFC 9051 s6.3.6
  const auto said = say_as("alice",
                           "a CREATE a/b\r\nb ENABLE IMAP4rev2\r\nc RENAME a x/y\r\nd LIST \"\" (a* x*)\r\n"
                           "e RENAME a z\r\nf RENAME x INBOX\r\ng RENAME x/y x/y/z\r\nh RENAME x Shared/q\r\n");
  EXPECT_THAT(said, HasSubstr("* LIST () \"/\" \"x/y\" (\"OLDNAME\" (\"a\"))\r\nc OK Mailbox renamed\r\n"
                              "* LIST () \"/\" \"x\"\r\n* LIST () \"/\" \"x/y\"\r\n* LIST () \"/\" \"x/y/b\"\r\nd OK"));
  for (const auto* line : {"e NO [NONEXISTENT]", "f NO [ALREADYEXISTS]", "g NO [CANNOT]", "h NO [CANNOT]"})
    EXPECT_THAT(said, HasSubstr(line));
}

TEST_F(Naming, RenamesALevelThatIsNoMailboxWithAllBelow) {  // RFC 9051 s6.3.6
  EXPECT_THAT(
      say_as("alice",
             "a CREATE a/b\r\nb DELETE a\r\nc RENAME a a/z\r\nd RENAME a Trash\r\ne RENAME a c/\r\n"
             "f LIST \"\" (a* c*)\r\ng ENABLE IMAP4rev2\r\nh RENAME c inbox/c\r\n"
             "i LIST \"\" (c* INBOX/*)\r\nj RENAME c d\r\n"),
      EndsWith("c NO [CANNOT] A mailbox cannot have this name\r\n"
               "d NO [ALREADYEXISTS] There is a mailbox of this name\r\n"
               "e OK Mailbox renamed\r\n"
               "* LIST (\\NonExistent) \"/\" \"c\"\r\n* LIST () \"/\" \"c/b\"\r\nf OK Mailboxes listed\r\n"
               "* ENABLED IMAP4rev2\r\ng OK Enabled\r\n"
               "* LIST (\\NonExistent) \"/\" \"INBOX/c\" (\"OLDNAME\" (\"c\"))\r\nh OK Mailbox renamed\r\n"
               "* LIST (\\NonExistent) \"/\" \"INBOX/c\"\r\n* LIST () \"/\" \"INBOX/c/b\"\r\ni OK Mailboxes listed\r\n"
               "j NO [NONEXISTENT] There is no such mailbox\r\n"));
}

TEST_F(Naming, RenamingInboxMovesItsMessages) {
  deliver(alice, "Subject: x\r\n\r\nx\r\n");
  EXPECT_THAT(say_as("alice", "a RENAME INBOX Old\r\nb STATUS INBOX (MESSAGES)\r\nc STATUS Old (MESSAGES)\r\n"),
              HasSubstr("* STATUS \"INBOX\" (MESSAGES 0)\r\nb OK Status told\r\n* STATUS \"Old\" (MESSAGES 1)\r\n"));
}

TEST_F(Naming, InboxIsStillThereAfterItWasRenamed) {  // RFC 9051 s6.3.6
  EXPECT_THAT(say_as("alice", "a ENABLE IMAP4rev2\r\nb RENAME inbox Old\r\n"),
              EndsWith("a OK Enabled\r\nb OK Mailbox renamed\r\n"));
}

TEST_F(Naming, LettersAreComposedAndRev2IsToldTheName) {  // RFC 9051 s6.3.4, RFC 5198 s3
  EXPECT_THAT(say_as("alice",
                     "a ENABLE IMAP4rev2\r\nb CREATE Cafe\xCC\x81\r\nc CREATE inbox/x/\r\nd CREATE y/\r\n"
                     "e STATUS Caf\xC3\xA9 (MESSAGES)\r\nf LIST \"\" Cafe\xCC\x81*\r\n"),
              AllOf(HasSubstr("* LIST () \"/\" \"Caf\xC3\xA9\" (\"OLDNAME\" (\"Cafe\xCC\x81\"))\r\nb OK"),
                    HasSubstr("* LIST () \"/\" \"INBOX/x\" (\"OLDNAME\" (\"inbox/x\"))\r\nc OK"),
                    HasSubstr("Mailbox created\r\nd OK"), HasSubstr("* STATUS \"Caf\xC3\xA9\" (MESSAGES 0)\r\n"),
                    HasSubstr("* LIST (\\HasNoChildren) \"/\" \"Caf\xC3\xA9\"\r\nf OK")));
}

TEST_F(Naming, SpeaksModifiedUtf7UntilUtf8IsAccepted) {  // RFC 3501 s5.1.3, RFC 6855 s3
  const auto said = say_as("alice",
                           "a CREATE Entw&APw-rfe\r\nb LIST \"\" Entw*\r\nc CREATE \"&bad\"\r\n"
                           "d ENABLE UTF8=ACCEPT\r\ne LIST \"\" Entw*\r\nf CREATE \"&APw-\"\r\ng LIST \"\" &*\r\n");
  EXPECT_THAT(said, HasSubstr("\"Entw&APw-rfe\"\r\nb OK"));
  EXPECT_THAT(said, Not(HasSubstr("c OK")));
  EXPECT_THAT(said, HasSubstr("\"Entw\xC3\xBCrfe\"\r\ne OK"));
  EXPECT_THAT(said, HasSubstr("\"&APw-\"\r\ng OK")) << "an ampersand is only that now";
}

class Listing : public test::ImapDoorTest {};

TEST_F(Listing, TellsTheSeparator) {
  EXPECT_EQ(say_as("alice", "a LIST \"\" \"\"\r\nb LSUB \"\" \"\"\r\nc NAMESPACE\r\n"),
            "* LIST (\\Noselect) \"/\" \"\"\r\na OK Separator told\r\n"
            "* LSUB (\\Noselect) \"/\" \"\"\r\nb OK Separator told\r\n"
            "* NAMESPACE ((\"\" \"/\")) NIL ((\"Shared/\" \"/\"))\r\nc OK Namespaces told\r\n");
}

TEST_F(Listing, OfWhatIsSubscribed) {
  EXPECT_EQ(say_as("alice",
                   "a UNSUBSCRIBE Junk\r\nb UNSUBSCRIBE Drafts\r\nc UNSUBSCRIBE Archive\r\nd UNSUBSCRIBE Sent\r\n"
                   "e SUBSCRIBE later/on\r\nf LSUB \"\" *\r\ng LSUB \"\" %\r\n"
                   "h LIST (SUBSCRIBED) \"\" * RETURN (CHILDREN)\r\n"
                   "i LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %\r\n"),
            "a OK Unsubscribed\r\nb OK Unsubscribed\r\nc OK Unsubscribed\r\nd OK Unsubscribed\r\ne OK Subscribed\r\n"
            "* LSUB () \"/\" \"INBOX\"\r\n* LSUB () \"/\" \"Trash\"\r\n* LSUB () \"/\" \"later/on\"\r\n"
            "f OK Subscriptions listed\r\n"
            "* LSUB () \"/\" \"INBOX\"\r\n* LSUB () \"/\" \"Trash\"\r\n* LSUB (\\Noselect) \"/\" \"later\"\r\n"
            "g OK Subscriptions listed\r\n"
            "* LIST (\\HasNoChildren \\Subscribed) \"/\" \"INBOX\"\r\n"
            "* LIST (\\HasNoChildren \\Subscribed) \"/\" \"Trash\"\r\n"
            "* LIST (\\NonExistent \\HasNoChildren \\Subscribed) \"/\" \"later/on\"\r\n"
            "h OK Mailboxes listed\r\n"
            "* LIST (\\Subscribed) \"/\" \"INBOX\"\r\n* LIST (\\Subscribed) \"/\" \"Trash\"\r\n"
            "* LIST (\\NonExistent) \"/\" \"later\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n"
            "i OK Mailboxes listed\r\n");
}

TEST_F(Listing, ReturnsStatusRightsAndAnnotations) {  // RFC 5819, RFC 8440, RFC 9590
  deliver(alice, "Subject: x\r\n\r\nx\r\n");
  EXPECT_EQ(say_as("alice",
                   "a SETMETADATA Trash (/private/comment \"bin it\")\r\n"
                   "b LIST \"\" (INBOX Trash) RETURN (STATUS (MESSAGES UNSEEN) MYRIGHTS "
                   "METADATA (/private/comment))\r\n"),
            "a OK Annotations set\r\n"
            "* LIST () \"/\" \"INBOX\"\r\n"
            "* MYRIGHTS \"INBOX\" lrswipkxteacd\r\n"
            "* STATUS \"INBOX\" (MESSAGES 1 UNSEEN 1)\r\n"
            "* METADATA \"INBOX\" (/private/comment NIL)\r\n"
            "* LIST () \"/\" \"Trash\"\r\n"
            "* MYRIGHTS \"Trash\" lrswipkxteacd\r\n"
            "* STATUS \"Trash\" (MESSAGES 0 UNSEEN 0)\r\n"
            "* METADATA \"Trash\" (/private/comment \"bin it\")\r\n"
            "b OK Mailboxes listed\r\n");
}

TEST_F(Listing, StatusTellsEveryItemAndIsLive) {
  deliver(alice, "Subject: x\r\n\r\n12345\r\n");
  deliver(alice, "Subject: y\r\n\r\n1\r\n");
  const auto said = say_as(
      "alice",
      "a STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE APPENDLIMIT MAILBOXID HIGHESTMODSEQ)\r\n"
      "b SELECT INBOX\r\nc STORE 1 +FLAGS.SILENT (\\Deleted \\Seen)\r\n"
      "d STATUS inbox (DELETED DELETED-STORAGE UNSEEN RECENT)\r\ne STATUS none (MESSAGES)\r\nf STATUS Trash ()\r\n");
  EXPECT_THAT(said, StartsWith("* STATUS \"INBOX\" (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY 1795318800 UNSEEN 2 "
                               "DELETED 0 SIZE 38 APPENDLIMIT 104857600 MAILBOXID (F1-1) HIGHESTMODSEQ 3)\r\na OK"));
  EXPECT_THAT(said, HasSubstr("* STATUS \"INBOX\" (DELETED 1 DELETED-STORAGE 21 UNSEEN 1 RECENT 2)\r\nd OK"));
  EXPECT_THAT(said, HasSubstr("e NO [NONEXISTENT]"));
  EXPECT_THAT(said, HasSubstr("* STATUS \"Trash\" ()\r\nf OK"));
}

class Quota : public test::ImapDoorTest {};

TEST_F(Quota, TellsUsageAndLimits) {  // RFC 9208
  deliver(alice, "Subject: x\r\n\r\n12345\r\n");
  state::directory::AccountChange change;
  change.quota = state::directory::Quota{10'240, 5};
  ASSERT_TRUE(run(directory->change_account(alice, change)));
  EXPECT_EQ(say_as("alice",
                   "a GETQUOTAROOT INBOX\r\nb GETQUOTA \"\"\r\nc GETQUOTA x\r\nd SETQUOTA \"\" (STORAGE 5)\r\n"
                   "e GETQUOTAROOT none/yet/\r\nf GETQUOTAROOT none//yet\r\ng GETQUOTAROOT \"\"\r\n"
                   "h GETQUOTAROOT Shared\r\ni GETQUOTAROOT \"a&AIU-\"\r\n"),
            "* QUOTAROOT \"INBOX\" \"\"\r\n* QUOTA \"\" (STORAGE 1 10 MESSAGE 1 5)\r\na OK Quota told\r\n"
            "* QUOTA \"\" (STORAGE 1 10 MESSAGE 1 5)\r\nb OK Quota told\r\n"
            "c NO [NONEXISTENT] There is no such quota root\r\n"
            "d NO [NOPERM] Quotas are set by the administrator\r\n"
            "* QUOTAROOT \"none/yet\" \"\"\r\n* QUOTA \"\" (STORAGE 1 10 MESSAGE 1 5)\r\ne OK Quota told\r\n"
            "f NO [CANNOT] A mailbox cannot have this name\r\n"
            "g NO [CANNOT] A mailbox cannot have this name\r\n"
            "h NO [NONEXISTENT] There is no such mailbox\r\n"
            "i NO [NONEXISTENT] There is no such mailbox\r\n");
  EXPECT_EQ(say_as("bob", "a GETQUOTAROOT INBOX\r\nb GETQUOTA \"\"\r\nc GETQUOTAROOT none\r\n"),
            "* QUOTAROOT \"INBOX\"\r\na OK Nothing is limited\r\nb NO [NONEXISTENT] There is no such quota root\r\n"
            "* QUOTAROOT \"none\"\r\nc OK Nothing is limited\r\n");
}

class Annotating : public test::ImapDoorTest {};

TEST_F(Annotating, KeepsAndTells) {  // RFC 5464
  EXPECT_EQ(say_as("alice",
                   "a SETMETADATA INBOX (/private/Comment \"mine\" /shared/comment \"ours\")\r\n"
                   "b GETMETADATA INBOX (/private/comment /shared/comment /shared/none)\r\n"
                   "c SETMETADATA INBOX (/private/comment NIL)\r\n"
                   "d GETMETADATA (DEPTH infinity) INBOX (/private/comment /shared/comment)\r\n"
                   "e GETMETADATA (MAXSIZE 3) INBOX /shared/comment\r\n"
                   "f SETMETADATA \"\" (/private/vendor/x \"s\")\r\n"
                   "g GETMETADATA (DEPTH 1) \"\" /private/vendor\r\n"
                   "h SETMETADATA \"\" (/shared/comment \"s\")\r\n"),
            "a OK Annotations set\r\n"
            "* METADATA \"INBOX\" (/private/comment \"mine\" /shared/comment \"ours\" /shared/none NIL)\r\n"
            "b OK Annotations told\r\n"
            "c OK Annotations set\r\n"
            "* METADATA \"INBOX\" (/shared/comment \"ours\")\r\n"
            "d OK Annotations told\r\n"
            "e OK [METADATA LONGENTRIES 4] Annotations told, but for longer ones\r\n"
            "f OK Annotations set\r\n"
            "* METADATA \"\" (/private/vendor/x \"s\")\r\n"
            "g OK Annotations told\r\n"
            "h NO [NOPERM] The owner does not let you do that\r\n");
}

TEST_F(Annotating, RefusesWhatIsNoEntryOrTooBig) {
  const auto said = say_as("alice",
                           "a GETMETADATA INBOX /private/a*\r\nb GETMETADATA INBOX /private//a\r\n"
                           "c SETMETADATA INBOX (/other/a \"x\")\r\nd SETMETADATA none (/private/a \"x\")\r\n"
                           "e SETMETADATA INBOX (/private/a {65537+}\r\n" +
                               std::string(65537, 'v') + ")\r\n");
  for (const auto* line : {"a BAD", "b BAD", "c BAD", "d NO [NONEXISTENT]", "e NO [METADATA MAXSIZE 65536]"})
    EXPECT_THAT(said, HasSubstr(line));
}

TEST_F(Annotating, TheSpecialUseIsOneToo) {  // RFC 6154 s4
  EXPECT_EQ(say_as("alice",
                   "a GETMETADATA Trash /private/specialuse\r\n"
                   "b SETMETADATA Trash (/private/specialuse NIL)\r\n"
                   "c SETMETADATA Archive (/private/specialuse \"\\\\Trash\")\r\n"
                   "d LIST \"\" Archive\r\ne SETMETADATA INBOX (/private/specialuse \"\\\\All\")\r\n"),
            "* METADATA \"Trash\" (/private/specialuse \"\\\\Trash\")\r\na OK Annotations told\r\n"
            "b OK Annotations set\r\nc OK Annotations set\r\n"
            "* LIST (\\HasNoChildren \\Trash) \"/\" \"Archive\"\r\nd OK Mailboxes listed\r\n"
            "e NO [USEATTR] There is no such use\r\n");
}

TEST_F(Annotating, SetsAllOrNothing) {  // RFC 5464 s4.3
  const std::string too_big = "{65537+}\r\n" + std::string(65537, 'v');
  const auto said =
      say_as("alice", "a SETMETADATA Trash (/private/specialuse NIL /private/comment " + too_big +
                          ")\r\n"
                          "b SETMETADATA Archive (/private/comment \"x\" /private/specialuse \"\\\\Trash\")\r\n"
                          "c GETMETADATA Trash (/private/specialuse /private/comment)\r\n"
                          "d GETMETADATA Archive (/private/specialuse /private/comment)\r\n"
                          "e SETMETADATA Archive (/private/comment \"x\" /private/specialuse NIL)\r\n"
                          "f GETMETADATA Archive (/private/specialuse /private/comment)\r\n");
  for (const auto* line : {"a NO [METADATA MAXSIZE 65536]", "b NO [USEATTR] ",
                           "(/private/specialuse \"\\\\Trash\" /private/comment NIL)\r\nc OK",
                           "(/private/specialuse \"\\\\Archive\" /private/comment NIL)\r\nd OK", "e OK",
                           "(/private/specialuse NIL /private/comment \"x\")\r\nf OK"})
    EXPECT_THAT(said, HasSubstr(line));
}

TEST_F(Listing, TellsNothingMoreOfLevelsToldForWhatIsBelowThem) {  // RFC 5819 s2, RFC 8440 s3
  EXPECT_EQ(say_as("alice",
                   "a CREATE foo/bar\r\nb SUBSCRIBE foo/bar\r\nc LIST (SUBSCRIBED RECURSIVEMATCH) \"\" f% RETURN "
                   "(STATUS (MESSAGES) MYRIGHTS)\r\nd LIST (SUBSCRIBED RECURSIVEMATCH) \"\" T% RETURN (STATUS "
                   "(MESSAGES))\r\n"),
            "a OK [MAILBOXID (F1-8)] Mailbox created\r\nb OK Subscribed\r\n"
            "* LIST () \"/\" \"foo\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\nc OK Mailboxes listed\r\n"
            "* LIST (\\Subscribed) \"/\" \"Trash\"\r\n* STATUS \"Trash\" (MESSAGES 0)\r\nd OK Mailboxes listed\r\n");
}

class Sharing : public test::ImapDoorTest {
 protected:
  void share(std::string_view mailbox, std::string_view rights) {
    const auto said =
        say_as("alice", "s SETACL " + std::string(mailbox) + " bob@demo.test " + std::string(rights) + "\r\n");
    ASSERT_THAT(said, HasSubstr("s OK"));
  }
};

TEST_F(Sharing, IsSetAndToldByItsOwner) {  // RFC 4314
  EXPECT_EQ(say_as("alice",
                   "a SETACL Sent bob@demo.test lr\r\nb SETACL Sent bob@demo.test +w\r\n"
                   "c SETACL Sent bob@demo.test -r\r\nd SETACL Sent anyone l\r\ne GETACL Sent\r\n"
                   "f DELETEACL Sent anyone\r\ng GETACL Sent\r\nh MYRIGHTS Sent\r\n"
                   "i LISTRIGHTS Sent bob@demo.test\r\nj LISTRIGHTS Sent alice@demo.test\r\n"),
            "a OK Rights changed\r\nb OK Rights changed\r\nc OK Rights changed\r\nd OK Rights changed\r\n"
            "* ACL \"Sent\" alice@demo.test lrswipkxteacd anyone l bob@demo.test lw\r\ne OK Rights told\r\n"
            "f OK Rights changed\r\n"
            "* ACL \"Sent\" alice@demo.test lrswipkxteacd bob@demo.test lw\r\ng OK Rights told\r\n"
            "* MYRIGHTS \"Sent\" lrswipkxteacd\r\nh OK Rights told\r\n"
            "* LISTRIGHTS \"Sent\" bob@demo.test \"\" l r s w i p k x t e a c d\r\ni OK Possible rights told\r\n"
            "* LISTRIGHTS \"Sent\" alice@demo.test lrswipkxteacd\r\nj OK Possible rights told\r\n");
}

TEST_F(Sharing, RefusesWhatItDoesNotHave) {
  const auto said = say_as("alice",
                           "a SETACL Sent -bob@demo.test r\r\nb SETACL Sent nobody@demo.test r\r\n"
                           "c SETACL Sent bob@demo.test rq\r\nd SETACL Sent alice@demo.test lr\r\n"
                           "e SETACL none bob@demo.test r\r\n");
  for (const auto* line : {"a NO [CANNOT]", "b NO [CANNOT]", "c BAD", "d NO [CANNOT]", "e NO [NONEXISTENT]"})
    EXPECT_THAT(said, HasSubstr(line));
}

TEST_F(Sharing, KnowsWhatIsNoIdentifier) {  // RFC 4314 s3
  for (const std::string identifier : {"\"\"", "\"bob\x01@demo.test\"", "\"-\x7F\""}) {
    SCOPED_TRACE(identifier);
    const auto said = say_as("alice", "a SETACL Sent " + identifier + " r\r\nb DELETEACL Sent " + identifier +
                                          "\r\nc LISTRIGHTS Sent " + identifier + "\r\n");
    for (const auto* line : {"a BAD", "b BAD", "c BAD"}) EXPECT_THAT(said, HasSubstr(line));
  }
}

TEST_F(Sharing, DoesNotTellOfAnAddressThatWouldReadAsNegativeRights) {  // RFC 4314 s2
  const auto dashed = add_account("-dash@demo.test");
  const state::mailbox::RightsChange reading{.rights = state::mailbox::Rights::all()};
  for (const auto to : {dashed, bob})
    EXPECT_TRUE(run(mailboxes.change_rights(alice, state::mailbox::kInbox, to, reading)));
  EXPECT_THAT(say_as("alice", "a GETACL INBOX\r\n"),
              StartsWith("* ACL \"INBOX\" alice@demo.test lrswipkxteacd bob@demo.test lrswipkxteacd\r\n"));
}

TEST_F(Sharing, IsRefusedWhereNobodyWouldFindIt) {
  add_account("a/b@demo.test");
  const auto said = say_as("a/b", "a SETACL Sent bob@demo.test lr\r\nb SETACL Sent bob@demo.test -lr\r\n");
  EXPECT_THAT(said, HasSubstr("a NO [CANNOT] The owner's address has a / in it"));
  EXPECT_THAT(said, HasSubstr("b OK"));
}

TEST_F(Sharing, ShowsTheMailboxBelowItsOwnersName) {
  deliver(alice, "Subject: x\r\n\r\nx\r\n");
  share("INBOX", "lrs");
  EXPECT_EQ(say_as("bob",
                   "a LIST \"\" Shared*\r\nb MYRIGHTS Shared/alice@demo.test/INBOX\r\n"
                   "c STATUS Shared/ALICE@demo.test/inbox (MESSAGES MAILBOXID)\r\n"
                   "d GETQUOTAROOT Shared/alice@demo.test/INBOX\r\n"
                   "e SUBSCRIBE Shared/alice@demo.test/INBOX\r\nf LSUB \"\" Shared*\r\n"
                   "g STATUS Shared/alice@demo.test/Sent (MESSAGES)\r\n"),
            "* LIST (\\Noselect \\HasChildren) \"/\" \"Shared\"\r\n"
            "* LIST (\\Noselect \\HasChildren) \"/\" \"Shared/alice@demo.test\"\r\n"
            "* LIST (\\HasNoChildren) \"/\" \"Shared/alice@demo.test/INBOX\"\r\n"
            "a OK Mailboxes listed\r\n"
            "* MYRIGHTS \"Shared/alice@demo.test/INBOX\" lrs\r\nb OK Rights told\r\n"
            "* STATUS \"Shared/alice@demo.test/INBOX\" (MESSAGES 1 MAILBOXID (F1-1))\r\nc OK Status told\r\n"
            "* QUOTAROOT \"Shared/alice@demo.test/INBOX\"\r\nd OK No quota root of yours\r\n"
            "e OK Subscribed\r\n"
            "* LSUB () \"/\" \"Shared/alice@demo.test/INBOX\"\r\nf OK Subscriptions listed\r\n"
            "g NO [NONEXISTENT] There is no such mailbox\r\n");
  EXPECT_THAT(say_as("carol", "a LIST \"\" *\r\n"), Not(HasSubstr("Shared")));
}

TEST_F(Sharing, LetsReadWhatMayNotBeListedAndHidesTheRest) {  // RFC 4314 s4, s6
  deliver(alice, "Subject: x\r\n\r\nx\r\n");
  share("INBOX", "r");
  const auto said = say_as("bob",
                           "a LIST \"\" Shared*\r\nb MYRIGHTS Shared/alice@demo.test/INBOX\r\n"
                           "c STATUS Shared/alice@demo.test/INBOX (MESSAGES)\r\n"
                           "d SELECT Shared/alice@demo.test/INBOX\r\ne COPY 1 Archive\r\n"
                           "f GETACL Shared/alice@demo.test/INBOX\r\ng DELETE Shared/alice@demo.test/INBOX\r\n"
                           "h COPY 1 Shared/alice@demo.test/INBOX\r\n"
                           "i APPEND Shared/alice@demo.test/INBOX {3+}\r\nabc\r\n"
                           "j GETMETADATA Shared/alice@demo.test/INBOX /shared/comment\r\n");
  EXPECT_THAT(said, StartsWith("a OK"));
  for (const auto* line : {"* MYRIGHTS \"Shared/alice@demo.test/INBOX\" r\r\nb OK", "(MESSAGES 1)\r\nc OK",
                           "d OK [READ-ONLY]", "e OK [COPYUID", "f NO [NONEXISTENT]", "g NO [NONEXISTENT]",
                           "h NO [TRYCREATE]", "i NO [TRYCREATE]", "j NO [NONEXISTENT]"})
    EXPECT_THAT(said, HasSubstr(line));
}

TEST_F(Sharing, ReplacesTheFlagsThatTheRightsCover) {  // RFC 4314 s4
  deliver(alice, "Subject: x\r\n\r\nx\r\n");
  say_as("alice", "a SELECT INBOX\r\nb STORE 1 FLAGS (\\Deleted \\Flagged $old)\r\n");
  share("INBOX", "lrsw");
  auto said = say_as("bob",
                     "a SELECT Shared/alice@demo.test/INBOX\r\nb STORE 1 FLAGS (\\Seen $new)\r\n"
                     "c STORE 1 FLAGS (\\Deleted)\r\nd STORE 1 (UNCHANGEDSINCE 1) FLAGS (\\Answered)\r\n"
                     "e STORE 1 FLAGS ()\r\n");
  EXPECT_THAT(said, HasSubstr("FLAGS (\\Deleted \\Seen $new))\r\nb OK"));
  EXPECT_THAT(said, HasSubstr("c NO [NOPERM]"));
  EXPECT_THAT(said, HasSubstr("d OK [MODIFIED 1]"));
  EXPECT_THAT(said, HasSubstr("FLAGS (\\Deleted)"));
  EXPECT_THAT(said, HasSubstr("e OK Stored"));
  share("INBOX", "lrs");
  said = say_as("bob", "a SELECT Shared/alice@demo.test/INBOX\r\nb STORE 1 FLAGS (\\Seen \\Flagged)\r\n");
  EXPECT_THAT(said, HasSubstr("FLAGS (\\Deleted \\Seen))\r\nb OK Stored"));
}

TEST_F(Sharing, KeepsTheFlagsOfWhatCannotReplaceThem) {
  deliver(alice, "Subject: x\r\n\r\nx\r\n");
  std::string keywords;
  for (std::size_t i = 0; i < state::mailbox::kKeywords; ++i) keywords += " k" + std::to_string(i);
  say_as("alice", "a SELECT INBOX\r\nb STORE 1 FLAGS (\\Flagged" + keywords + ")\r\n");
  share("INBOX", "lrsw");
  const auto said = say_as("bob", "a SELECT Shared/alice@demo.test/INBOX\r\nb STORE 1 FLAGS (\\Seen fresh)\r\n");
  EXPECT_THAT(said, HasSubstr("b NO [LIMIT]"));
  EXPECT_THAT(say_as("alice", "a SELECT INBOX\r\nb FETCH 1 FLAGS\r\n"),
              HasSubstr("FETCH (FLAGS (\\Flagged" + keywords + "))"));
}

TEST_F(Sharing, CopiesTheFlagsThatTheRightsCover) {  // RFC 4314 s4
  for (const auto owner : {alice, bob}) deliver(owner, "Subject: x\r\n\r\nx\r\n");
  const std::string mark = "m SELECT INBOX\r\nn STORE 1 FLAGS (\\Seen \\Flagged \\Deleted $x)\r\n";
  say_as("alice", mark);
  share("INBOX", "lrte");
  share("Archive", "lis");
  share("Sent", "liw");
  share("Trash", "lit");
  const auto said = say_as("bob", mark +
                                      "a COPY 1 Shared/alice@demo.test/Archive\r\n"
                                      "b SELECT Shared/alice@demo.test/INBOX\r\n"
                                      "c COPY 1 Shared/alice@demo.test/Archive\r\n"
                                      "d COPY 1 Shared/alice@demo.test/Sent\r\n"
                                      "e MOVE 1 Shared/alice@demo.test/Trash\r\n");
  for (const auto* line : {"a OK Copied", "c OK Copied", "d OK Copied", "e OK Moved"})
    EXPECT_THAT(said, HasSubstr(line));
  const auto there =
      say_as("alice",
             "z ENABLE IMAP4rev2\r\na EXAMINE Archive\r\nb FETCH 1:* FLAGS\r\nc EXAMINE Sent\r\nd FETCH 1 FLAGS\r\n"
             "e EXAMINE Trash\r\nf FETCH 1 FLAGS\r\n");
  for (const auto* line : {"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (FLAGS (\\Seen))\r\nb OK",
                           "* 1 FETCH (FLAGS (\\Flagged $x))\r\nd OK", "* 1 FETCH (FLAGS (\\Deleted))\r\nf OK"})
    EXPECT_THAT(there, HasSubstr(line));
}

TEST_F(Sharing, TellsUidsToReadersAlone) {  // RFC 9051 s6.3.12, RFC 4315 s3
  for (int i = 0; i < 4; ++i) deliver(bob, "Subject: x\r\n\r\nx\r\n");
  const std::string commands =
      "a APPEND Shared/alice@demo.test/Archive {3+}\r\nx\r\n\r\nb SELECT INBOX\r\n"
      "c COPY 1 Shared/alice@demo.test/Archive\r\nd MOVE 1 Shared/alice@demo.test/Archive\r\n"
      "e REPLACE 1 Shared/alice@demo.test/Archive {3+}\r\nx\r\n\r\n";
  share("Archive", "li");
  const auto said = say_as("bob", commands);
  for (const auto* line :
       {"a OK Appended\r\n", "c OK Copied\r\n* 1 EXPUNGE\r\nd OK", "d OK Moved\r\n* 1 EXPUNGE\r\ne OK"})
    EXPECT_THAT(said, HasSubstr(line));
  EXPECT_THAT(said, Not(HasSubstr("UID ")));
  EXPECT_THAT(say_as("alice", "a STATUS Archive (MESSAGES)\r\n"), HasSubstr("(MESSAGES 4)"));
  share("Archive", "lri");
  const auto told = say_as("bob", commands);
  for (const auto* line : {"a OK [APPENDUID ", "c OK [COPYUID ", "* OK [COPYUID ", "* OK [APPENDUID "})
    EXPECT_THAT(told, HasSubstr(line));
}

TEST_F(Sharing, LetsDoWhatTheRightsSay) {
  share("Archive", "l");
  auto said = say_as("bob",
                     "a STATUS Shared/alice@demo.test/Archive (MESSAGES)\r\n"
                     "b SELECT Shared/alice@demo.test/Archive\r\nc GETACL Shared/alice@demo.test/Archive\r\n"
                     "d CREATE Shared/alice@demo.test/Archive/x\r\ne DELETE Shared/alice@demo.test/Archive\r\n"
                     "f RENAME Shared/alice@demo.test/Archive Shared/alice@demo.test/y\r\n"
                     "g SETACL Shared/alice@demo.test/Archive bob@demo.test lra\r\n"
                     "h GETMETADATA Shared/alice@demo.test/Archive /shared/comment\r\n"
                     "i RENAME Shared/alice@demo.test/Archive mine\r\n"
                     "j APPEND Shared/alice@demo.test/Archive {3+}\r\nx\r\n\r\n");
  for (const auto* line : {"a NO [NOPERM]", "b NO [NOPERM]", "c NO [NOPERM]", "d NO [NOPERM]", "e NO [NOPERM]",
                           "f NO [NOPERM]", "g NO [NOPERM]", "h NO [NOPERM]", "i NO [CANNOT]", "j NO [NOPERM]"})
    EXPECT_THAT(said, HasSubstr(line));
  share("Archive", "lrswikxtea");
  said = say_as("bob",
                "a STATUS Shared/alice@demo.test/Archive (MESSAGES)\r\n"
                "b SELECT Shared/alice@demo.test/Archive\r\nc GETACL Shared/alice@demo.test/Archive\r\n"
                "d CREATE Shared/alice@demo.test/Archive/x\r\n"
                "e SETACL Shared/alice@demo.test/Archive carol@demo.test lr\r\n"
                "f SETMETADATA Shared/alice@demo.test/Archive (/shared/comment \"s\" /private/comment \"p\")\r\n"
                "g APPEND Shared/alice@demo.test/Archive {3+}\r\nx\r\n\r\n"
                "h RENAME Shared/alice@demo.test/Archive/x Shared/alice@demo.test/Archive/y\r\n"
                "i DELETE Shared/alice@demo.test/Archive\r\n");
  for (const auto* line : {"a OK", "b OK", "c OK", "d OK", "e OK", "f OK", "g OK", "h OK", "i OK"})
    EXPECT_THAT("\r\n" + said, HasSubstr("\r\n" + std::string(line)));
}

TEST_F(Sharing, RenamesALevelOnlyWhereAllBelowItPermitsThat) {  // RFC 4314 s4
  ASSERT_THAT(say_as("alice", "a CREATE top\r\nb CREATE a/b\r\nc CREATE a/d\r\ne DELETE a\r\n"), HasSubstr("e OK"));
  const auto renaming = [this](std::string_view from) {
    return say_as("bob", "r RENAME Shared/alice@demo.test/" + std::string(from) + " Shared/alice@demo.test/top/x\r\n");
  };
  share("top", "lk");
  EXPECT_THAT(renaming("a"), StartsWith("r NO [NONEXISTENT]"));
  EXPECT_THAT(renaming(""), StartsWith("r NO [NONEXISTENT]"));
  share("a/b", "lx");
  EXPECT_THAT(renaming("a"), StartsWith("r NO [NOPERM]")) << "a/d, which he does not know, forbids it";
  share("a/d", "l");
  EXPECT_THAT(renaming("a"), StartsWith("r NO [NOPERM]"));
  share("a/d", "lx");
  EXPECT_THAT(renaming("a"), StartsWith("r OK"));
  EXPECT_THAT(say_as("alice", "a LIST \"\" (a* top*)\r\n"),
              StartsWith("* LIST () \"/\" \"top\"\r\n* LIST (\\NonExistent) \"/\" \"top/x\"\r\n"
                         "* LIST () \"/\" \"top/x/b\"\r\n* LIST () \"/\" \"top/x/d\"\r\na OK"));
  EXPECT_THAT(say_as("alice", "a CREATE q/b\r\n"), StartsWith("a OK"));
  share("q/b", "lx");
  EXPECT_THAT(renaming("q"), StartsWith("r NO [NOPERM]")) << "it is a mailbox, though not for him";
}

TEST_F(Sharing, MakesMailboxesWhereTheNearestAbovePermitsThat) {  // RFC 4314 s4
  ASSERT_THAT(say_as("alice", "a CREATE a/hidden/sub\r\nb CREATE a/mine\r\n"), HasSubstr("b OK"));
  share("a", "lk");
  share("a/mine", "lx");
  share("INBOX", "k");
  const auto said = say_as("bob",
                           "a CREATE Shared/alice@demo.test/a/hidden/x\r\n"
                           "b CREATE Shared/alice@demo.test/a/hidden/none/x/\r\n"
                           "c RENAME Shared/alice@demo.test/a/mine Shared/alice@demo.test/a/hidden/mine\r\n"
                           "d CREATE Shared/alice@demo.test/none/x\r\n"
                           "e CREATE Shared/alice@demo.test/a/none/x/\r\n"
                           "f RENAME Shared/alice@demo.test/a/mine Shared/alice@demo.test/a/moved\r\n"
                           "g CREATE Shared/alice@demo.test/inbox/x\r\n");
  for (const auto* line : {"a NO [NOPERM]", "b NO [NOPERM]", "c NO [NOPERM]", "d NO [NOPERM]", "e OK", "f OK", "g OK"})
    EXPECT_THAT("\r\n" + said, HasSubstr("\r\n" + std::string(line)));
  EXPECT_THAT(say_as("alice", "a LIST \"\" (a/* INBOX/*)\r\n"),
              StartsWith("* LIST () \"/\" \"INBOX/x\"\r\n* LIST () \"/\" \"a/hidden\"\r\n"
                         "* LIST () \"/\" \"a/hidden/sub\"\r\n* LIST () \"/\" \"a/moved\"\r\n"
                         "* LIST () \"/\" \"a/none\"\r\n* LIST () \"/\" \"a/none/x\"\r\na OK"));
}

TEST_F(Sharing, SubscribesToTheNameThatIsListed) {  // RFC 9051 s5.1
  share("INBOX", "lr");
  EXPECT_EQ(say_as("bob",
                   "a SUBSCRIBE Shared/Alice@demo.test/inbox\r\nb LIST (SUBSCRIBED) \"\" Shared*\r\n"
                   "c UNSUBSCRIBE Shared/ALICE@demo.test/Inbox/\r\nd LIST (SUBSCRIBED) \"\" Shared*\r\n"
                   "e SUBSCRIBE Shared/nobody@demo.test/inbox\r\nf LSUB \"\" Shared/%/%\r\n"),
            "a OK Subscribed\r\n* LIST (\\Subscribed) \"/\" \"Shared/alice@demo.test/INBOX\"\r\n"
            "b OK Mailboxes listed\r\nc OK Unsubscribed\r\nd OK Mailboxes listed\r\ne OK Subscribed\r\n"
            "* LSUB () \"/\" \"Shared/nobody@demo.test/inbox\"\r\nf OK Subscriptions listed\r\n");
}

TEST_F(Sharing, TellsNoMoreThanThatARootIsNotTheReaders) {  // RFC 9208 s4.1.2
  const std::string ask =
      "a GETQUOTAROOT Shared/alice@demo.test/none\r\nb GETQUOTAROOT Shared/alice@demo.test/INBOX\r\n"
      "c GETQUOTAROOT Shared/alice@demo.test/Sent\r\nd GETQUOTAROOT Shared/alice@demo.test\r\n"
      "e GETQUOTAROOT Shared/nobody@demo.test/none\r\n";
  const std::string_view no = " NO [NONEXISTENT] There is no such mailbox\r\n";
  std::string all_refused;
  for (const auto* tag : {"a", "b", "c", "d", "e"}) all_refused.append(tag).append(no);
  EXPECT_EQ(say_as("bob", ask), all_refused);
  share("Sent", "i");
  std::string told;
  for (const auto* tag_and_name : {"anone", "bINBOX", "cSent"})
    told.append("* QUOTAROOT \"Shared/alice@demo.test/")
        .append(tag_and_name + 1)
        .append("\"\r\n")
        .append(1, *tag_and_name)
        .append(" OK No quota root of yours\r\n");
  EXPECT_EQ(say_as("bob", ask), told.append("d").append(no).append("e").append(no)) << "nor which mailboxes there are";
  share("Sent", "l");
  EXPECT_THAT(say_as("bob", ask), HasSubstr("c NO [NOPERM]"));
}

TEST_F(Sharing, KeepsPrivateAnnotationsOfEachReaderApart) {
  share("Sent", "lrw");
  EXPECT_THAT(say_as("bob",
                     "a SETMETADATA Shared/alice@demo.test/Sent (/private/comment \"bobs\" /shared/comment "
                     "\"both\")\r\n"),
              HasSubstr("a OK"));
  EXPECT_THAT(say_as("alice", "a GETMETADATA Sent (/private/comment /shared/comment)\r\n"),
              StartsWith("* METADATA \"Sent\" (/private/comment NIL /shared/comment \"both\")\r\n"));
}

class Notifying : public test::ImapDoorTest {};

TEST_F(Notifying, RefusesWhatRfc5465Refuses) {
  const auto said = say_as("alice",
                           "a NOTIFY SET (personal (MessageNew))\r\n"
                           "b NOTIFY SET (personal (FlagChange))\r\n"
                           "c NOTIFY SET (selected (MessageNew MessageExpunge MailboxName))\r\n"
                           "d NOTIFY SET (selected NONE) (selected-delayed NONE)\r\n"
                           "e NOTIFY SET (personal (MessageNew MessageExpunge AnnotationChange))\r\n"
                           "g NOTIFY SET (personal (FooEvent))\r\n"
                           "f NOTIFY NONE\r\n");
  for (const auto* line :
       {"a BAD", "b BAD", "c BAD", "d BAD",
        "e NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange "
        "ServerMetadataChange)]",
        "g NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange "
        "ServerMetadataChange)]",
        "f OK"})
    EXPECT_THAT(said, HasSubstr(line));
}

TEST_F(Notifying, BeginsWithTheStatusOfWhatIsWatched) {
  deliver(alice, "Subject: x\r\n\r\nx\r\n");
  EXPECT_EQ(
      say_as("alice", "a NOTIFY SET STATUS (inboxes (MessageNew MessageExpunge))\r\n"),
      "* STATUS \"INBOX\" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1795318800 UNSEEN 1)\r\na OK Changes will be told\r\n");
}

}  // namespace
}  // namespace veredus::doors::imap
