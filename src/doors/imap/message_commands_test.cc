#include <gtest/gtest.h>

#include <string>

#include "support/imap_world.h"

/// FETCH, APPEND, REPLACE, COPY and their like, from the client's side.
namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

const std::string kMultipart =
    "From: Alice <alice@demo.test>\r\nTo: bob@demo.test\r\nSubject: two parts\r\n"
    "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@demo.test>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
    "--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "Gr=C3=BC=C3=9Fe\r\n"
    "--B\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQ=\r\n"
    "--B--\r\n";

class ImapMessages : public testing::Test {
 protected:
  /// A literal in a reply: "{n}\r\n" and the text.
  static std::string literal(std::string_view text) {
    return "{" + std::to_string(text.size()) + "}\r\n" + std::string(text);
  }
  std::string append(ImapClient& client, const std::string& what, const std::string& message) {
    return client.command("APPEND " + what + " {" + std::to_string(message.size()) + "+}\r\n" + message);
  }

  ImapWorld world;
};

TEST_F(ImapMessages, FetchAnswersEveryItem) {
  world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const auto all = client.command("FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE)");
  EXPECT_TRUE(all.contains("INTERNALDATE \"22-Nov-2026 ")) << all;
  EXPECT_TRUE(all.contains("RFC822.SIZE " + std::to_string(kMultipart.size()))) << all;
  EXPECT_TRUE(all.contains("ENVELOPE (\"Sun, 22 Nov 2026 10:00:00 +0000\" \"two parts\" ")) << all;
  EXPECT_TRUE(all.contains("BODY ((\"text\" \"plain\" ")) << all;
  EXPECT_TRUE(all.contains("BODYSTRUCTURE ((\"text\" \"plain\" ")) << all;
  const auto ids = client.command("FETCH 1 (EMAILID THREADID SAVEDATE PREVIEW MODSEQ)");
  EXPECT_TRUE(ids.contains("EMAILID (M")) << ids;
  EXPECT_TRUE(ids.contains("THREADID (T")) << ids;
  EXPECT_TRUE(ids.contains("SAVEDATE \"22-Nov-2026 ")) << ids;
  EXPECT_TRUE(ids.contains("MODSEQ (")) << ids;
}

TEST_F(ImapMessages, FetchAnswersSections) {
  world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const auto header_end = kMultipart.find("\r\n\r\n") + 4;
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[]").starts_with("* 1 FETCH (BODY[] " + literal(kMultipart) + ")\r\n"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[HEADER]")
                  .starts_with("* 1 FETCH (BODY[HEADER] " + literal(kMultipart.substr(0, header_end)) + ")\r\n"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[TEXT]<2.5>")
                  .starts_with("* 1 FETCH (BODY[TEXT]<2> " + literal(kMultipart.substr(header_end + 2, 5)) + ")"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[1]").contains("BODY[1] " + literal("Gr=C3=BC=C3=9Fe") + ")"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[2.MIME]").contains("BODY[2.MIME] {"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[3]").starts_with("* 1 FETCH (BODY[3] NIL)\r\n"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT X-None)]")
                  .contains("BODY[HEADER.FIELDS (SUBJECT X-None)] " + literal("Subject: two parts\r\n\r\n") + ")"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]")
                  .contains("BODY[HEADER.FIELDS (SUBJECT)] " + literal("Subject: two parts\r\n\r\n") + ")"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[HEADER.FIELDS (\"to\" SUBJECT)]<4.9>")
                  .contains("BODY[HEADER.FIELDS (to SUBJECT)]<4> " + literal("bob@demo.") + ")"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]<900.9>")
                  .contains("BODY[HEADER.FIELDS (SUBJECT)]<900> " + literal("") + ")"));
  EXPECT_TRUE(client.command("FETCH 1 BINARY.PEEK[1]")
                  .contains("BINARY[1] " +
                            literal("Gr\xC3\xBC\xC3\x9F"
                                    "e") +
                            ")"));
  EXPECT_TRUE(client.command("FETCH 1 BINARY.PEEK[2]").contains("BINARY[2] ~{5}\r\n"));
  EXPECT_TRUE(client.command("FETCH 1 BINARY.SIZE[2]").contains("BINARY.SIZE[2] 5)"));
  EXPECT_TRUE(client.command("FETCH 1 RFC822.HEADER").contains("RFC822.HEADER {"));
  EXPECT_FALSE(client.command("FETCH 1 FLAGS").contains("\\Seen")) << "nothing of this sets it";
}

TEST_F(ImapMessages, AnEncodingNobodyKnowsHasNoSize) {  // RFC 3516 s4.3, s7
  world.deliver(world.alice, "Subject: x\r\nContent-Transfer-Encoding: x-own\r\n\r\nabc\r\n");
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  EXPECT_TRUE(client.command("FETCH 1 BINARY.SIZE[1]").starts_with("* 1 FETCH (UID 1)\r\nNO [UNKNOWN-CTE]"));
  EXPECT_TRUE(client.command("FETCH 1 (RFC822.SIZE BINARY.SIZE[1])").starts_with("* 1 FETCH (RFC822.SIZE 53)\r\nNO"));
  EXPECT_TRUE(client.command("FETCH 1 BINARY.PEEK[1]").starts_with("* 1 FETCH (BINARY[1] NIL)\r\nNO [UNKNOWN-CTE]"));
}

TEST_F(ImapMessages, ManyAreAnsweredAsOneByOne) {
  constexpr std::uint32_t kMany = 600;  // several batches
  for (std::uint32_t i = 1; i <= kMany; ++i) {
    const auto number = std::to_string(i);
    world.deliver(world.alice, "Subject: number " + number + "\r\n\r\n" + std::string(i % 50, 'x') + "\r\n");
  }
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  for (const std::string what : {"ENVELOPE", "BODY.PEEK[]", "(BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (SUBJECT)])"}) {
    SCOPED_TRACE(what);
    const auto all = client.command("FETCH 1:* " + what);
    std::string one_by_one;
    for (std::uint32_t i = 1; i <= kMany; ++i) {
      const auto one = client.command("FETCH " + std::to_string(i) + " " + what);
      one_by_one += one.substr(0, one.rfind("OK "));
    }
    EXPECT_EQ(all.substr(0, all.rfind("OK ")), one_by_one);
  }
  const auto seen = client.command("FETCH 1:* BODY[TEXT]");
  std::size_t told = 0;
  for (auto at = seen.find("\\Seen"); at != std::string::npos; at = seen.find("\\Seen", at + 1)) ++told;
  EXPECT_EQ(told, kMany);
}

TEST_F(ImapMessages, WorkOnManyGivesSignsOfLife) {  // RFC 9585 s4
  ImapWorld slow({.commits_inline = false});
  slow.options.timeouts.progress = std::chrono::seconds(0);
  state::mailbox::NewMessage message;
  message.octets = "x";
  for (int i = 0; i < 11; ++i) {
    std::vector<state::mailbox::NewMessage> thousand(1000, message);
    ASSERT_TRUE(slow.run(slow.mailboxes.append_all(slow.alice, std::move(thousand), {})));
  }
  ImapClient client(slow, "alice@demo.test");
  client.command("SELECT INBOX");
  for (const std::string command : {"STORE 1:* +FLAGS.SILENT (\\Deleted)", "COPY 1:* Trash", "EXPUNGE", "NOOP"}) {
    SCOPED_TRACE(command);
    const auto said = client.command(command);
    EXPECT_EQ(said.contains("* OK [INPROGRESS (\"t"), command != "NOOP");
    EXPECT_TRUE(said.contains("OK ")) << said.substr(0, 200);
  }
  client.command("SELECT Trash");
  const auto moved = client.command("MOVE 1:* Archive");
  EXPECT_TRUE(moved.contains("* OK [INPROGRESS (\"t")) << moved.substr(0, 200);
  EXPECT_TRUE(moved.contains("* OK [COPYUID ")) << moved.substr(0, 200);
}

TEST_F(ImapMessages, ReadingABodySetsSeenAndSaysSo) {
  world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const auto read = client.command("FETCH 1 BODY[1]");
  EXPECT_TRUE(read.contains(" FLAGS (\\Seen \\Recent))\r\n")) << read;
  EXPECT_FALSE(client.command("FETCH 1 BODY[1]").contains("FLAGS")) << "it was set already";
  client.command("STORE 1 -FLAGS.SILENT (\\Seen)");
  client.command("EXAMINE INBOX");
  client.command("FETCH 1 BODY[1]");
  EXPECT_FALSE(client.command("FETCH 1 FLAGS").contains("\\Seen")) << "not where nothing may be changed";
}

TEST_F(ImapMessages, BigMessagesAreReadInPieces) {
  std::string big = "Subject: big\r\n\r\n";
  for (int i = 0; big.size() < 900'000; ++i) big += "line " + std::to_string(i) + "\r\n";
  world.deliver(world.alice, "Subject: small\r\n\r\nx\r\n");
  ImapClient client(world, "alice@demo.test");
  EXPECT_TRUE(append(client, "INBOX", big).starts_with("OK [APPENDUID "));
  client.command("SELECT INBOX");
  EXPECT_TRUE(client.command("FETCH 2 BODY.PEEK[]").contains(literal(big)));
  EXPECT_TRUE(client.command("FETCH 2 BODY.PEEK[]<500000.100>").contains(literal(big.substr(500'000, 100))));
  EXPECT_TRUE(client.command("FETCH 2 BODY.PEEK[]<262100.300>").contains(literal(big.substr(262'100, 300))))
      << "over the edge of a chunk";
  EXPECT_TRUE(client.command("FETCH 2 BODY.PEEK[]<900000000.100>").contains("<900000000> {0}\r\n)"));
}

TEST_F(ImapMessages, AppendKeepsFlagsDateAndOctets) {
  ImapClient client(world, "alice@demo.test");
  EXPECT_TRUE(
      append(client, "INBOX (\\Seen $Work) \"17-Jul-1996 02:44:25 -0700\"", kMultipart).starts_with("OK [APPENDUID "));
  client.command("SELECT INBOX");
  const auto fetched = client.command("FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])");
  EXPECT_TRUE(fetched.contains("FLAGS (\\Seen \\Recent $Work)")) << fetched;
  EXPECT_TRUE(fetched.contains("17-Jul-1996 09:44:25 +0000")) << fetched;
  EXPECT_TRUE(fetched.contains(literal(kMultipart))) << fetched;
  EXPECT_TRUE(append(client, "INBOX", "Subject: bare\n\nline\n").contains("* 2 EXISTS"));
  EXPECT_TRUE(client.command("FETCH 2 BODY.PEEK[]").contains(literal("Subject: bare\r\n\r\nline\r\n")))
      << "line ends are made whole";
}

TEST_F(ImapMessages, NoLiteralHasNul) {  // RFC 9051 s4.3
  ImapClient client(world, "alice@demo.test");
  const std::string message("Subject: a\0b\r\nX-Other: c\0d\r\n\r\ne\0f\r\n", 35);
  EXPECT_TRUE(client.command("APPEND INBOX ~{35+}\r\n" + message).contains("OK [APPENDUID "));
  client.command("SELECT INBOX");
  const struct {
    const char* item;
    const char* told;
  } items[] = {{"BODY.PEEK[]", "BODY[] {"},
               {"BODY.PEEK[HEADER]", "BODY[HEADER] {"},
               {"BODY.PEEK[HEADER.FIELDS (SUBJECT)]", "BODY[HEADER.FIELDS ("},
               {"ENVELOPE", "ENVELOPE ("},
               {"BODY.PEEK[HEADER.FIELDS (X-Other)]", "BODY[HEADER.FIELDS ("},
               {"BODY.PEEK[TEXT]<0.2>", "BODY[TEXT]<0> "},
               {"BODY.PEEK[1.MIME]", "BODY[1.MIME] "},
               {"RFC822", "RFC822 {"}};
  for (const auto& [item, told] : items) {
    const auto reply = client.command("FETCH 1 " + std::string(item));
    EXPECT_FALSE(reply.contains('\0')) << item;
    EXPECT_TRUE(reply.starts_with("* 1 FETCH (" + std::string(told))) << reply;
    EXPECT_TRUE(reply.contains("\r\nOK ")) << reply;
  }
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[TEXT]")
                  .contains("{5}\r\ne\x80"
                            "f\r\n"));
  EXPECT_TRUE(client.command("FETCH 1 BINARY.PEEK[1]").contains(std::string("~{5}\r\ne\0f\r\n", 11)));
}

TEST_F(ImapMessages, AppendAsksForTheLiteralAndRefusesBefore) {
  ImapClient client(world, "alice@demo.test");
  EXPECT_EQ(client.say("a APPEND INBOX {14}\r\n"), "+ OK\r\n");
  EXPECT_TRUE(client.say("Subject: x\r\n\r\n\r\n").starts_with("a OK [APPENDUID "));
  EXPECT_TRUE(client.say("b APPEND Nowhere {14}\r\n").starts_with("b NO [TRYCREATE] "));
  EXPECT_TRUE(client.command("NOOP").starts_with("OK "));
  EXPECT_TRUE(append(client, "Nowhere", kMultipart).starts_with("NO [TRYCREATE] ")) << "read away";
  EXPECT_TRUE(client.say("c APPEND INBOX {999999999}\r\n").starts_with("c NO [TOOBIG] "));
}

TEST_F(ImapMessages, MultiappendIsAllOrNothing) {
  ImapClient client(world, "alice@demo.test");
  const std::string one = "Subject: 1\r\n\r\n";
  const auto both = client.command("APPEND INBOX (\\Seen) {14+}\r\n" + one + " (\\Flagged) {14+}\r\n" + one);
  EXPECT_TRUE(both.starts_with("OK [APPENDUID ")) << both;
  EXPECT_TRUE(both.contains(" 1:2] ")) << both;
  const auto second_is_bad = client.command("APPEND INBOX {14+}\r\n" + one + " {0+}\r\n");
  EXPECT_FALSE(second_is_bad.contains("OK ")) << second_is_bad;
  EXPECT_TRUE(client.command("SELECT INBOX").contains("* 2 EXISTS"));
}

TEST_F(ImapMessages, ManyOfOneAppendAreAsThoseOfManyAppends) {
  ImapClient client(world, "alice@demo.test");
  client.command("CREATE together");
  client.command("CREATE alone");
  std::string command = "APPEND together";
  for (int i = 0; i < 60; ++i) {
    auto message = kMultipart;
    message.replace(message.find("two parts"), 9, "number " + std::to_string(i));
    // Some fill a batch alone, and one is longer than what is kept in memory.
    const std::size_t more = i == 31 ? 600'000 : i % 7 == 3 ? 70'000 : 3'000;
    for (std::size_t octets = 0; octets < more; octets += 42)
      message.append("An epilogue that is of no part at all....\r\n");
    command.append(" {").append(std::to_string(message.size())).append("+}\r\n").append(message);
    append(client, "alone", message);
  }
  EXPECT_TRUE(client.command(command).contains("OK [APPENDUID ")) << "all of them";
  const std::string items =
      "FETCH 1:* (UID RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (SUBJECT)] PREVIEW)";
  client.command("EXAMINE alone");
  const auto expected = client.command(items);
  client.command("EXAMINE together");
  EXPECT_EQ(client.command(items), expected);
  EXPECT_TRUE(expected.contains("* 60 FETCH ")) << expected.size();
  EXPECT_TRUE(expected.contains("Subject: number 59\r\n"));
}

TEST_F(ImapMessages, WhatIsOpenForReadingAloneIsNotForbidden) {  // RFC 5530 s3: NOPERM is of rights
  ImapClient client(world, "alice@demo.test");
  append(client, "INBOX", "Subject: x\r\n\r\nx\r\n");
  client.command("EXAMINE INBOX");
  for (const auto* command :
       {"STORE 1 +FLAGS (\\Seen)", "MOVE 1 INBOX", "EXPUNGE", "UID EXPUNGE 1", "REPLACE 1 INBOX {1+}\r\nx"})
    EXPECT_EQ(client.command(command), "NO The mailbox is open for reading alone\r\n") << command;
}

TEST_F(ImapMessages, NothingIsLeftOfManyOfAnAppendThatIsRefused) {
  ImapClient client(world, "alice@demo.test");
  std::string command = "APPEND INBOX";
  const auto add = [&command](const std::string& message) {
    command.append(" {").append(std::to_string(message.size())).append("+}\r\n").append(message);
  };
  for (int i = 0; i < 10; ++i) add(kMultipart + std::string(40'000, 'x'));
  add(kMultipart + std::string(600'000, 'x'));
  add(std::string("Subject: x\r\n\r\n\0", 15));
  const auto stored = [this] {
    const io::engine::Partition partition{io::engine::Kind::kAccount, world.alice.value};
    return world.run(world.engine.scan(partition, {}, {}, {.keys_only = true})).value().rows.size();
  };
  client.command("STATUS INBOX (MESSAGES)");
  const auto before = stored();
  EXPECT_TRUE(client.command(command).contains("BAD NUL"));
  EXPECT_EQ(stored(), before) << "nor of the long one";
  EXPECT_TRUE(client.command("STATUS INBOX (MESSAGES)").contains("(MESSAGES 0)"));
  EXPECT_TRUE(append(client, "INBOX", kMultipart).starts_with("OK [APPENDUID "));
}

TEST_F(ImapMessages, CatenatePutsPiecesTogether) {
  world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const std::string head = "Subject: forwarded\r\n\r\n";
  const auto reply = client.command("APPEND INBOX CATENATE (TEXT {" + std::to_string(head.size()) + "+}\r\n" + head +
                                    " URL \"/INBOX/;UID=1/;SECTION=1\" TEXT {5+}\r\n end\n)");
  EXPECT_TRUE(reply.contains("OK [APPENDUID ")) << reply;
  EXPECT_TRUE(client.command("FETCH 2 BODY.PEEK[]").contains(literal(head + "Gr=C3=BC=C3=9Fe end\r\n")));
  EXPECT_TRUE(client.command("APPEND INBOX CATENATE (URL \"/INBOX/;UID=99\")").starts_with("NO [BADURL "));
  EXPECT_TRUE(
      client.command("APPEND INBOX CATENATE (URL {5+}\r\na\r\n]b)").starts_with("NO [BADURL \"a%0D%0A%5Db\"] "));
  const auto too_long = client.command("APPEND INBOX CATENATE (URL {2000+}\r\n" + std::string(2000, 'u') + ")");
  EXPECT_TRUE(too_long.starts_with("NO [BADURL \"\"] ")) << too_long;
  const auto whole = client.command("APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\")");
  EXPECT_TRUE(whole.contains("OK [APPENDUID ")) << whole;
}

TEST_F(ImapMessages, CatenateRefusesWhatIsTooLargeBeforeItReadsIt) {  // RFC 4469 s5
  world.options.session.max_message_octets = kMultipart.size() + 9;
  world.deliver(world.alice, kMultipart);
  // Nobody can read it any more.
  io::engine::Batch batch;
  batch.erase_range("x", "y").keep_version();
  const io::engine::Partition account{io::engine::Kind::kAccount, world.alice.value};
  EXPECT_TRUE(world.run(world.engine.commit(account, std::move(batch), io::engine::Durability::kRelaxed)));
  ImapClient client(world, "alice@demo.test");
  const std::string url = "URL \"/INBOX/;UID=1\"";
  const std::string two = url + " URL \"/INBOX/;UID=1/;PARTIAL=0.10\"";
  const std::string fields = " URL \"/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(SUBJECT)\"";
  EXPECT_TRUE(client.command("APPEND INBOX CATENATE (" + url + ")").starts_with("NO [BADURL "));
  EXPECT_TRUE(client.command("APPEND INBOX CATENATE (" + url + fields + ")").starts_with("NO [BADURL "));
  EXPECT_TRUE(client.command("APPEND INBOX CATENATE (" + two + ")").starts_with("NO [TOOBIG] "));
  EXPECT_TRUE(client.say("a APPEND INBOX CATENATE (" + url + " TEXT {10}\r\n").starts_with("a NO [TOOBIG] "));
  EXPECT_TRUE(client.say("b APPEND INBOX CATENATE (" + url + " TEXT {9}\r\n").starts_with("b NO [BADURL "));
  EXPECT_TRUE(client.command("APPEND INBOX CATENATE (TEXT {1+}\r\nx " + two + ")").starts_with("NO [TOOBIG] "));
}

TEST_F(ImapMessages, CatenateLooksForEachUrlOnce) {
  world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  const auto operations = [&](int urls) {
    std::string all;
    for (int i = 0; i < urls; ++i) all += " URL \"/INBOX/;UID=1/;SECTION=1\"";
    const auto before = world.engine.operations();
    EXPECT_TRUE(client.command("APPEND Archive CATENATE (" + all.substr(1) + ")").contains("OK [APPENDUID "));
    return world.engine.operations() - before;
  };
  operations(1);
  EXPECT_EQ(operations(30) - operations(10), 20 * 3) << "its row, its email, its octets";
}

TEST_F(ImapMessages, CatenateTakesHeaderFields) {
  world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  const std::string fields = " URL \"/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(SUBJECT)\"";
  client.command("SELECT INBOX");
  client.command("APPEND INBOX CATENATE (" + fields.substr(1) + fields + ")");
  const std::string subject = "Subject: two parts\r\n\r\n";
  const auto fetched = client.command("FETCH 2 BODY.PEEK[]");
  EXPECT_TRUE(fetched.contains(literal(subject + subject))) << fetched;
}

TEST_F(ImapMessages, ReplaceStoresAndRemoves) {
  world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const auto reply = client.command("REPLACE 1 INBOX {14+}\r\nSubject: 2\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("* OK [APPENDUID ")) << reply;
  EXPECT_TRUE(reply.contains("* 1 EXPUNGE\r\n")) << reply;
  EXPECT_TRUE(reply.contains("* 1 EXISTS\r\n")) << reply;
  EXPECT_TRUE(client.command("FETCH 1 UID").starts_with("* 1 FETCH (UID 2)\r\n"));
}

TEST_F(ImapMessages, ReplaceIsOneChange) {  // RFC 8508 s3.4
  world.deliver(world.alice, kMultipart);
  const std::string letter = "Subject: sent\r\n\r\n";
  ImapClient client(world, "alice@demo.test");
  client.command("ENABLE CONDSTORE");
  client.command("SELECT INBOX");
  const auto before = world.run(world.mailboxes.highest_modseq(world.alice)).value();
  const auto modseq = std::to_string(before.value + 1);
  const auto reply = client.command("UID REPLACE 1 Sent (\\Seen) {17+}\r\n" + letter);
  EXPECT_TRUE(reply.starts_with("* OK [APPENDUID ")) << reply;
  EXPECT_TRUE(reply.contains("* 1 EXPUNGE\r\nOK [HIGHESTMODSEQ " + modseq + "] ")) << reply;
  client.command("SELECT Sent");
  EXPECT_TRUE(client.command("FETCH 1 MODSEQ").contains("MODSEQ (" + modseq + ")"));
  EXPECT_TRUE(client.command("FETCH 1 BODY.PEEK[]").contains(literal(letter)));
}

TEST_F(ImapMessages, ReplaceStoresWhereTheOtherIsGone) {
  world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  EXPECT_EQ(client.say("a REPLACE 1 INBOX {14}\r\n"), "+ OK\r\n");
  state::mailbox::UidSet gone(Uid(1));
  ASSERT_TRUE(world.run(world.mailboxes.expunge(world.alice, state::mailbox::kInbox, gone)));
  const auto reply = client.say("Subject: 2\r\n\r\n\r\n");
  EXPECT_TRUE(reply.contains("a OK Replaced")) << reply;
  EXPECT_TRUE(client.command("FETCH 1 UID").starts_with("* 1 FETCH (UID 2)\r\n"));
  EXPECT_TRUE(client.command("UID REPLACE 1 INBOX {14+}\r\nSubject: 3\r\n\r\n").starts_with("NO There is no such"));
}

TEST_F(ImapMessages, ReplaceNeedsNoRoomForBoth) {
  world.deliver(world.alice, "Subject: 12345\r\n\r\n");
  state::directory::AccountChange change;
  change.quota = state::directory::Quota{20, 1};
  ASSERT_TRUE(world.run(world.directory->change_account(world.alice, change)));
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  EXPECT_TRUE(append(client, "INBOX", "Subject: x\r\n\r\n").starts_with("NO [OVERQUOTA] "));
  EXPECT_TRUE(client.command("REPLACE 1 INBOX {21+}\r\nSubject: 12345678\r\n\r\n").starts_with("NO [OVERQUOTA] "));
  EXPECT_TRUE(client.command("REPLACE 1 Sent CATENATE (URL \"/INBOX/;UID=1\" TEXT {3+}\r\n...)")
                  .starts_with("NO [OVERQUOTA] "));
  EXPECT_TRUE(client.command("FETCH 1 UID").starts_with("* 1 FETCH (UID 1)\r\n"));
  const auto reply = client.command("REPLACE 1 INBOX {20+}\r\nSubject: 1234567\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("* OK [APPENDUID ")) << reply;
  EXPECT_TRUE(client.command("STATUS INBOX (MESSAGES SIZE)").contains("(MESSAGES 1 SIZE 20)"));
}

TEST_F(ImapMessages, ReplaceGoesFromOneOwnerToAnother) {
  world.deliver(world.alice, kMultipart);
  ImapClient owner(world, "alice@demo.test");
  owner.command("SETACL INBOX bob@demo.test lrswte");
  ImapClient guest(world, "bob@demo.test");
  guest.command("SELECT Shared/alice@demo.test/INBOX");
  const auto reply = guest.command("REPLACE 1 Archive {14+}\r\nSubject: 2\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("* OK [APPENDUID ")) << reply;
  EXPECT_TRUE(reply.contains("* 1 EXPUNGE\r\nOK Replaced")) << reply;
  EXPECT_TRUE(guest.command("STATUS Archive (MESSAGES)").contains("(MESSAGES 1)"));
  EXPECT_TRUE(owner.command("STATUS INBOX (MESSAGES)").contains("(MESSAGES 0)"));
}

TEST_F(ImapMessages, CopyAndExpungeSayWhatTheyDid) {
  for (int i = 0; i < 3; ++i) world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const auto copied = client.command("COPY 1,3 Archive");
  EXPECT_TRUE(copied.contains("OK [COPYUID ")) << copied;
  EXPECT_TRUE(copied.contains(" 1,3 1:2] ")) << copied;
  EXPECT_TRUE(client.command("COPY 1 Nowhere").starts_with("NO [TRYCREATE] "));
  client.command("STORE 1:3 +FLAGS.SILENT (\\Deleted)");
  EXPECT_TRUE(client.command("UID EXPUNGE 2:9").starts_with("* 2 EXPUNGE\r\n* 2 EXPUNGE\r\nOK "));
  EXPECT_TRUE(client.command("CLOSE").starts_with("OK "));
  EXPECT_TRUE(client.command("SELECT INBOX").contains("* 0 EXISTS"));
}

TEST_F(ImapMessages, PartialFetchesTakePositions) {  // RFC 9394 s3.3
  for (int i = 0; i < 5; ++i) world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  EXPECT_TRUE(client.command("UID FETCH 1:* (UID) (PARTIAL -1:-2)")
                  .starts_with("* 4 FETCH (UID 4)\r\n* 5 FETCH (UID 5)\r\nOK "));
}

TEST_F(ImapMessages, PartialIsTakenBeforeWhatChangedSince) {  // RFC 9394 s3.4
  for (int i = 0; i < 5; ++i) world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  const auto selected = client.command("SELECT INBOX (CONDSTORE)");
  const std::string_view code = "[HIGHESTMODSEQ ";
  const auto modseq = std::to_string(std::stoul(selected.substr(selected.find(code) + code.size())));
  client.command("STORE 1:3 +FLAGS.SILENT (\\Flagged)");
  const auto fetched = client.command("UID FETCH 1:* (UID) (PARTIAL -1:-3 CHANGEDSINCE " + modseq + ")");
  EXPECT_TRUE(fetched.starts_with("* 3 FETCH (UID 3 ")) << fetched;
  EXPECT_EQ(fetched.find("FETCH", 10), std::string::npos) << fetched;
}

TEST_F(ImapMessages, HeaderFieldsAreToldAsTheyStand) {  // RFC 3501 s6.4.5
  world.deliver(world.alice, "From: a@example.org\r\nSubject : spaced colon\r\n\r\nx\r\n");
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const auto fetched = client.command("FETCH 1 BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)]");
  EXPECT_TRUE(fetched.contains(literal("From: a@example.org\r\nSubject : spaced colon\r\n\r\n"))) << fetched;
  EXPECT_TRUE(client.command("SEARCH SUBJECT spaced").starts_with("* SEARCH 1\r\n"));
  EXPECT_TRUE(client.command("FETCH 1 ENVELOPE").contains(" \"spaced colon\" "));
}

TEST_F(ImapMessages, UidExpungeComesToAnEndUnderTheLimit) {  // RFC 9738 s3.1
  world.options.session.message_limit = 2;
  for (int i = 0; i < 6; ++i) world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  client.command("STORE 1:2 +FLAGS.SILENT (\\Deleted)");
  client.command("STORE 3 +FLAGS.SILENT (\\Deleted)");
  const auto expunged = client.command("UID EXPUNGE 1:*");
  EXPECT_TRUE(expunged.starts_with("* 2 EXPUNGE\r\n* 2 EXPUNGE\r\nOK [MESSAGELIMIT 2 2] ")) << expunged;
  EXPECT_TRUE(client.command("UID EXPUNGE 1:*").starts_with("* 1 EXPUNGE\r\nOK Expunged"));
  EXPECT_TRUE(client.command("UID EXPUNGE 1:*").starts_with("OK Expunged"));
}

TEST_F(ImapMessages, OneCommandTouchesNoMoreThanTheLimit) {  // RFC 9738
  world.options.session.message_limit = 2;
  for (int i = 0; i < 4; ++i) world.deliver(world.alice, kMultipart);
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  const auto fetched = client.command("FETCH 1:4 UID");
  EXPECT_TRUE(fetched.starts_with("* 3 FETCH (UID 3)\r\n* 4 FETCH (UID 4)\r\nOK [MESSAGELIMIT 2 3] ")) << fetched;
  EXPECT_TRUE(client.command("SEARCH ALL").starts_with("* SEARCH 3 4\r\nOK [MESSAGELIMIT 2 3] "));
  EXPECT_TRUE(client.command("UID SEARCH UIDBEFORE 3").starts_with("* SEARCH 1 2\r\nOK Search done"));
  EXPECT_TRUE(client.command("UID SEARCH UID 1:3 UNSEEN").starts_with("* SEARCH 2 3\r\nOK [MESSAGELIMIT 2 2] "));
  EXPECT_TRUE(client.command("SORT (ARRIVAL) UTF-8 ALL").starts_with("* SORT 1 2 3 4\r\nOK Sort done"));
  const auto saved = client.command("SEARCH RETURN (SAVE COUNT) 1:4");
  EXPECT_TRUE(saved.contains(" COUNT 2\r\nOK [MESSAGELIMIT 2 3] ")) << saved;
  EXPECT_TRUE(client.command("FETCH $ UID").starts_with("* 3 FETCH (UID 3)\r\n* 4 FETCH (UID 4)\r\nOK Fetched"));
  EXPECT_TRUE(client.command("COPY 1:3 Archive").starts_with("NO [MESSAGELIMIT 2] "));  // all or nothing
  EXPECT_TRUE(client.command("COPY 1:2 Archive").starts_with("OK [COPYUID "));
  EXPECT_TRUE(client.command("STORE 1:4 +FLAGS.SILENT (\\Seen)").starts_with("OK [MESSAGELIMIT 2 3] "));
  const auto stored = client.command("STORE 1:4 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Deleted)");
  EXPECT_TRUE(stored.contains("* NO [MESSAGELIMIT 2 3] ")) << stored;
  EXPECT_TRUE(stored.contains("OK [MODIFIED 3:4] ")) << stored;
  const auto moved = client.command("MOVE 1:4 Archive");
  EXPECT_TRUE(moved.contains("* 3 EXPUNGE\r\n* 3 EXPUNGE\r\nOK [MESSAGELIMIT 2 3] ")) << moved;
}

}  // namespace
}  // namespace veredus::doors::imap
