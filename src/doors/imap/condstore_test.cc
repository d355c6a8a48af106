#include <gtest/gtest.h>

#include <string>

#include "support/imap_world.h"

/// CONDSTORE and QRESYNC: what a client may take for known (RFC 7162).
namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

class ImapCondstore : public testing::Test {
 protected:
  ImapCondstore() {
    for (int i = 0; i < 3; ++i) world.deliver(world.alice, "From: a@example.org\r\nSubject: one\r\n\r\nBody.\r\n");
  }
  /// Behind the first `name` in `reply`.
  static std::uint64_t number(const std::string& reply, const std::string& name) {
    const auto at = reply.find(name);
    return at == std::string::npos ? 0 : std::stoull(reply.substr(at + name.size()));
  }
  static void expunge(ImapClient& client, const std::string& number) {
    client.command("STORE " + number + " +FLAGS.SILENT (\\Deleted)");
    client.command("EXPUNGE");
  }

  ImapWorld world;
};

TEST_F(ImapCondstore, SilentStoresHideNothingOfOthers) {  // RFC 9051 s6.4.6
  for (const std::string enabled : {"", "CONDSTORE", "QRESYNC"}) {
    SCOPED_TRACE(enabled);
    ImapClient one(world, "alice@demo.test");
    ImapClient two(world, "alice@demo.test");
    if (!enabled.empty()) one.command("ENABLE " + enabled);
    for (auto* client : {&one, &two}) {
      client->command("SELECT INBOX");
      client->command("STORE 1:2 -FLAGS.SILENT (\\Flagged \\Seen)");
      client->command("NOOP");
    }
    one.command("NOOP");
    two.command("STORE 1 +FLAGS.SILENT (\\Flagged)");
    const auto silent = one.command("STORE 1:2 +FLAGS.SILENT (\\Seen)");
    const auto told = silent + one.command("NOOP");
    EXPECT_TRUE(told.contains("FLAGS (\\Flagged \\Seen")) << told;
    EXPECT_EQ(told.find("FLAGS"), told.rfind("FLAGS")) << "once, and not of what it did alone: " << told;
    // What is answered is not told again.
    two.command("NOOP");
    two.command("STORE 1 +FLAGS.SILENT (\\Answered)");
    const auto answered = one.command("STORE 1 +FLAGS (\\Draft)");
    EXPECT_TRUE(answered.contains("FLAGS (\\Answered \\Flagged \\Seen \\Draft")) << answered;
    EXPECT_EQ(answered.find("FLAGS"), answered.rfind("FLAGS")) << answered;
    EXPECT_TRUE(one.command("NOOP").starts_with("OK "));
    one.command("STORE 1 FLAGS.SILENT ()");
  }
}

TEST_F(ImapCondstore, HeldBackExpungesKeepTheHighestModseqDown) {  // RFC 7162 s3.2
  ImapClient one(world, "alice@demo.test");
  ImapClient two(world, "alice@demo.test");
  one.command("ENABLE QRESYNC");
  const auto selected = one.command("SELECT INBOX");
  const auto known = number(selected, "[HIGHESTMODSEQ ");
  const auto validity = number(selected, "[UIDVALIDITY ");
  two.command("SELECT INBOX");
  two.command("STORE 2 +FLAGS.SILENT (\\Deleted)");
  one.command("NOOP");
  const auto before = number(one.command("FETCH 2 MODSEQ"), "MODSEQ (");
  ASSERT_GT(before, known);
  two.command("EXPUNGE");
  const auto code = "OK [HIGHESTMODSEQ " + std::to_string(before) + "] ";
  const auto stored = one.command("STORE 1 +FLAGS (\\Seen)");
  EXPECT_GT(number(stored, "MODSEQ ("), before) << stored;
  EXPECT_TRUE(stored.contains("\r\n" + code)) << stored;
  const auto modified = one.command("STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\\Flagged)");
  EXPECT_TRUE(modified.contains("* " + code)) << modified;
  EXPECT_TRUE(modified.contains("\r\nOK [MODIFIED 1] ")) << modified;
  EXPECT_TRUE(one.command("FETCH 9 UID").starts_with("* " + code)) << "whatever the command comes to";
  EXPECT_TRUE(one.command("NOOP").starts_with("* VANISHED 2\r\nOK Nothing"));
  EXPECT_TRUE(one.command("FETCH 1 UID").ends_with("\r\nOK Fetched\r\n")) << "nothing is held back";
  const auto again =
      one.command("SELECT INBOX (QRESYNC (" + std::to_string(validity) + " " + std::to_string(before) + "))");
  EXPECT_TRUE(again.contains("* VANISHED (EARLIER) 2\r\n")) << again;
}

TEST_F(ImapCondstore, WhoDoesNotKnowModseqsIsToldNone) {
  ImapClient one(world, "alice@demo.test");
  ImapClient two(world, "alice@demo.test");
  one.command("SELECT INBOX");
  two.command("SELECT INBOX");
  expunge(two, "2");
  EXPECT_TRUE(one.command("FETCH 1 UID").ends_with("\r\nOK Fetched\r\n"));
}

TEST_F(ImapCondstore, TheFirstCommandThatKnowsItIsToldTheHighestModseq) {  // RFC 7162 s3.1
  for (const std::string command :
       {"FETCH 1 (MODSEQ)", "FETCH 1 (FLAGS) (CHANGEDSINCE 1)", "STATUS Sent (HIGHESTMODSEQ)",
        "LIST \"\" Sent RETURN (STATUS (HIGHESTMODSEQ))", "STORE 1 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Seen)",
        "SEARCH MODSEQ 1", "SORT (ARRIVAL) UTF-8 MODSEQ 1", "THREAD REFERENCES UTF-8 MODSEQ 1", "ENABLE CONDSTORE",
        "ENABLE QRESYNC CONDSTORE"}) {
    SCOPED_TRACE(command);
    ImapClient client(world, "alice@demo.test");
    const auto highest = number(client.command("SELECT INBOX"), "[HIGHESTMODSEQ ");
    const auto told = client.command(command);
    EXPECT_TRUE(told.starts_with("* OK [HIGHESTMODSEQ " + std::to_string(highest) + "] ")) << told;
    EXPECT_FALSE(client.command("FETCH 1 MODSEQ").contains("HIGHESTMODSEQ")) << "once";
  }
  ImapClient client(world, "alice@demo.test");
  EXPECT_TRUE(client.command("ENABLE CONDSTORE").starts_with("* ENABLED CONDSTORE\r\n"));
  const auto selected = client.command("SELECT INBOX");
  EXPECT_EQ(selected.find("HIGHESTMODSEQ"), selected.rfind("HIGHESTMODSEQ")) << selected;
}

TEST_F(ImapCondstore, CloseTellsNoModseq) {  // RFC 7162 s3.2.8
  ImapClient client(world, "alice@demo.test");
  client.command("ENABLE QRESYNC");
  client.command("SELECT INBOX");
  client.command("STORE 1 +FLAGS.SILENT (\\Deleted)");
  EXPECT_EQ(client.command("CLOSE"), "OK Closed\r\n");
  EXPECT_TRUE(client.command("STATUS INBOX (MESSAGES)").contains("(MESSAGES 2)"));
}

TEST_F(ImapCondstore, ABodyThatIsReadIsToldWithTheUid) {  // RFC 7162 s3.2.4
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  EXPECT_TRUE(client.command("FETCH 1 BODY[TEXT]").contains(" FLAGS (\\Seen \\Recent))\r\n"));
  client.command("ENABLE QRESYNC");
  const auto read = client.command("FETCH 2 BODY[TEXT]");
  EXPECT_TRUE(read.starts_with("* 2 FETCH (BODY[TEXT] ")) << read;
  EXPECT_TRUE(read.contains(" FLAGS (\\Seen \\Recent) MODSEQ (")) << read;
  EXPECT_TRUE(read.contains(") UID 2)\r\n")) << read;
  EXPECT_FALSE(client.command("FETCH 2 BODY[TEXT]").contains("UID")) << "nothing changed";
  const auto by_uid = client.command("UID FETCH 3 BODY[TEXT]");
  EXPECT_EQ(by_uid.find("UID 3"), by_uid.rfind("UID 3")) << by_uid;
}

}  // namespace
}  // namespace veredus::doors::imap
