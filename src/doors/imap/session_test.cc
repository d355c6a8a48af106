#include <gtest/gtest.h>

#include <string>

#include "base/codec/base64.h"
#include "doors/imap/deflate.h"
#include "support/imap_world.h"

namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

class ImapSession : public testing::Test {
 protected:
  ImapWorld world;
};

TEST_F(ImapSession, GreetsWithWhatCanBeDoneAndRev2Last) {
  ImapClient client(world);
  EXPECT_TRUE(client.greeting.starts_with("* OK [CAPABILITY IMAP4rev1 LITERAL+ ")) << client.greeting;
  EXPECT_TRUE(client.greeting.contains(" IMAP4rev2] mail.demo.test ready\r\n")) << client.greeting;
  EXPECT_TRUE(client.greeting.contains(" AUTH=PLAIN")) << client.greeting;
  const auto reply = client.command("CAPABILITY");
  EXPECT_TRUE(reply.starts_with("* CAPABILITY IMAP4rev1 ")) << reply;
  EXPECT_TRUE(reply.contains(" IMAP4rev2\r\nOK ")) << reply;
}

TEST_F(ImapSession, TakesNoPasswordWithoutTlsFromAfar) {
  world.options.session.plain_auth = PlainAuth::kNever;
  ImapClient client(world);
  EXPECT_TRUE(client.greeting.contains(" LOGINDISABLED")) << client.greeting;
  EXPECT_FALSE(client.greeting.contains("AUTH=")) << client.greeting;
  EXPECT_TRUE(client.command("LOGIN alice@demo.test \"correct horse\"").starts_with("NO [PRIVACYREQUIRED] "));
  EXPECT_TRUE(client.command("AUTHENTICATE PLAIN").starts_with("NO [PRIVACYREQUIRED] "));
}

TEST_F(ImapSession, LogsInWithNameAndPassword) {
  ImapClient client(world);
  EXPECT_TRUE(client.command("LOGIN alice@demo.test wrong").starts_with("NO [AUTHENTICATIONFAILED] "));
  const auto reply = client.command("LOGIN alice@demo.test \"correct horse\"");
  EXPECT_TRUE(reply.starts_with("OK [CAPABILITY IMAP4rev1 ")) << reply;
  EXPECT_TRUE(reply.contains(" UIDPLUS ")) << reply;
  EXPECT_TRUE(client.command("LOGIN alice@demo.test \"correct horse\"").starts_with("BAD "));
}

TEST_F(ImapSession, LogsInBySaslWithAndWithoutInitialResponse) {
  const auto plain = base::codec::base64_encode(std::string_view("\0alice@demo.test\0correct horse", 30));
  {
    ImapClient client(world);
    EXPECT_TRUE(client.command("AUTHENTICATE PLAIN " + plain).starts_with("OK [CAPABILITY "));
  }
  ImapClient client(world);
  EXPECT_EQ(client.say("a AUTHENTICATE PLAIN\r\n"), "+ \r\n");
  client.peer().say(plain + "\r\n");
  EXPECT_TRUE(client.finish("a").starts_with("OK [CAPABILITY "));
  ImapClient cancelling(world);
  EXPECT_EQ(cancelling.say("a AUTHENTICATE PLAIN\r\n"), "+ \r\n");
  cancelling.peer().say("*\r\n");
  EXPECT_TRUE(cancelling.finish("a").starts_with("BAD "));
}

TEST_F(ImapSession, EndsAfterTooManyFailedLogins) {
  ImapClient client(world);
  client.command("LOGIN alice@demo.test wrong");
  client.command("LOGIN alice@demo.test wrong");
  const auto reply = client.command("LOGIN alice@demo.test wrong");
  EXPECT_TRUE(reply.contains("* BYE ")) << reply;
  EXPECT_TRUE(client.closed());
}

TEST_F(ImapSession, RefusesWhatThisStateDoesNotAllow) {
  ImapClient client(world);
  EXPECT_TRUE(client.command("SELECT INBOX").starts_with("BAD "));
  EXPECT_TRUE(client.command("FETCH 1 FLAGS").starts_with("BAD "));
  client.command("LOGIN alice@demo.test \"correct horse\"");
  EXPECT_TRUE(client.command("FETCH 1 FLAGS").starts_with("BAD "));
  EXPECT_TRUE(client.command("STARTTLS").starts_with("BAD "));
  EXPECT_TRUE(client.command("NOSUCHTHING").starts_with("BAD "));
}

TEST_F(ImapSession, AnswersIdAndEnable) {
  ImapClient client(world, "alice@demo.test");
  EXPECT_EQ(client.command("ID NIL").substr(0, 22), "* ID (\"name\" \"Veredus\"");
  EXPECT_TRUE(client.command("ID (\"name\" \"x\" \"version\" NIL)").contains("\r\nOK "));
  EXPECT_TRUE(client.command("ENABLE NOSUCH CONDSTORE").starts_with("* ENABLED CONDSTORE\r\nOK "));
  EXPECT_TRUE(client.command("ENABLE CONDSTORE").starts_with("* ENABLED\r\nOK "));
  EXPECT_TRUE(client.command("ENABLE QRESYNC IMAP4rev2").starts_with("* ENABLED QRESYNC IMAP4rev2\r\nOK "));
  ImapClient both(world, "alice@demo.test");
  EXPECT_TRUE(both.command("ENABLE QRESYNC CONDSTORE CONDSTORE").starts_with("* ENABLED QRESYNC CONDSTORE\r\nOK "));
}

TEST_F(ImapSession, SaysGoodbye) {
  ImapClient client(world, "alice@demo.test");
  const auto reply = client.command("LOGOUT");
  EXPECT_TRUE(reply.starts_with("* BYE ")) << reply;
  EXPECT_TRUE(reply.contains("\r\nOK ")) << reply;
  EXPECT_TRUE(client.closed());
}

TEST_F(ImapSession, GivesTheAccountUpAgain) {
  ImapClient client(world, "alice@demo.test");
  client.command("SELECT INBOX");
  EXPECT_TRUE(client.command("UNAUTHENTICATE").starts_with("OK "));
  EXPECT_TRUE(client.command("SELECT INBOX").starts_with("BAD "));
  EXPECT_TRUE(client.command("LOGIN bob@demo.test \"correct horse\"").starts_with("OK "));
}

TEST_F(ImapSession, BoundsTheSessionsOfAnAccount) {
  world.account_sessions.change({.sessions = 1});
  ImapClient first(world, "alice@demo.test");
  ImapClient second(world);
  EXPECT_TRUE(second.command("LOGIN alice@demo.test \"correct horse\"").starts_with("NO [LIMIT] "));
  EXPECT_TRUE(second.command("LOGIN bob@demo.test \"correct horse\"").starts_with("OK "));
}

TEST_F(ImapSession, EndsAfterTooManyErrorsWithAReason) {
  world.options.session.max_errors = 3;
  ImapClient client(world, "alice@demo.test");
  client.command("NOSUCH");
  client.command("NOSUCH");
  EXPECT_TRUE(client.command("NOSUCH").contains("BAD "));
  EXPECT_TRUE(client.closed());
}

TEST_F(ImapSession, CountsTheErrorsInARowOfWhoHasLoggedIn) {
  world.options.session.max_errors = 3;
  ImapClient client(world, "alice@demo.test");
  for (int i = 0; i < 5; ++i) {
    client.command("NOSUCH");
    client.command("NOSUCH");
    EXPECT_TRUE(client.command("NOOP").starts_with("OK "));
  }
  ImapClient stranger(world);
  stranger.command("NOSUCH");
  stranger.command("NOSUCH");
  stranger.command("NOOP");
  stranger.command("NOSUCH");
  EXPECT_TRUE(stranger.closed());
}

TEST_F(ImapSession, TakesPipelinedCommandsInOrder) {
  ImapClient client(world, "alice@demo.test");
  const auto replies = client.say("a NOOP\r\nb SELECT INBOX\r\nc NOOP\r\n");
  const auto a = replies.find("a OK");
  const auto b = replies.find("b OK");
  const auto c = replies.find("c OK");
  EXPECT_LT(a, b);
  EXPECT_LT(b, c);
  EXPECT_NE(c, std::string::npos) << replies;
}

TEST_F(ImapSession, BoundsALineBeforeTheLogin) {
  ImapClient client(world);
  const auto reply = client.say("a LOGIN " + std::string(20'000, 'x') + " y\r\n");
  EXPECT_TRUE(reply.contains(" BAD ")) << reply;
  EXPECT_TRUE(client.command("NOOP").starts_with("OK "));
}

TEST_F(ImapSession, TakesNoLiteralBehindATooLongLineForCommands) {  // RFC 7888 s4
  ImapClient stranger(world);
  const auto before =
      stranger.say("a LOGIN \"" + std::string(20'000, 'x') + "\" {14+}\r\nb CAPABILITY\r\n\r\nc NOOP\r\n");
  EXPECT_TRUE(before.contains("a BAD ") && !before.contains("b OK") && before.contains("c OK")) << before;
  ImapClient client(world, "alice@demo.test");
  const std::string filling(80'000, 'x');
  for (const std::string& command :
       {"a SEARCH SUBJECT " + filling, "a SEARCH SUBJECT {4+}\r\nabcd FROM " + filling,
        "a APPEND INBOX {5+}\r\nhello (" + filling + ")", "a APPEND nowhere {5+}\r\nhello (" + filling + ")"}) {
    const auto replies = client.say(command + " {17+}\r\nb CREATE pwned\r\n\r\n OR {3+}\r\nabc\r\nc NOOP\r\n");
    EXPECT_TRUE(!replies.contains("b OK") && replies.contains("c OK")) << command.substr(0, 40) << replies;
    EXPECT_TRUE(replies.contains("a BAD ") || replies.contains("a NO ")) << replies;
  }
  const auto waits = client.say("a SEARCH SUBJECT " + filling + " {4}\r\nb NOOP\r\n");
  EXPECT_TRUE(waits.contains("a BAD ") && waits.contains("b OK")) << waits;
  client.say("a SEARCH SUBJECT " + filling + " {99999999999+}\r\n");
  EXPECT_TRUE(client.closed());
}

TEST_F(ImapSession, CompressesAfterItSaidSo) {
  ImapClient client(world, "alice@demo.test");
  EXPECT_TRUE(client.command("COMPRESS DEFLATE").starts_with("OK "));
  EXPECT_FALSE(client.command("COMPRESS LZ").contains("OK"));  // what is no DEFLATE ends the session
}

TEST_F(ImapSession, AnswersWhatIsPipelinedBehindTheEndOfCompression) {  // RFC 8437 s4.1
  const auto compressed = [](std::string_view text) { return Deflater().compress(text); };
  const auto ended = [](std::string_view text) { return Deflater().finish(text); };
  const struct {
    std::string said;
    bool answers_behind;
  } cases[] = {
      {compressed("u UNAUTHENTICATE\r\nn NOOP\r\n"), true},
      {ended("u UNAUTHENTICATE\r\n") + "n NOOP\r\n", true},
      {ended("u UNAUTHENTICATE\r\nm NOOP\r\n") + "n NOOP\r\n", true},
      {compressed("u UNAUTHENTICATE\r\n") + "n NOOP\r\n", false},  // no DEFLATE, within a stream that goes on
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(&one - cases);
    ImapClient client(world, "alice@demo.test");
    EXPECT_TRUE(client.command("COMPRESS DEFLATE").starts_with("OK "));
    const auto answer = client.say(one.said);
    Inflater inflater;
    std::string_view plain = answer;
    std::string first;
    while (!plain.empty() && !inflater.ended()) {
      const auto piece = inflater.inflate(plain);
      ASSERT_TRUE(piece);
      first += *piece;
    }
    EXPECT_TRUE(first.contains("u OK ")) << first;
    EXPECT_EQ(plain.contains("n OK "), one.answers_behind) << plain;
    if (one.answers_behind) EXPECT_TRUE(client.command("NOOP").starts_with("OK "));
  }
}

}  // namespace
}  // namespace veredus::doors::imap
