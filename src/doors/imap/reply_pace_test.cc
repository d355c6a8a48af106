#include "doors/imap/reply_pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/imap_turns.h"
#include "support/imap_world.h"

/// How long a FETCH or CATENATE goes on in one go, and how much of its replies waits for the client.
namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

constexpr std::size_t kWaiting = 64UL * 1024;  // of replies, before the client is waited for
constexpr std::size_t kSome = 3;               // turns, in what takes several times as long as one may

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

class FetchesOfMuch : public testing::Test {
 protected:
  /// Message 1 and copies of it.
  void fill(const std::string& message, int copies) {
    client.command("SELECT INBOX");
    client.command("APPEND INBOX {" + std::to_string(message.size()) + "+}\r\n" + message);
    for (int i = 0; i < copies; ++i) client.command("COPY 1 INBOX");
    client.command("NOOP");
  }
  test::ImapAnswer answer(const std::string& command) {
    client.peer().most_offered = 0;
    return answer_among_others(world, client, command);
  }

  ImapWorld world;
  ImapClient client{world, "alice@demo.test"};
};

TEST_F(FetchesOfMuch, LetOthersHaveTheirTurnWhileAPartIsDecoded) {
  constexpr std::size_t kLines = 20'000;
  const std::string line = std::string(76, 'A') + "\r\n";
  fill("Content-Transfer-Encoding: base64\r\n\r\n" + repeated(line, kLines), 9);
  const auto expected = answer("UID FETCH 1 FLAGS").turns + kSome;
  const auto sizes = answer("FETCH 1:10 BINARY.SIZE[1]");
  EXPECT_TRUE(sizes.reply.contains("* 10 FETCH (BINARY.SIZE[1] " + std::to_string(kLines * 57) + ")\r\n"));
  EXPECT_GE(sizes.turns, expected);
  EXPECT_GE(answer("FETCH 1:10 BINARY.PEEK[1]<0.1>").turns, expected);
  std::string items;
  for (int i = 0; i < 10; ++i) items += " BINARY.PEEK[1]<" + std::to_string(i) + ".1>";
  EXPECT_GE(answer("FETCH 1 (" + items.substr(1) + ")").turns, expected);
}

TEST_F(FetchesOfMuch, LetOthersHaveTheirTurnWhileAHeaderIsFiltered) {
  const std::string header = repeated("f:\r\n", 200'000) + "X-a: 1\r\n\r\n";
  fill(header, 4);
  std::string names;
  for (int i = 0; i < 5'000; ++i) names += " g" + std::to_string(i);
  const auto expected = answer("UID FETCH 1 FLAGS").turns + kSome;
  const auto some = answer("FETCH 1:5 BODY.PEEK[HEADER.FIELDS (X-a)]");
  EXPECT_TRUE(some.reply.contains(" {10}\r\nX-a: 1\r\n\r\n)\r\nz OK ")) << some.reply.size();
  EXPECT_GE(some.turns, expected);
  EXPECT_GE(answer("FETCH 1:5 BODY.PEEK[HEADER.FIELDS (" + names.substr(1) + ")]").turns, expected);
}

TEST_F(FetchesOfMuch, LetOthersHaveTheirTurnWhileCatenateFiltersAHeader) {
  fill(repeated("f:\r\n", 200'000) + "X-a: 1\r\n\r\nx\r\n", 0);
  const auto catenated = [this](const std::string& section) {
    const auto url = " URL \"/INBOX/;UID=1/;SECTION=" + section + '"';
    const auto answered = answer("APPEND INBOX CATENATE (" + repeated(url, 5).substr(1) + ")");
    EXPECT_TRUE(answered.reply.contains("\r\nz OK [APPENDUID ")) << answered.reply;
    return answered.turns;
  };
  EXPECT_GE(catenated("HEADER.FIELDS%20(X-a)"), catenated("TEXT") + kSome);
}

TEST_F(FetchesOfMuch, LetOthersHaveTheirTurnWhileRowsAreListed) {
  fill("Subject: x\r\n\r\nx\r\n", 0);
  for (int i = 0; i < 15; ++i) client.command("COPY 1:* INBOX");
  client.command("UID FETCH 1 FLAGS");  // which catches up
  const auto expected = answer("UID FETCH 1 FLAGS").turns + 1;
  EXPECT_GE(answer("UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE MODSEQ SAVEDATE EMAILID)").turns, expected);
}

TEST_F(FetchesOfMuch, HoldLittleOfItemsThatAreRepeated) {
  const std::string message = "X-long: " + std::string(100'000, 'x') + "\r\n\r\n" + std::string(50'000, 'y');
  fill(message, 0);
  for (const std::string item :
       {"BODY.PEEK[HEADER.FIELDS.NOT (a)]", "BODY.PEEK[]", "BODY.PEEK[HEADER.FIELDS (X-long)]"}) {
    SCOPED_TRACE(item);
    std::string items;
    for (int i = 0; i < 100; ++i) items += " " + item + "<" + std::to_string(i) + ".9999999>";
    const auto all = answer("FETCH 1 (" + items.substr(1) + ")");
    EXPECT_GE(all.reply.size(), 100 * 99'000u);
    EXPECT_LE(client.peer().most_offered, kWaiting + 2 * message.size());
  }
}

TEST_F(FetchesOfMuch, HoldLittleOfListsWithLongLines) {
  constexpr std::uint32_t kMessages = 40;
  const std::string subject(200'000, 's');
  for (std::uint32_t i = 0; i < kMessages; ++i) world.deliver(world.alice, "Subject: " + subject + "\r\n\r\nx\r\n");
  client.command("SELECT INBOX");
  for (int again = 0; again < 2; ++again) {
    const auto all = answer("FETCH 1:* ENVELOPE");
    EXPECT_GE(all.reply.size(), kMessages * subject.size());
    EXPECT_TRUE(all.reply.contains("* 40 FETCH (ENVELOPE (NIL "));
    EXPECT_LE(client.peer().most_offered, kWaiting + 2 * subject.size());
  }
}

TEST_F(FetchesOfMuch, WaitForAClientThatTakesNothing) {
  fill("Subject: x\r\n\r\n" + std::string(50'000, 'y'), 9);
  client.peer().takes = false;
  client.peer().most_offered = 0;
  client.peer().say("z FETCH 1:* BODY.PEEK[]\r\n");
  world.settle();
  EXPECT_GT(client.peer().most_offered, kWaiting);
  EXPECT_LE(client.peer().most_offered, 2 * kWaiting);
  client.peer().takes = true;
  client.peer().timer.cancel();
  EXPECT_TRUE(client.finish("z").contains("* 10 FETCH (BODY[] "));
}

TEST_F(FetchesOfMuch, HoldLittleOfAnnotations) {
  constexpr int kMany = 30;
  const std::string value(60'000, 'v');
  for (int i = 0; i < kMany; ++i)
    client.command("SETMETADATA INBOX (/private/a/" + std::to_string(i) + " {60000+}\r\n" + value + ")");
  const auto all = answer("GETMETADATA (DEPTH infinity) INBOX (/private/a /private/a /private)");
  for (int i = 0; i < kMany; ++i)
    EXPECT_TRUE(all.reply.contains("/private/a/" + std::to_string(i) + " {60000}\r\n" + value)) << i;
  EXPECT_LT(all.reply.size(), kMany * (value.size() + 100)) << "each once";
  EXPECT_LE(client.peer().most_offered, kWaiting + 2 * value.size());
}

}  // namespace
}  // namespace veredus::doors::imap
