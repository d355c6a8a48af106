#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "support/imap_world.h"

/// What must hold between sessions, whatever they do (RFC 9051 s2.3.1, s7.5; RFC 2180).
namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

constexpr std::string_view kMessage = "From: a@example.org\r\nSubject: one\r\n\r\nBody.\r\n";

class ImapRules : public testing::Test {
 protected:
  void fill(int messages) {
    for (int i = 0; i < messages; ++i) world.deliver(world.alice, std::string(kMessage));
  }
  static std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }

  ImapWorld world;
};

TEST_F(ImapRules, NumbersStayWhileOthersExpunge) {
  fill(5);
  ImapClient one(world, "alice@demo.test");
  ImapClient two(world, "alice@demo.test");
  one.command("SELECT INBOX");
  two.command("SELECT INBOX");
  two.command("STORE 2 +FLAGS.SILENT (\\Deleted)");
  EXPECT_TRUE(two.command("EXPUNGE").starts_with("* 2 EXPUNGE\r\nOK "));
  EXPECT_TRUE(two.command("FETCH 2 UID").starts_with("* 2 FETCH (UID 3)\r\n"));
  // A FETCH by number may not tell it.
  const auto fetched = one.command("FETCH 1:5 UID");
  EXPECT_FALSE(fetched.contains("EXPUNGE")) << fetched;
  EXPECT_TRUE(fetched.contains("* 3 FETCH (UID 3)\r\n")) << fetched;
  EXPECT_TRUE(one.command("NOOP").starts_with("* 2 EXPUNGE\r\nOK "));
  EXPECT_TRUE(one.command("FETCH 2 UID").starts_with("* 2 FETCH (UID 3)\r\n"));
}

TEST_F(ImapRules, NumbersStayInCommandsThatAreRefusedToo) {  // RFC 9051 s7.5.1
  fill(3);
  ImapClient one(world, "alice@demo.test");
  ImapClient two(world, "alice@demo.test");
  two.command("SELECT INBOX");
  two.command("STORE 1 +FLAGS.SILENT (\\Deleted)");
  one.command("EXAMINE INBOX");
  two.command("EXPUNGE");
  for (const std::string_view command :
       {"FETCH 9 UID", "STORE 1 +FLAGS (\\Seen)", "STORE 9 +FLAGS (\\Seen)", "SEARCH 9", "SORT (ARRIVAL) UTF-8 9",
        "THREAD REFERENCES UTF-8 9", "SEARCH CHARSET none TEXT x", "UID SEARCH 9", "UID SEARCH NOT (2:3)",
        "UID SEARCH OR UID 1 *", "UID SORT (ARRIVAL) UTF-8 2", "UID THREAD REFERENCES UTF-8 2"}) {
    SCOPED_TRACE(command);
    const auto refused = one.command(command);
    EXPECT_FALSE(refused.contains("EXPUNGE")) << refused;
  }
  EXPECT_TRUE(one.command("UID STORE 2 +FLAGS (\\Seen)").starts_with("* 1 EXPUNGE\r\nNO "));
}

TEST_F(ImapRules, ExpungedMessagesStayReadableWhileShown) {
  fill(3);
  ImapClient one(world, "alice@demo.test");
  ImapClient two(world, "alice@demo.test");
  one.command("SELECT INBOX");
  two.command("SELECT INBOX");
  two.command("STORE 1:3 +FLAGS.SILENT (\\Deleted)");
  two.command("EXPUNGE");
  const auto fetched = one.command("FETCH 1:3 BODY.PEEK[]");
  EXPECT_EQ(count(fetched, "Subject: one"), 3u) << fetched;
  EXPECT_TRUE(fetched.contains("OK ")) << fetched;
}

TEST_F(ImapRules, ExistsComesBeforeTheFirstFetchOfANewMessageAndNeverShrinks) {
  fill(1);
  ImapClient one(world, "alice@demo.test");
  one.command("SELECT INBOX");
  fill(1);
  EXPECT_TRUE(one.command("FETCH 2 FLAGS").starts_with("* 2 EXISTS\r\n* 2 RECENT\r\nBAD ")) << "not before it was told";
  const auto next = one.command("FETCH 1:2 UID");
  EXPECT_TRUE(next.starts_with("* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\n")) << next;
}

TEST_F(ImapRules, RepliesAscendWithTheUidFirst) {
  fill(4);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const auto fetched = client.command("UID FETCH 4,2:3,1 (FLAGS RFC822.SIZE UID)");
  EXPECT_TRUE(fetched.starts_with("* 1 FETCH (UID 1 FLAGS ")) << fetched;
  EXPECT_LT(fetched.find("* 2 FETCH"), fetched.find("* 3 FETCH"));
  EXPECT_LT(fetched.find("* 3 FETCH"), fetched.find("* 4 FETCH"));
}

TEST_F(ImapRules, AStarIsTheLastMessageHoweverHighTheOtherEnd) {
  fill(3);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  EXPECT_TRUE(client.command("UID FETCH 68:* UID").starts_with("* 3 FETCH (UID 3)\r\nOK "));
  EXPECT_TRUE(client.command("UID FETCH 9:7 UID").starts_with("OK "));
  EXPECT_TRUE(client.command("FETCH 3:2 UID").starts_with("* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 3)\r\nOK "));
  EXPECT_TRUE(client.command("FETCH 4 UID").starts_with("BAD "));
}

TEST_F(ImapRules, VanishedMessagesAreSkippedByCopyAndMove) {
  fill(3);
  ImapClient one(world, "alice@demo.test");
  ImapClient two(world, "alice@demo.test");
  one.command("SELECT INBOX");
  two.command("SELECT INBOX");
  two.command("UID STORE 2 +FLAGS.SILENT (\\Deleted)");
  two.command("EXPUNGE");
  EXPECT_TRUE(one.command("UID COPY 2 Archive").contains("OK "));
  const auto moved = one.command("UID MOVE 1:3 Archive");
  EXPECT_TRUE(moved.starts_with("* OK [COPYUID ")) << moved;
  EXPECT_TRUE(moved.contains(" 1,3 1:2] ")) << moved;
  EXPECT_EQ(count(moved, " EXPUNGE\r\n"), 2u) << moved;
  EXPECT_TRUE(one.command("UID MOVE 1:3 Archive").starts_with("OK "));
}

TEST_F(ImapRules, FlagsOfSeveralSessionsAreNeverLost) {
  fill(2);
  ImapClient one(world, "alice@demo.test");
  ImapClient two(world, "alice@demo.test");
  one.command("SELECT INBOX");
  two.command("SELECT INBOX");
  one.command("STORE 1 +FLAGS (\\Flagged)");
  const auto stored = two.command("STORE 1 +FLAGS (\\Answered $Work)");
  EXPECT_TRUE(stored.contains("\\Answered")) << stored;
  EXPECT_TRUE(stored.contains("\\Flagged")) << stored;
  const auto told = one.command("NOOP");
  EXPECT_TRUE(told.contains("* FLAGS (")) << "a new keyword: " << told;
  EXPECT_TRUE(told.contains("* 1 FETCH (FLAGS (\\Answered \\Flagged \\Recent $Work))\r\n")) << told;
  EXPECT_TRUE(one.command("NOOP").starts_with("OK ")) << "once";
  EXPECT_TRUE(two.command("NOOP").starts_with("OK ")) << "not what it did itself";
}

TEST_F(ImapRules, RecentIsGivenToOneSession) {
  fill(2);
  ImapClient one(world, "alice@demo.test");
  ImapClient two(world, "alice@demo.test");
  EXPECT_TRUE(one.command("EXAMINE INBOX").contains("* 2 RECENT\r\n")) << "looking does not take it";
  EXPECT_TRUE(one.command("SELECT INBOX").contains("* 2 RECENT\r\n"));
  EXPECT_TRUE(two.command("SELECT INBOX").contains("* 0 RECENT\r\n"));
  EXPECT_TRUE(one.command("FETCH 1 FLAGS").contains("\\Recent"));
  EXPECT_FALSE(two.command("FETCH 1 FLAGS").contains("\\Recent"));
  ImapClient rev2(world, "alice@demo.test");
  rev2.command("ENABLE IMAP4rev2");
  EXPECT_FALSE(rev2.command("SELECT INBOX").contains("RECENT"));
}

TEST_F(ImapRules, Rev1RepliesStayExactUntilRev2IsEnabled) {
  fill(1);
  ImapClient client(world, "alice@demo.test");
  const auto rev1 = client.command("SELECT INBOX");
  EXPECT_TRUE(rev1.contains("* OK [UNSEEN 1] ")) << rev1;
  EXPECT_TRUE(rev1.contains("* 1 RECENT\r\n")) << rev1;
  EXPECT_FALSE(rev1.contains("* LIST ")) << rev1;
  client.command("ENABLE IMAP4rev2");
  const auto rev2 = client.command("SELECT INBOX");
  EXPECT_TRUE(rev2.starts_with("* OK [CLOSED] ")) << rev2;
  EXPECT_TRUE(rev2.contains("* LIST () \"/\" \"INBOX\"\r\n")) << rev2;
  EXPECT_FALSE(rev2.contains("[UNSEEN")) << rev2;
}

TEST_F(ImapRules, TheFormerMailboxIsSaidToBeClosed) {  // RFC 7162 s3.2.11
  ImapClient client(world, "alice@demo.test");
  EXPECT_FALSE(client.command("SELECT INBOX").contains("CLOSED"));
  EXPECT_TRUE(client.command("SELECT Trash").starts_with("* OK [CLOSED] "));
  EXPECT_TRUE(client.command("EXAMINE nosuch").starts_with("* OK [CLOSED] "));
  EXPECT_FALSE(client.command("EXAMINE INBOX").contains("CLOSED"));
}

TEST_F(ImapRules, WhatRev2IsToldUnaskedHasTheUid) {  // RFC 9051 s7.5.2
  fill(3);
  ImapClient one(world, "alice@demo.test");
  ImapClient rev1(world, "alice@demo.test");
  ImapClient rev2(world, "alice@demo.test");
  rev2.command("ENABLE IMAP4rev2");
  for (auto* client : {&one, &rev1, &rev2}) client->command("SELECT INBOX");
  one.command("STORE 2 +FLAGS.SILENT (\\Flagged)");
  EXPECT_TRUE(rev1.command("NOOP").contains("* 2 FETCH (FLAGS (\\Flagged"));
  EXPECT_TRUE(rev2.command("NOOP").starts_with("* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\n"));
  // What NOTIFY has fetched of arrivals too; new keywords come before they are used, MODSEQ with CONDSTORE.
  rev1.command("ENABLE CONDSTORE");
  for (auto* client : {&rev1, &rev2})
    client->command("NOTIFY SET (selected-delayed (MessageNew (FLAGS) MessageExpunge FlagChange))");
  EXPECT_TRUE(one.command("APPEND INBOX (fresh) {5+}\r\nA: b\n").contains("OK [APPENDUID "));
  const auto second = rev2.command("NOOP");
  EXPECT_TRUE(second.contains("* 4 FETCH (UID 4 FLAGS (fresh))\r\n")) << second;
  EXPECT_LT(second.find("* FLAGS ("), second.find("* 4 FETCH (")) << second;
  const auto first = rev1.command("NOOP");
  EXPECT_TRUE(first.contains("* 4 FETCH (FLAGS (")) << first;
  EXPECT_TRUE(first.contains("fresh) MODSEQ (")) << first;
}

TEST_F(ImapRules, FlagsWaitUntilTheyAreAskedFor) {  // RFC 5465 s5.3
  fill(2);
  ImapClient one(world, "alice@demo.test");
  ImapClient watching(world, "alice@demo.test");
  for (auto* client : {&one, &watching}) client->command("SELECT INBOX");
  watching.command("NOTIFY SET (selected-delayed (MessageNew MessageExpunge))");
  one.command("STORE 2 +FLAGS.SILENT (\\Flagged)");
  EXPECT_FALSE(watching.command("NOOP").contains("FETCH"));
  const auto told = watching.command("NOTIFY NONE") + watching.command("NOOP");
  EXPECT_TRUE(told.contains("* 2 FETCH (FLAGS (\\Flagged")) << told;
}

TEST_F(ImapRules, NotifySetTellsFirstWhatHappenedBefore) {  // RFC 5465 s3.1
  fill(2);
  ImapClient one(world, "alice@demo.test");
  ImapClient watching(world, "alice@demo.test");
  for (auto* client : {&one, &watching}) client->command("SELECT INBOX");
  one.command("STORE 2 +FLAGS.SILENT (\\Flagged)");
  const auto told = watching.command("NOTIFY SET (selected (MessageNew MessageExpunge))");
  EXPECT_TRUE(told.contains("* 2 FETCH (FLAGS (\\Flagged")) << told;
  one.command("STORE 2 +FLAGS.SILENT (\\Answered)");
  EXPECT_FALSE(watching.command("NOTIFY SET (selected (MessageNew MessageExpunge))").contains("FETCH"));
}

TEST_F(ImapRules, NotifyTellsNoStatusOfRightsAndAnnotations) {  // RFC 5465 s5.3
  ImapClient one(world, "alice@demo.test");
  ImapClient watching(world, "alice@demo.test");
  EXPECT_TRUE(one.command("APPEND Sent {5+}\r\nA: b\n").contains("OK "));
  one.command("SELECT Sent");
  watching.command("NOTIFY SET (personal (MessageNew MessageExpunge FlagChange))");
  EXPECT_TRUE(one.command("SETMETADATA Sent (/shared/comment \"x\")").starts_with("OK "));
  EXPECT_TRUE(one.command("SETACL Sent bob@demo.test lr").starts_with("OK "));
  const auto quiet = watching.command("NOOP");
  EXPECT_FALSE(quiet.contains("STATUS")) << quiet;
  for (const auto* flag : {"\\Flagged", "\\Seen"}) {
    one.command("STORE 1 +FLAGS.SILENT (" + std::string(flag) + ")");
    const auto told = watching.command("NOOP");
    EXPECT_EQ(count(told, "* STATUS \"Sent\" ("), 1u) << told;
  }
}

TEST_F(ImapRules, NewNamesHaveNoControlCharactersAboveAscii) {  // RFC 9051 s5.1
  ImapClient client(world, "alice@demo.test");
  for (const auto* name : {"a\xC2\x85",
                           "a\xC2\x9F"
                           "b",
                           "a\xE2\x80\xA8", "\xE2\x80\xA9", "&AIU-"}) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(client.command("CREATE \"" + std::string(name) + "\"").starts_with("NO [CANNOT] "));
    EXPECT_TRUE(client.command("RENAME Trash \"" + std::string(name) + "\"").starts_with("NO [CANNOT] "));
    EXPECT_TRUE(client.command("SUBSCRIBE \"" + std::string(name) + "\"").starts_with("NO [CANNOT] "));
  }
  EXPECT_TRUE(client.command("CREATE \"\xC2\xA0\xE2\x80\xA6\"").starts_with("OK "));
}

TEST_F(ImapRules, MailThatComesTogetherIsAllRecent) {  // RFC 3501 s2.3.2
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const auto told = client.say(
      "p1 APPEND INBOX {5+}\r\nA: b\n\r\np2 APPEND INBOX {5+}\r\nA: b\n\r\np3 APPEND INBOX {5+}\r\nA: b\n\r\n");
  EXPECT_TRUE(told.contains("* 3 EXISTS\r\n* 3 RECENT\r\n")) << told;
  EXPECT_EQ(count(client.command("FETCH 1:3 FLAGS"), "\\Recent"), 3u);
  ImapClient other(world, "alice@demo.test");
  EXPECT_TRUE(other.command("SELECT INBOX").contains("* 0 RECENT\r\n"));
}

TEST_F(ImapRules, UidsAreNeverUsedAgain) {
  fill(3);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  client.command("STORE 1:* +FLAGS.SILENT (\\Deleted)");
  client.command("EXPUNGE");
  fill(1);
  EXPECT_TRUE(client.command("NOOP").contains("* 1 EXISTS\r\n"));
  EXPECT_TRUE(client.command("FETCH 1 UID").starts_with("* 1 FETCH (UID 4)\r\n"));
}

TEST_F(ImapRules, UidValidityGrowsWhenANameIsUsedAgain) {
  ImapClient client(world, "alice@demo.test");
  const auto validity = [&] {
    const auto reply = client.command("SELECT Travel");
    const auto at = reply.find("[UIDVALIDITY ");
    return std::stoul(reply.substr(at + 13));
  };
  client.command("CREATE Travel");
  const auto first = validity();
  client.command("UNSELECT");
  client.command("DELETE Travel");
  client.command("CREATE Travel");
  EXPECT_GT(validity(), first);
}

TEST_F(ImapRules, IdleSaysIdlingFirstAndTellsWhatHappens) {
  fill(2);
  ImapClient client(world, "alice@demo.test");
  ImapClient other(world, "alice@demo.test");
  client.command("SELECT INBOX");
  other.command("SELECT INBOX");
  fill(1);
  EXPECT_TRUE(client.say("i IDLE\r\n").starts_with("+ idling\r\n* 3 EXISTS\r\n"));
  fill(1);
  EXPECT_TRUE(client.receive().starts_with("* 4 EXISTS\r\n"));
  other.command("NOOP");
  other.command("STORE 1 +FLAGS.SILENT (\\Seen \\Deleted)");
  EXPECT_TRUE(client.receive().starts_with("* 1 FETCH (FLAGS ("));
  other.command("EXPUNGE");
  EXPECT_EQ(client.receive(), "* 1 EXPUNGE\r\n");
  EXPECT_TRUE(client.say("DONE\r\n").starts_with("i OK "));
  EXPECT_TRUE(client.command("NOOP").starts_with("OK "));
}

TEST_F(ImapRules, WhoSaysNothingIsLoggedOut) {  // RFC 9051 s5.4
  struct Case {
    std::chrono::seconds login, idle;
    const char* says;
  };
  const std::chrono::seconds none{-1};  // over when the deadlines are looked at next
  const std::chrono::seconds long_time{3600};
  const Case cases[] = {{long_time, none, "* BYE Idle for too long\r\n"},
                        {none, long_time, "* BYE Too long without a login\r\n"}};
  for (const auto& [login, idle, says] : cases) {
    SCOPED_TRACE(says);
    ImapWorld hasty;
    hasty.options.timeouts.login = login;
    hasty.options.timeouts.idle = idle;
    ImapClient client(hasty);
    if (login != none) EXPECT_TRUE(client.command("LOGIN alice@demo.test \"correct horse\"").starts_with("OK "));
    EXPECT_FALSE(client.closed());
    hasty.reactor.deadlines().look();
    EXPECT_EQ(client.receive(), says);
    EXPECT_TRUE(client.closed());
  }
}

TEST_F(ImapRules, WhoSaysSomethingNowAndThenMustLogInAllTheSame) {
  ImapWorld hasty;
  hasty.options.timeouts.login = std::chrono::milliseconds(100);
  struct Busy {
    std::string_view first, then;
    std::unique_ptr<ImapClient> client = {};
    std::string said = {};
  };
  Busy cases[] = {{"", "n NOOP\r\n"}, {"", "x"}, {"a AUTHENTICATE PLAIN\r\n", "x"}};
  for (auto& busy : cases) {
    busy.client = std::make_unique<ImapClient>(hasty);
    if (!busy.first.empty()) busy.client->say(busy.first);
  }
  const auto is_over = [](const Busy& busy) { return busy.client->closed(); };
  const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!std::ranges::all_of(cases, is_over) && std::chrono::steady_clock::now() < give_up_at) {
    for (auto& busy : cases)
      if (!is_over(busy)) busy.said = busy.client->say(busy.then);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    hasty.reactor.deadlines().look();
    for (auto& busy : cases) busy.said += busy.client->receive();
  }
  for (const auto& busy : cases) {
    SCOPED_TRACE(busy.then);
    EXPECT_TRUE(busy.said.ends_with("* BYE Too long without a login\r\n")) << busy.said;
  }
}

TEST_F(ImapRules, IdleIsTakenWithNoMailboxSelected) {
  ImapClient client(world, "alice@demo.test");
  EXPECT_EQ(client.say("i IDLE\r\n"), "+ idling\r\n");
  fill(1);
  EXPECT_EQ(client.receive(), "");
  EXPECT_TRUE(client.say("DONE\r\n").starts_with("i OK "));
}

TEST_F(ImapRules, ALineThatComesTogetherWithAChangeIsNotLost) {
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  client.say("i IDLE\r\n");
  client.peer().say("DONE\r\nn NOOP\r\n");
  fill(1);
  const auto told = client.receive();
  EXPECT_TRUE(told.contains("i OK ")) << told;
  EXPECT_TRUE(told.contains("n OK ")) << told;
  EXPECT_TRUE(told.contains("* 1 EXISTS")) << told;
}

TEST_F(ImapRules, CondstoreTellsModseqsAndRefusesWhatChangedMeanwhile) {
  fill(3);
  ImapClient client(world, "alice@demo.test");
  const auto selected = client.command("SELECT INBOX (CONDSTORE)");
  EXPECT_TRUE(selected.contains("* OK [HIGHESTMODSEQ ")) << selected;
  const auto stored = client.command("STORE 2 +FLAGS (\\Seen)");
  const auto at = stored.find("MODSEQ (");
  ASSERT_NE(at, std::string::npos) << stored;
  const auto modseq = std::stoul(stored.substr(at + 8));
  const auto changed = client.command("FETCH 1:* (FLAGS) (CHANGEDSINCE " + std::to_string(modseq - 1) + ")");
  EXPECT_TRUE(changed.starts_with("* 2 FETCH (")) << changed;
  EXPECT_EQ(count(changed, " FETCH "), 1u) << changed;
  const auto refused =
      client.command("STORE 1:3 (UNCHANGEDSINCE " + std::to_string(modseq - 1) + ") +FLAGS (\\Flagged)");
  EXPECT_TRUE(refused.contains("OK [MODIFIED 2] ")) << refused;
  EXPECT_EQ(count(refused, " FETCH "), 2u) << refused;
  EXPECT_TRUE(client.command("STORE 2 +FLAGS (\\Seen)").contains("MODSEQ (" + std::to_string(modseq) + ")"))
      << "what changes nothing leaves the MODSEQ alone";
}

TEST_F(ImapRules, QresyncTellsWhatVanishedAndWhatChanged) {
  fill(6);
  ImapClient client(world, "alice@demo.test");
  client.command("ENABLE QRESYNC");
  const auto first = client.command("SELECT INBOX");
  const auto number = [&](std::string_view name) {
    const auto at = first.find(name);
    return first.substr(at + name.size(), first.find(']', at) - at - name.size());
  };
  const auto validity = number("[UIDVALIDITY ");
  const auto modseq = number("[HIGHESTMODSEQ ");
  {
    ImapClient other(world, "alice@demo.test");
    other.command("SELECT INBOX");
    other.command("UID STORE 2,5 +FLAGS.SILENT (\\Deleted)");
    other.command("EXPUNGE");
    other.command("UID STORE 3 +FLAGS.SILENT (\\Flagged)");
  }
  EXPECT_TRUE(client.command("NOOP").starts_with("* VANISHED 2,5\r\n* 2 FETCH (UID 3 FLAGS ("));
  client.command("UNSELECT");
  const auto again = client.command("SELECT INBOX (QRESYNC (" + validity + " " + modseq + "))");
  EXPECT_TRUE(again.contains("* VANISHED (EARLIER) 2,5\r\n")) << again;
  EXPECT_TRUE(again.contains("* 2 FETCH (UID 3 FLAGS (")) << again;
  const auto known = client.command("SELECT INBOX (QRESYNC (" + validity + " " + modseq + " 1:3 (1,3 1,3)))");
  EXPECT_TRUE(known.contains("* VANISHED (EARLIER) 2\r\n")) << known;
  const auto vanished = client.command("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + modseq + " VANISHED)");
  EXPECT_TRUE(vanished.starts_with("* VANISHED (EARLIER) 2,5\r\n")) << vanished;
  ImapClient without(world, "alice@demo.test");
  EXPECT_TRUE(without.command("SELECT INBOX (QRESYNC (" + validity + " 1))").starts_with("BAD "));
}

TEST_F(ImapRules, BelowTheEndOfTheLogVanishedIsWorkedOutFromAbsence) {
  fill(4);
  ImapClient client(world, "alice@demo.test");
  client.command("ENABLE QRESYNC");
  client.command("SELECT INBOX");
  client.command("UID STORE 2 +FLAGS.SILENT (\\Deleted)");
  client.command("EXPUNGE");
  world.clock.advance(std::chrono::hours(24 * 40));
  EXPECT_TRUE(world.run(world.mailboxes.sweep(world.alice)));
  const auto reply = client.command("UID FETCH 1:10 (FLAGS) (CHANGEDSINCE 1 VANISHED)");
  EXPECT_TRUE(reply.starts_with("* VANISHED (EARLIER) 2,5:10\r\n")) << reply;
}

TEST_F(ImapRules, WhatVanishedAtTheEndIsToldOfAStar) {  // RFC 7162 s3.2.6
  fill(10);
  ImapClient client(world, "alice@demo.test");
  client.command("ENABLE QRESYNC");
  const auto selected = client.command("SELECT INBOX");
  const std::string_view code = "[HIGHESTMODSEQ ";
  const auto modseq = std::to_string(std::stoul(selected.substr(selected.find(code) + code.size())));
  const auto vanished = [&](std::string_view since) {
    const auto all = client.command("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + std::string(since) + " VANISHED)");
    return all.substr(0, all.find("\r\n"));
  };
  client.command("UID STORE 3,8:10 +FLAGS.SILENT (\\Deleted)");
  client.command("EXPUNGE");
  EXPECT_EQ(vanished(modseq), "* VANISHED (EARLIER) 3,8:10");
  world.clock.advance(std::chrono::hours(24 * 40));
  EXPECT_TRUE(world.run(world.mailboxes.sweep(world.alice)));
  fill(2);
  EXPECT_EQ(vanished("1"), "* VANISHED (EARLIER) 3,8:10") << "what arrived meanwhile is there";
  client.command("UID STORE 1:* +FLAGS.SILENT (\\Deleted)");
  client.command("EXPUNGE");
  EXPECT_EQ(vanished("1"), "* VANISHED (EARLIER) 1:12");
}

TEST_F(ImapRules, UidOnlyTellsEachMessageByItsOwnUid) {  // RFC 9586 s3.3
  fill(12);
  ImapClient client(world, "alice@demo.test");
  client.command("ENABLE UIDONLY");
  client.command("SELECT INBOX");
  client.command("UID STORE 3 +FLAGS.SILENT (\\Deleted)");
  client.command("EXPUNGE");
  std::string all;
  for (const int uid : {1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12}) {
    const auto text = std::to_string(uid);
    all += "* " + text + " UIDFETCH (UID " + text + ")\r\n";
  }
  EXPECT_TRUE(client.command("UID FETCH 1:* (UID)").starts_with(all + "OK "));
}

TEST_F(ImapRules, UidOnlyHasNoNumbers) {
  fill(2);
  ImapClient client(world, "alice@demo.test");
  client.command("ENABLE UIDONLY");
  client.command("SELECT INBOX");
  EXPECT_TRUE(client.command("FETCH 1 FLAGS").starts_with("BAD [UIDREQUIRED] "));
  EXPECT_TRUE(client.command("UID SEARCH NOT 1").starts_with("BAD [UIDREQUIRED] "));
  client.command("UID SEARCH RETURN (SAVE) UID 2");
  EXPECT_TRUE(client.command("UID SEARCH OR $ UID 1").starts_with("* SEARCH 1 2\r\n")) << "$ is no number";
  const auto size = std::to_string(kMessage.size());
  EXPECT_TRUE(client.command("UID FETCH 2 (RFC822.SIZE)").starts_with("* 2 UIDFETCH (RFC822.SIZE " + size + ")\r\n"));
  EXPECT_TRUE(client.command("UID FETCH 2 (UID)").starts_with("* 2 UIDFETCH (UID 2)\r\n")) << "never an empty list";
  client.command("UID STORE 1 +FLAGS.SILENT (\\Deleted)");
  EXPECT_TRUE(client.command("EXPUNGE").starts_with("* VANISHED 1\r\n"));
}

TEST_F(ImapRules, ASlowReaderIsBounded) {
  for (int i = 0; i < 40; ++i)
    world.deliver(world.alice, "Subject: large\r\n\r\n" + std::string(100'000, 'x') + "\r\n");
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  client.peer().takes = false;
  client.say("f FETCH 1:40 BODY.PEEK[]\r\n");
  client.peer().takes = true;
  client.peer().timer.cancel();
  EXPECT_TRUE(client.finish("f").contains("OK "));
}

TEST_F(ImapRules, AMailboxDeletedUnderASessionEndsItWithAReason) {
  ImapClient one(world, "alice@demo.test");
  ImapClient two(world, "alice@demo.test");
  two.command("CREATE Travel");
  one.command("SELECT Travel");
  two.command("DELETE Travel");
  EXPECT_TRUE(one.command("NOOP").contains("* BYE "));
  EXPECT_TRUE(one.closed());
}

TEST_F(ImapRules, NobodyIsToldToCreateWhereMessagesWere) {  // RFC 9051 s6.4.7
  for (const std::string_view command : {"COPY 1 Archive", "UID MOVE 1 Archive"}) {
    SCOPED_TRACE(command);
    ImapClient one(world, "alice@demo.test");
    ImapClient two(world, "alice@demo.test");
    two.command("CREATE Travel");
    two.command("APPEND Travel {5+}\r\nA: b\n");
    one.command("SELECT Travel");
    two.command("DELETE Travel");
    const auto said = one.command(command);
    EXPECT_TRUE(said.contains("NO [NONEXISTENT] ")) << said;
    EXPECT_TRUE(said.contains("* BYE ")) << said;
  }
}

TEST_F(ImapRules, RightsThatAreTakenBackCountAtOnce) {  // RFC 4314 s4
  fill(1);
  ImapClient owner(world, "alice@demo.test");
  ImapClient guest(world, "bob@demo.test");
  owner.command("SETACL INBOX bob@demo.test lrswte");
  guest.command("SELECT Shared/alice@demo.test/INBOX");
  EXPECT_TRUE(guest.command("STORE 1 +FLAGS (\\Flagged \\Deleted)").contains("OK "));
  owner.command("SETACL INBOX bob@demo.test lrs");
  const auto refused = guest.command("STORE 1 -FLAGS (\\Flagged)");
  EXPECT_TRUE(refused.starts_with("* OK [PERMANENTFLAGS (\\Seen)] ")) << refused;
  EXPECT_TRUE(refused.contains("NO [NOPERM]")) << refused;
  EXPECT_TRUE(guest.command("EXPUNGE").starts_with("NO [NOPERM]"));
  EXPECT_TRUE(guest.command("CLOSE").starts_with("OK "));
  EXPECT_TRUE(owner.command("STATUS INBOX (MESSAGES DELETED)").contains("(MESSAGES 1 DELETED 1)"));
  guest.command("SELECT Shared/alice@demo.test/INBOX");
  owner.command("SETACL INBOX bob@demo.test l");
  const auto closed = guest.command("FETCH 1 BODY[]");
  EXPECT_FALSE(closed.contains("Subject")) << closed;
  EXPECT_TRUE(closed.contains("* BYE The selected mailbox is no longer there for you\r\n")) << closed;
}

TEST_F(ImapRules, RightsThatAreTakenBackWhileAMessageComesCount) {  // RFC 4314 s4
  ImapClient owner(world, "alice@demo.test");
  ImapClient guest(world, "bob@demo.test");
  const auto send = [&](std::string_view rights) {
    owner.command("SETACL Drafts bob@demo.test lriw");
    EXPECT_TRUE(guest.say("a APPEND Shared/alice@demo.test/Drafts (\\Seen \\Flagged) {6}\r\n").starts_with("+ "));
    guest.say("A: b\r\n (\\Flagged) {6}\r\n");
    owner.command("SETACL Drafts bob@demo.test " + std::string(rights));
    guest.peer().say("C: d\r\n\r\n");
    return guest.finish("a");
  };
  EXPECT_TRUE(send("lr").starts_with("NO [NOPERM]"));
  EXPECT_TRUE(send("r").starts_with("NO [TRYCREATE]")) << "as if it were not there";
  EXPECT_TRUE(send("\"\"").starts_with("NO [TRYCREATE]"));
  EXPECT_TRUE(owner.command("STATUS Drafts (MESSAGES)").contains("(MESSAGES 0)"));
  EXPECT_TRUE(send("lris").starts_with("OK [APPENDUID "));
  owner.command("SELECT Drafts");
  const auto flags = owner.command("FETCH 1:* FLAGS");
  EXPECT_TRUE(flags.contains("* 1 FETCH (FLAGS (\\Seen \\Recent))")) << flags;
  EXPECT_TRUE(flags.contains("* 2 FETCH (FLAGS (\\Recent))")) << flags;
}

TEST_F(ImapRules, RightsThatAreTakenBackCountForUrlsToo) {  // RFC 4314 s4, RFC 4469 s3
  fill(1);
  ImapClient owner(world, "alice@demo.test");
  for (const std::string_view command :
       {"APPEND Archive CATENATE (URL \"/;UID=1\")", "REPLACE 1 Archive CATENATE (URL \"/;UID=1\")"}) {
    SCOPED_TRACE(command);
    ImapClient guest(world, "bob@demo.test");
    owner.command("SETACL INBOX bob@demo.test lrswte");
    guest.command("SELECT Shared/alice@demo.test/INBOX");
    const auto taken = guest.command("APPEND Drafts CATENATE (URL \"/;UID=1\")");
    EXPECT_TRUE(taken.starts_with("OK [APPENDUID ")) << taken;
    owner.command("SETACL INBOX bob@demo.test l");
    const auto refused = guest.command(command);
    EXPECT_TRUE(refused.contains("NO [")) << refused;
    EXPECT_FALSE(refused.contains("APPENDUID")) << refused;
  }
  ImapClient guest(world, "bob@demo.test");
  EXPECT_TRUE(guest.command("STATUS Archive (MESSAGES)").contains("(MESSAGES 0)"));
}

TEST_F(ImapRules, WhatWasDoneIsAnsweredBeforeTheMailboxIsGone) {
  fill(1);
  ImapClient owner(world, "alice@demo.test");
  ImapClient guest(world, "bob@demo.test");
  owner.command("SETACL INBOX bob@demo.test lr");
  guest.command("SELECT Shared/alice@demo.test/INBOX");
  owner.command("SETACL INBOX bob@demo.test l");
  const auto said =
      guest.say("a APPEND Drafts {14+}\r\nSubject: x\r\n\r\n\r\nb APPEND Drafts {14+}\r\nSubject: x\r\n\r\n\r\n");
  EXPECT_TRUE(said.starts_with("a OK [APPENDUID ")) << said;
  EXPECT_TRUE(said.contains("\r\nb OK [APPENDUID ")) << said;
  EXPECT_TRUE(said.ends_with("\r\n* BYE The selected mailbox is no longer there for you\r\n")) << said;
  EXPECT_TRUE(guest.closed());
}

TEST_F(ImapRules, AMailboxThatMayNoLongerBeReadCanBeLeft) {
  fill(1);
  ImapClient owner(world, "alice@demo.test");
  ImapClient guest(world, "bob@demo.test");
  for (const std::string_view command : {"CLOSE", "UNSELECT"}) {
    SCOPED_TRACE(command);
    owner.command("SETACL INBOX bob@demo.test lrte");
    guest.command("SELECT Shared/alice@demo.test/INBOX");
    guest.command("STORE 1 +FLAGS.SILENT (\\Deleted)");
    owner.command("SETACL INBOX bob@demo.test l");
    const auto left = guest.command(command);
    EXPECT_TRUE(left.contains("OK ")) << left;
    EXPECT_FALSE(left.contains("BYE")) << left;
    EXPECT_FALSE(guest.closed());
  }
  EXPECT_TRUE(owner.command("STATUS INBOX (MESSAGES)").contains("(MESSAGES 1)"));
}

TEST_F(ImapRules, WhatEndedASessionIsSaidOnce) {
  const auto lines = std::make_shared<std::string>();
  {
    class Kept final : public base::observe::LogSink {
     public:
      explicit Kept(std::shared_ptr<std::string> lines) : lines_(std::move(lines)) {}
      void write(std::string_view lines) override { lines_->append(lines); }

     private:
      std::shared_ptr<std::string> lines_;
    };
    ImapWorld logged({.commits_inline = true}, std::make_unique<Kept>(lines));
    ImapClient client(logged, "alice@demo.test");
    client.command("CREATE Travel");
    client.command("SELECT Travel");
    ASSERT_TRUE(logged.run(logged.mailboxes.remove_mailbox(logged.alice, "Travel")));
    // Its answer is owed while the next line is waited for.
    const auto said = client.say("a APPEND INBOX {14+}\r\nSubject: x\r\n\r\n\r\n");
    EXPECT_EQ(said.find("* BYE "), said.rfind("* BYE ")) << said;
    EXPECT_TRUE(said.contains("* BYE The selected mailbox was deleted\r\n")) << said;
    EXPECT_TRUE(client.closed());
  }
  EXPECT_TRUE(lines->contains("The selected mailbox was deleted")) << *lines;
}

TEST_F(ImapRules, TheSessionThatDeletesItsMailboxGoesOn) {
  ImapClient client(world, "alice@demo.test");
  client.command("CREATE Travel");
  client.command("SELECT Travel");
  EXPECT_TRUE(client.command("DELETE Travel").contains("OK "));
  EXPECT_TRUE(client.command("SELECT INBOX").contains("OK "));
}

TEST_F(ImapRules, CommandsThatCameTogetherLeaveTurnsToOthers) {
  ImapClient client(world, "alice@demo.test");
  const auto turns = [&](int commands) {
    std::string all;
    for (int i = 0; i < commands; ++i) all += "n NOOP\r\n";
    client.peer().say(all);
    int taken = 0;
    for (world.reactor.context().restart(); world.reactor.context().poll_one() != 0;) ++taken;
    EXPECT_EQ(count(client.receive(), "n OK "), commands);
    return taken;
  };
  const auto few = turns(1);
  EXPECT_GE(turns(50'000), few + 3);
}

}  // namespace
}  // namespace veredus::doors::imap
