#include <gtest/gtest.h>

#include <string>

#include "support/imap_turns.h"
#include "support/imap_world.h"

/// LIST and its like over many long names.
namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

class ManyNames : public testing::Test {
 protected:
  static constexpr int kNames = 600;
  static constexpr std::size_t kOctets = 400;
  static constexpr std::size_t kSome = 3;  // turns, in what takes several times as long as one may

  void SetUp() override {
    for (int i = 0; i < kNames; ++i) {
      const auto name = std::string(kOctets, 'a') + std::to_string(i);
      ASSERT_TRUE(world.run(world.mailboxes.create(world.alice, name, state::mailbox::SpecialUse::kNone)));
      ASSERT_TRUE(world.run(world.mailboxes.subscribe(world.alice, name)));
    }
  }
  /// Turns others have until the command is answered.
  std::size_t turns(const std::string& command) {
    const auto answer = answer_among_others(world, client, command);
    EXPECT_TRUE(answer.reply.rfind("z OK ") != std::string::npos);
    return answer.turns;
  }
  static std::string pattern() { return "*a%" + std::string(kOctets / 2, 'a') + "b"; }

  ImapWorld world;
  ImapClient client{world, "alice@demo.test"};
};

TEST_F(ManyNames, LetOthersHaveTheirTurnWhileTheyAreTriedAgainstPatterns) {
  std::string patterns;
  for (int i = 0; i < 20; ++i) patterns.append(i == 0 ? "" : " ").append(pattern());
  const auto expected = 2 * turns("LIST \"\" none") + kSome;
  EXPECT_GE(turns("LIST \"\" (" + patterns + ")"), expected);
  EXPECT_GE(turns("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (" + patterns + ")"), expected);
}

TEST_F(ManyNames, LetOthersHaveTheirTurnWhileTheyAreListed) {
  const auto expected = turns("NOOP") + kSome;
  EXPECT_GE(turns("LSUB \"\" *"), expected);
  EXPECT_GE(turns("LIST \"\" * RETURN (STATUS (MESSAGES UNSEEN RECENT DELETED-STORAGE))"), expected);
}

}  // namespace
}  // namespace veredus::doors::imap
