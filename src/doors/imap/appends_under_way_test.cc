#include "doors/imap/appends_under_way.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/imap_door.h"

/// APPENDs that a client sends without waiting for answers.
namespace veredus::doors::imap {
namespace {

using state::mailbox::kInbox;

std::string append(const std::string& tag, const std::string& mailbox = "INBOX") {
  const std::string message = "Subject: " + tag + "\r\n\r\n\r\n";
  return tag + " APPEND " + mailbox + " {" + std::to_string(message.size()) + "+}\r\n" + message + "\r\n";
}

/// Where each of `parts` begins in `text`, one after the other; a test that does not find one fails.
void expect_in_order(const std::string& text, const std::vector<std::string>& parts) {
  std::size_t at = 0;
  for (const auto& part : parts) {
    const auto found = text.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " after " << at << " in\n" << text;
    at = found + part.size();
  }
}

class PipelinedAppends : public test::ImapDoorTest {
 protected:
  PipelinedAppends() : ImapDoorTest({.commits_inline = false}) {}  // each commit takes a while
  std::uint32_t messages() { return run(mailboxes.status(alice, kInbox)).value().counts.messages; }
  std::uint64_t version() { return run(mailboxes.highest_modseq(alice)).value().value; }
};

TEST_F(PipelinedAppends, AreAnsweredInTheirOrder) {
  const auto before = version();
  std::string input;
  std::vector<std::string> answers;
  for (int i = 1; i <= 20; ++i) {
    input += append("a" + std::to_string(i));
    answers.push_back("a" + std::to_string(i) + " OK [APPENDUID ");
    answers.push_back(" " + std::to_string(i) + "] ");
  }
  expect_in_order(say_as("alice", input), answers);
  EXPECT_EQ(messages(), 20);
  EXPECT_LT(version(), before + 20) << "some were written together";
}

TEST_F(PipelinedAppends, AreAllThereForTheNextCommand) {
  const auto said = say_as("alice", append("a") + append("b") + "c STATUS INBOX (MESSAGES)\r\n" + append("d") +
                                        "e SELECT INBOX\r\n" + append("f") + append("g") + "h NOOP\r\n");
  expect_in_order(
      said, {"a OK ", "b OK ", "(MESSAGES 2)", "c OK ", "d OK ", "* 3 EXISTS", "e OK ", "f OK ", "g OK ", "h OK "});
  EXPECT_TRUE(said.contains("* 5 EXISTS"));
}

TEST_F(PipelinedAppends, AreAnsweredThoughTheyThemselvesAreNews) {  // RFC 5465
  std::string input = "n NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge))\r\n";
  std::vector<std::string> answers{"n OK "};
  for (int i = 1; i <= 30; ++i) {
    input += append("a" + std::to_string(i));
    answers.push_back("a" + std::to_string(i) + " OK ");
  }
  expect_in_order(say_as("alice", "s SELECT Trash\r\n" + input), answers);
}

TEST_F(PipelinedAppends, MayFailOneByOne) {
  const auto said = say_as("alice", append("a") + append("b", "Nowhere") + append("c") + "d APPEND INBOX {0+}\r\n\r\n" +
                                        append("e") + "f BOGUS\r\n" + append("g"));
  expect_in_order(said, {"a OK ", "b NO [TRYCREATE] ", "c OK ", "d NO ", "e OK ", "f BAD ", "g OK "});
  EXPECT_EQ(messages(), 4);
}

TEST_F(PipelinedAppends, AreAnsweredBeforeTheServerWaits) {
  const auto said = say_as("alice", append("a") + append("b") + "c APPEND INBOX {14}\r\n");
  expect_in_order(said, {"a OK ", "b OK ", "+ OK"});
}

TEST_F(PipelinedAppends, AreStoredThoughTheClientIsGone) {
  std::string input;
  for (int i = 1; i <= 5; ++i) input += append("a" + std::to_string(i));
  say_as("alice", input + "b APPEND INBOX {1000+}\r\nSubject: broken off");
  EXPECT_EQ(messages(), 5);
}

TEST_F(PipelinedAppends, WaitWhenTooManyAreUnderWay) {
  std::string input;
  for (int i = 1; i <= 200; ++i) input += append("a" + std::to_string(i));
  const auto said = say_as("alice", input);
  expect_in_order(said, {"a1 OK ", "a64 OK ", "a65 OK ", "a200 OK "});
  EXPECT_EQ(messages(), 200);
}

TEST_F(PipelinedAppends, NeedALogin) {
  const auto said = say(append("a"));
  EXPECT_TRUE(said.contains("a BAD ") || said.contains("a NO ")) << said;
}

}  // namespace
}  // namespace veredus::doors::imap
