#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>

#include "support/imap_world.h"

/// SEARCH, SORT and THREAD as a client meets them.
namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

std::string mail(std::string_view subject, std::string_view body, std::string_view more = {}) {
  return "From: Carol Example <carol@example.org>\r\nTo: alice@demo.test\r\nSubject: " + std::string(subject) + "\r\n" +
         std::string(more) + "\r\n" + std::string(body) + "\r\n";
}

class ImapSearch : public testing::Test {
 protected:
  void deliver(std::string_view subject, std::string_view body, std::string_view more = {}) {
    world.deliver(world.alice, mail(subject, body, more));
  }
  ImapClient& select() {
    client = std::make_unique<ImapClient>(world, "alice@demo.test");
    client->command("SELECT INBOX");
    return *client;
  }
  /// What stands before the tagged reply.
  static std::string untagged(const std::string& reply) {
    const auto end = reply.find("OK ");
    return end == std::string::npos ? reply : reply.substr(0, end);
  }
  std::string ask(std::string_view command) { return untagged(client->command(command)); }

  ImapWorld world;
  std::unique_ptr<ImapClient> client;
};

TEST_F(ImapSearch, AnswersEveryKeyOfRev1) {  // RFC 3501 s6.4.4
  deliver("alpha", "the first body", "Cc: dave@example.org\r\nX-Test: yes\r\n");
  deliver("beta", "the second body", "Date: Sun, 01 Nov 2026 12:00:00 +0000\r\n");
  deliver("gamma", std::string(3000, 'x'));
  auto& c = select();
  c.command("STORE 1 +FLAGS.SILENT (\\Seen \\Flagged $Work)");
  c.command("STORE 2 +FLAGS.SILENT (\\Deleted \\Answered \\Draft)");
  struct Case {
    std::string_view keys;
    std::string_view want;
  };
  const Case cases[] = {
      {"ALL", " 1 2 3"},
      {"SEEN", " 1"},
      {"UNSEEN", " 2 3"},
      {"FLAGGED", " 1"},
      {"UNFLAGGED", " 2 3"},
      {"DELETED", " 2"},
      {"UNDELETED", " 1 3"},
      {"ANSWERED", " 2"},
      {"UNANSWERED", " 1 3"},
      {"DRAFT", " 2"},
      {"UNDRAFT", " 1 3"},
      {"KEYWORD $work", " 1"},
      {"UNKEYWORD $Work", " 2 3"},
      {"KEYWORD nobody", ""},
      {"RECENT", " 1 2 3"},
      {"NEW", " 2 3"},
      {"OLD", ""},
      {"SUBJECT BETA", " 2"},
      {"FROM carol", " 1 2 3"},
      {"FROM \"Carol Ex\"", " 1 2 3"},
      {"TO nobody", ""},
      {"CC dave@", " 1"},
      {"BCC x", ""},
      {"HEADER X-Test \"\"", " 1"},
      {"HEADER x-test YES", " 1"},
      {"BODY second", " 2"},
      {"BODY beta", ""},
      {"TEXT beta", " 2"},
      {"LARGER 3000", " 3"},
      {"SMALLER 3000", " 1 2"},
      {"ON 22-Nov-2026", " 1 2 3"},
      {"BEFORE 22-Nov-2026", ""},
      {"SINCE 22-Nov-2026", " 1 2 3"},
      {"SENTON 1-Nov-2026", " 2"},
      {"SENTBEFORE 2-Nov-2026", " 2"},
      {"SENTSINCE 2-Nov-2026", ""},
      {"NOT SUBJECT beta", " 1 3"},
      {"OR SUBJECT alpha SUBJECT gamma", " 1 3"},
      {"(SEEN FLAGGED) SUBJECT alpha", " 1"},
      {"2:*", " 2 3"},
      {"UID 1,3", " 1 3"},
      {"1:2 UNSEEN", " 2"},
      {"CHARSET UTF-8 SUBJECT alpha", " 1"},
      {"OLDER 10", ""},
      {"YOUNGER 10", " 1 2 3"},
      {"SAVEDON 22-Nov-2026", " 1 2 3"},
      {"SAVEDATESUPPORTED", " 1 2 3"},
      {"EMAILID M1-nonsense", ""},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.keys);
    EXPECT_EQ(ask("SEARCH " + std::string(one.keys)), "* SEARCH" + std::string(one.want) + "\r\n");
  }
  EXPECT_TRUE(c.command("SEARCH 9").starts_with("BAD "));
}

TEST_F(ImapSearch, AnswersAtOnceWhatTheRowsTell) {
  deliver("one", "text");
  EXPECT_EQ(select().say("a SEARCH UNSEEN\r\n"), "* SEARCH 1\r\na OK Search done\r\n");
}

TEST_F(ImapSearch, FindsDecodedTextInAnyCharsetAndCase) {
  deliver("=?iso-8859-1?q?Gr=FC=DFe?=", "Gr=C3=BC=C3=9Fe aus M=C3=BCnchen",
          "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n");
  auto& c = select();
  EXPECT_EQ(ask("SEARCH CHARSET ISO-8859-1 SUBJECT {5+}\r\ngr\xFC\xDF"
                "e"),
            "* SEARCH 1\r\n");
  EXPECT_EQ(ask("SEARCH CHARSET UTF-8 BODY {8+}\r\nM\xC3\x9CNCHEN"), "* SEARCH 1\r\n");
  EXPECT_TRUE(c.command("SEARCH CHARSET X-NO-SUCH SUBJECT x").starts_with("NO [BADCHARSET"));
}

TEST_F(ImapSearch, AnswersInNumbersThatStayWhileOthersExpunge) {  // RFC 9051 s7.5.1
  for (int i = 0; i < 4; ++i) deliver("same", "body");
  auto& c = select();
  ImapClient other(world, "alice@demo.test");
  other.command("SELECT INBOX");
  other.command("STORE 2 +FLAGS.SILENT (\\Deleted)");
  other.command("EXPUNGE");
  const auto reply = c.command("SEARCH SUBJECT same");
  EXPECT_TRUE(reply.starts_with("* SEARCH 1 3 4\r\n")) << reply;
  EXPECT_FALSE(reply.contains("EXPUNGE"));
  const auto by_uid = c.command("UID SEARCH SUBJECT same");
  EXPECT_TRUE(by_uid.starts_with("* SEARCH 1 3 4\r\n")) << by_uid;
  EXPECT_TRUE(by_uid.contains("* 2 EXPUNGE")) << "UID SEARCH may tell it";
}

TEST_F(ImapSearch, ReturnsWhatIsAskedFor) {  // RFC 4731, RFC 9051 s6.4.4, RFC 9394
  for (int i = 0; i < 9; ++i) deliver(i % 2 == 0 ? "even" : "odd", "body");
  select();
  EXPECT_EQ(ask("SEARCH RETURN () SUBJECT even"), "* ESEARCH (TAG \"t3\") ALL 1,3,5,7,9\r\n");
  EXPECT_EQ(ask("SEARCH RETURN (MIN MAX COUNT ALL) SUBJECT odd"),
            "* ESEARCH (TAG \"t4\") MIN 2 MAX 8 COUNT 4 ALL 2,4,6,8\r\n");
  EXPECT_EQ(ask("UID SEARCH RETURN (COUNT) ALL"), "* ESEARCH (TAG \"t5\") UID COUNT 9\r\n");
  EXPECT_EQ(ask("SEARCH RETURN (MIN COUNT) SUBJECT none"), "* ESEARCH (TAG \"t6\") COUNT 0\r\n");
  EXPECT_EQ(ask("UID SEARCH RETURN (PARTIAL 1:2) SUBJECT even"), "* ESEARCH (TAG \"t7\") UID PARTIAL (1:2 1,3)\r\n");
  EXPECT_EQ(ask("UID SEARCH RETURN (PARTIAL -1:-2) SUBJECT even"),
            "* ESEARCH (TAG \"t8\") UID PARTIAL (-1:-2 7,9)\r\n");
  EXPECT_EQ(ask("UID SEARCH RETURN (PARTIAL 50:60) ALL"), "* ESEARCH (TAG \"t9\") UID PARTIAL (50:60 NIL)\r\n");
  EXPECT_EQ(ask("UID SEARCH RETURN (PARTIAL -3:-1) ALL"), "* ESEARCH (TAG \"t10\") UID PARTIAL (-3:-1 7:9)\r\n");
  EXPECT_EQ(ask("SEARCH RETURN (PARTIAL 3:2) ALL"), "* ESEARCH (TAG \"t11\") PARTIAL (3:2 2:3)\r\n");
}

TEST_F(ImapSearch, SavesItsResultUnderADollarSign) {  // RFC 5182
  for (int i = 0; i < 5; ++i) deliver(i % 2 == 0 ? "even" : "odd", "body");
  auto& c = select();
  EXPECT_EQ(ask("SEARCH RETURN (SAVE) SUBJECT even"), "") << "SAVE alone tells nothing";
  EXPECT_EQ(ask("SEARCH $"), "* SEARCH 1 3 5\r\n");
  EXPECT_EQ(ask("SEARCH NOT $"), "* SEARCH 2 4\r\n");
  EXPECT_EQ(ask("UID SEARCH UID $ 1:4"), "* SEARCH 1 3\r\n");
  EXPECT_TRUE(c.command("FETCH $ UID").starts_with("* 1 FETCH (UID 1)\r\n* 3 FETCH (UID 3)"));
  ask("SEARCH RETURN (SAVE MIN) SUBJECT even");
  EXPECT_EQ(ask("SEARCH $"), "* SEARCH 1\r\n");
  ask("SEARCH RETURN (SAVE MIN MAX) SUBJECT even");
  EXPECT_EQ(ask("SEARCH $"), "* SEARCH 1 5\r\n");
  ask("SEARCH RETURN (SAVE MIN COUNT) SUBJECT even");
  EXPECT_EQ(ask("SEARCH $"), "* SEARCH 1 3 5\r\n");
  c.command("SEARCH RETURN (SAVE) 77");  // BAD: as it was
  EXPECT_EQ(ask("SEARCH $"), "* SEARCH 1 3 5\r\n");
  c.command("SEARCH CHARSET X-NONE ALL");  // NO, and nothing was to be saved: as it was
  EXPECT_EQ(ask("SEARCH $"), "* SEARCH 1 3 5\r\n");
  EXPECT_TRUE(c.command("SEARCH RETURN (SAVE) CHARSET X-NONE ALL").starts_with("NO [BADCHARSET"));
  EXPECT_EQ(ask("SEARCH $"), "* SEARCH\r\n") << "NO empties it";
}

TEST_F(ImapSearch, TellsTheModseqWhereItIsAskedBy) {  // RFC 7162 s3.1.5
  deliver("a", "b");
  deliver("c", "d");
  auto& c = select();
  c.command("ENABLE CONDSTORE");
  c.command("STORE 2 +FLAGS.SILENT (\\Seen)");
  const auto reply = ask("SEARCH MODSEQ 1");
  EXPECT_TRUE(reply.starts_with("* SEARCH 1 2 (MODSEQ ")) << reply;
  EXPECT_EQ(ask("SEARCH MODSEQ 999999"), "* SEARCH\r\n");
  const auto least = ask("SEARCH RETURN (MIN) MODSEQ 1");
  EXPECT_TRUE(least.contains(" MIN 1 MODSEQ ")) << least;
}

TEST_F(ImapSearch, SortsAndReturnsInThatOrder) {  // RFC 5256 s3, RFC 5267 s3
  deliver("beta", "xxx", "Date: Sun, 02 Nov 2026 00:00:00 +0000\r\n");
  deliver("Re: alpha", "xxxxxx", "Date: Sun, 03 Nov 2026 00:00:00 +0000\r\n");
  deliver("alpha", "x", "Date: Sun, 01 Nov 2026 00:00:00 +0000\r\n");
  auto& c = select();
  EXPECT_EQ(ask("SORT (DATE) UTF-8 ALL"), "* SORT 3 1 2\r\n");
  EXPECT_EQ(ask("SORT (REVERSE DATE) UTF-8 ALL"), "* SORT 2 1 3\r\n");
  EXPECT_EQ(ask("UID SORT (SUBJECT REVERSE DATE) US-ASCII ALL"), "* SORT 2 3 1\r\n");
  EXPECT_EQ(ask("SORT (SIZE) UTF-8 SUBJECT alpha"), "* SORT 3 2\r\n");
  EXPECT_EQ(ask("SORT RETURN (MIN MAX ALL COUNT) (DATE) UTF-8 ALL"),
            "* ESEARCH (TAG \"t7\") MIN 3 MAX 2 COUNT 3 ALL 3,1:2\r\n");
  EXPECT_EQ(ask("SORT (DATE) UTF-8 SUBJECT none"), "* SORT\r\n");
  EXPECT_TRUE(c.command("SORT (DATE) X-NONE ALL").starts_with("NO [BADCHARSET"));
}

TEST_F(ImapSearch, ThreadsAsRfc5256WritesThem) {  // s4
  deliver("one", "b", "Message-ID: <1@x>\r\n");
  deliver("Re: one", "b", "Message-ID: <2@x>\r\nReferences: <1@x>\r\n");
  deliver("Re: one", "b", "Message-ID: <3@x>\r\nReferences: <1@x> <2@x>\r\n");
  deliver("Re: one", "b", "Message-ID: <4@x>\r\nReferences: <1@x> <2@x>\r\n");
  deliver("other", "b", "Message-ID: <5@x>\r\n");
  select();
  EXPECT_EQ(ask("THREAD REFERENCES UTF-8 ALL"), "* THREAD (1 2 (3)(4))(5)\r\n");
  EXPECT_EQ(ask("UID THREAD REFS UTF-8 2:5"), "* THREAD (2 (3)(4))(5)\r\n");
  EXPECT_EQ(ask("THREAD ORDEREDSUBJECT UTF-8 ALL"), "* THREAD (1 (2)(3)(4))(5)\r\n");
  EXPECT_EQ(ask("THREAD REFERENCES UTF-8 3:4"), "* THREAD ((3)(4))\r\n") << "their parent was not searched for";
  EXPECT_EQ(ask("THREAD REFERENCES UTF-8 SUBJECT none"), "* THREAD\r\n");
}

TEST_F(ImapSearch, KeepsAContextUpToDate) {  // RFC 5267 s4.3
  deliver("wanted", "b");
  deliver("other", "b");
  auto& c = select();
  EXPECT_EQ(ask("UID SEARCH RETURN (COUNT UPDATE) SUBJECT wanted UNFLAGGED"), "* ESEARCH (TAG \"t3\") UID COUNT 1\r\n");
  deliver("wanted too", "b");
  EXPECT_TRUE(ask("NOOP").ends_with("* ESEARCH (TAG \"t3\") UID ADDTO (0 3)\r\n"));
  c.command("STORE 1 +FLAGS.SILENT (\\Flagged)");
  ImapClient other(world, "alice@demo.test");
  other.command("SELECT INBOX");
  other.command("STORE 3 +FLAGS.SILENT (\\Deleted)");
  const auto removed = ask("NOOP");
  other.command("EXPUNGE");
  const auto expunged = ask("NOOP");
  EXPECT_TRUE(expunged.contains("* ESEARCH (TAG \"t3\") UID REMOVEFROM (0 3)\r\n* 3 EXPUNGE\r\n")) << expunged;
  EXPECT_TRUE(c.command("CANCELUPDATE \"t3\"").starts_with("OK "));
  EXPECT_TRUE(c.command("CANCELUPDATE \"t3\"").starts_with("NO "));
  deliver("wanted three", "b");
  EXPECT_FALSE(ask("NOOP").contains("ESEARCH"));
}

TEST_F(ImapSearch, FetchesWhatArrivesInAContext) {  // RFC 5465 s7
  deliver("wanted", "b");
  deliver("other", "b");
  select();
  EXPECT_EQ(ask("UID SEARCH RETURN (COUNT UPDATE (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])) SUBJECT wanted UNSEEN"),
            "* ESEARCH (TAG \"t3\") UID COUNT 1\r\n");
  deliver("wanted too", "b");
  deliver("not this", "b");
  const auto told = ask("NOOP");
  const auto fetched = told.find("* 3 FETCH (UID 3 BODY[HEADER.FIELDS (SUBJECT)] {");
  const auto added = told.find("* ESEARCH (TAG \"t3\") UID ADDTO (0 3)\r\n");
  EXPECT_LT(told.find("* 4 EXISTS\r\n"), fetched) << told;
  EXPECT_LT(fetched, added) << told;
  EXPECT_NE(added, std::string::npos) << told;
  EXPECT_FALSE(told.contains("* 4 FETCH")) << told;
  ImapClient other(world, "alice@demo.test");
  other.command("SELECT INBOX");
  other.command("STORE 1 +FLAGS.SILENT (\\Seen)");
  EXPECT_TRUE(ask("NOOP").contains("REMOVEFROM (0 1)"));
  other.command("STORE 1 -FLAGS.SILENT (\\Seen)");
  const auto again = ask("NOOP");
  EXPECT_TRUE(again.contains("ADDTO (0 1)")) << again;
  EXPECT_FALSE(again.contains("BODY")) << "it came by its flags: " << again;
}

TEST_F(ImapSearch, KeepsASortedContextInOrder) {  // RFC 5267 s4.3.2
  deliver("b", "x", "Date: Sun, 02 Nov 2026 00:00:00 +0000\r\n");
  deliver("d", "x", "Date: Sun, 04 Nov 2026 00:00:00 +0000\r\n");
  auto& c = select();
  EXPECT_EQ(ask("UID SORT RETURN (UPDATE COUNT) (DATE) UTF-8 UNDELETED"), "* ESEARCH (TAG \"t3\") UID COUNT 2\r\n");
  deliver("c", "x", "Date: Sun, 03 Nov 2026 00:00:00 +0000\r\n");
  EXPECT_TRUE(ask("NOOP").ends_with("* ESEARCH (TAG \"t3\") UID ADDTO (2 3)\r\n"));
  const auto removed = c.command("STORE 1 +FLAGS (\\Deleted)");
  EXPECT_TRUE(removed.contains("* ESEARCH (TAG \"t3\") UID REMOVEFROM (1 1)\r\n")) << removed;
}

TEST_F(ImapSearch, AContextKeepsTheMessagesItWasAskedOf) {  // RFC 5267 s4.3
  for (int i = 0; i < 4; ++i) deliver("a", "b");
  auto& c = select();
  ask("SEARCH RETURN (SAVE) 4");
  EXPECT_EQ(ask("UID SEARCH RETURN (COUNT UPDATE) 3:* UNFLAGGED"), "* ESEARCH (TAG \"t4\") UID COUNT 2\r\n");
  EXPECT_EQ(ask("UID SEARCH RETURN (COUNT UPDATE) $ UNFLAGGED"), "* ESEARCH (TAG \"t5\") UID COUNT 1\r\n");
  EXPECT_EQ(ask("UID SORT RETURN (COUNT UPDATE) (ARRIVAL) UTF-8 3 UNFLAGGED"),
            "* ESEARCH (TAG \"t6\") UID COUNT 1\r\n");
  EXPECT_EQ(ask("UID SEARCH RETURN (COUNT UPDATE) NOT 1 UNFLAGGED"), "* ESEARCH (TAG \"t7\") UID COUNT 3\r\n");
  EXPECT_EQ(ask("UID SEARCH RETURN (COUNT UPDATE) UID 4:* UNFLAGGED"), "* ESEARCH (TAG \"t8\") UID COUNT 1\r\n");
  ask("SEARCH RETURN (SAVE) 1");
  c.command("STORE 1 +FLAGS.SILENT (\\Deleted)");
  EXPECT_EQ(ask("EXPUNGE"), "* 1 EXPUNGE\r\n");
  deliver("a", "b");
  const auto added = ask("NOOP");
  EXPECT_TRUE(added.ends_with("\r\n* ESEARCH (TAG \"t7\") UID ADDTO (0 5)\r\n")) << added;
  EXPECT_FALSE(added.contains("\"t4\"") || added.contains("\"t5\"") || added.contains("\"t8\"")) << added;
  EXPECT_EQ(ask("UID STORE 3:4 +FLAGS.SILENT (\\Flagged)"),
            "* ESEARCH (TAG \"t4\") UID REMOVEFROM (0 3:4)\r\n* ESEARCH (TAG \"t5\") UID REMOVEFROM (0 4)\r\n"
            "* ESEARCH (TAG \"t6\") UID REMOVEFROM (1 3)\r\n* ESEARCH (TAG \"t7\") UID REMOVEFROM (0 3:4)\r\n"
            "* ESEARCH (TAG \"t8\") UID REMOVEFROM (0 4)\r\n");
}

TEST_F(ImapSearch, ATagHasOneContext) {  // RFC 5267 s4.3
  deliver("a", "b");
  auto& c = select();
  const auto again = [&c] {
    c.peer().say("x SEARCH RETURN (UPDATE COUNT) ALL\r\n");
    return c.finish("x");
  };
  EXPECT_TRUE(again().ends_with("OK Search done\r\n"));
  EXPECT_TRUE(again().starts_with("BAD "));
  EXPECT_TRUE(c.command("CANCELUPDATE \"x\"").starts_with("OK "));
  EXPECT_TRUE(again().ends_with("OK Search done\r\n"));
}

TEST_F(ImapSearch, RefusesMoreContextsThanItKeeps) {  // RFC 5267 s4.3.1
  deliver("a", "b");
  select();
  for (int i = 0; i < 16; ++i) EXPECT_FALSE(ask("SEARCH RETURN (UPDATE COUNT) ALL").contains("NOUPDATE"));
  EXPECT_TRUE(ask("SEARCH RETURN (UPDATE COUNT) ALL").contains("* NO [NOUPDATE \"t19\"]"));
}

TEST_F(ImapSearch, TakesKeysInOneAnotherUpToTheBound) {
  deliver("a", "b");
  deliver("b", "b");
  auto& c = select();
  const auto either = [](int ors) {
    std::string keys;
    for (int i = 0; i < ors; ++i) keys += "OR SUBJECT none ";
    return keys + "SUBJECT a";
  };
  EXPECT_EQ(ask("SEARCH " + either(498)), "* SEARCH 1\r\n");
  EXPECT_TRUE(c.command("SEARCH " + either(499)).starts_with("NO [LIMIT] "));
  EXPECT_EQ(ask("UID SEARCH RETURN (COUNT UPDATE) UNFLAGGED " + either(490)), "* ESEARCH (TAG \"t5\") UID COUNT 1\r\n");
  const auto removed = c.command("STORE 1 +FLAGS.SILENT (\\Flagged)");
  EXPECT_TRUE(removed.contains("* ESEARCH (TAG \"t5\") UID REMOVEFROM (0 1)\r\n")) << removed;
}

TEST_F(ImapSearch, TellsHowFarItIsWhenItTakesLong) {  // RFC 9585 s4
  world.options.timeouts.progress = std::chrono::seconds(0);
  for (int i = 0; i < 100; ++i) deliver("a", "some body");
  auto& c = select();
  std::string said;
  for (int tries = 0; tries < 50 && !said.contains("INPROGRESS"); ++tries) {
    said = c.command("SEARCH BODY some");
    EXPECT_TRUE(said.contains("* SEARCH 1 2 3 4 ")) << said;
  }
  EXPECT_TRUE(said.contains("* OK [INPROGRESS (\"t")) << said;
}

/// Keeps the only thread that searches from beginning anything.
class HeldUp {
 public:
  explicit HeldUp(io::net::WorkerPool& pool) {
    EXPECT_TRUE(pool.post([opened = gate_.get_future()] { opened.wait(); }));
  }
  ~HeldUp() { gate_.set_value(); }
  HeldUp(const HeldUp&) = delete;
  HeldUp& operator=(const HeldUp&) = delete;

 private:
  std::promise<void> gate_;
};

TEST_F(ImapSearch, IsGivenUpWhenNobodyListensAnyMore) {
  deliver("a", "b");
  const std::string_view done = "veredus_imap_commands_total{listener=\"imap\",result=\"ok\"} ";
  const auto count = [&] {
    const auto text = world.metrics.expose();
    const auto at = text.find(done);
    return at == std::string::npos ? std::string("none") : text.substr(at, text.find('\n', at) - at);
  };
  for (const std::string command : {"SORT (ARRIVAL) UTF-8 ALL", "THREAD REFS UTF-8 ALL", "SEARCH BODY b"}) {
    SCOPED_TRACE(command);
    select();
    const auto before = count();
    EXPECT_NE(before, "none") << world.metrics.expose();
    {
      const HeldUp held(world.workers);
      client->say("t9 " + command + "\r\n");
      client->peer().vanish();
      world.reactor.context().restart();
      world.reactor.context().run_for(std::chrono::milliseconds(600));
    }
    client.reset();
    EXPECT_EQ(count(), before) << "nothing was found that could be told";
  }
}

TEST_F(ImapSearch, IsAnsweredToWhoHasSaidTheLastWordAndListens) {
  deliver("a", "b");
  auto& c = select();
  {
    const HeldUp held(world.workers);
    c.say("t9 SORT (ARRIVAL) UTF-8 ALL\r\n");
    c.peer().hang_up();
    world.reactor.context().restart();
    world.reactor.context().run_for(std::chrono::milliseconds(600));
  }
  const auto said = c.finish("t9");
  EXPECT_TRUE(said.starts_with("* OK [INPROGRESS (\"t9\"")) << said;
  EXPECT_TRUE(said.contains("* SORT 1\r\n")) << said;
}

TEST_F(ImapSearch, RefusesThreadsOfMoreThanFitsInMemory) {
  deliver("a", "b");
  state::search::Searcher tight{world.mailboxes, world.workers, nullptr, {.memory_octets = 100}};
  world.search_with = &tight;
  auto& c = select();
  EXPECT_TRUE(c.command("THREAD REFS UTF-8 ALL").starts_with("NO [LIMIT] "));
  EXPECT_EQ(ask("SEARCH ALL"), "* SEARCH 1\r\n");
}

TEST_F(ImapSearch, OfAnEmptyMailboxFindsNothing) {
  select();
  EXPECT_EQ(ask("SEARCH ALL"), "* SEARCH\r\n");
  EXPECT_EQ(ask("SEARCH 1:*"), "* SEARCH\r\n");
  EXPECT_EQ(ask("THREAD REFERENCES UTF-8 ALL"), "* THREAD\r\n");
}

TEST_F(ImapSearch, SpeaksEsearchAloneToRev2) {  // RFC 9051 s6.4.4
  deliver("a", "b");
  auto& c = select();
  c.command("ENABLE IMAP4rev2");
  EXPECT_EQ(ask("SEARCH ALL"), "* ESEARCH (TAG \"t4\") ALL 1\r\n");
}

}  // namespace
}  // namespace veredus::doors::imap
