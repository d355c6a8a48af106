#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/imap_world.h"

/// Lists of mailboxes so large that several sheets are under way at once.
namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

constexpr std::uint32_t kMessages = 7 * 1024 + 100;
constexpr std::uint32_t kAtOnce = 500;
constexpr std::string_view kList = "UID FETCH 1:* (ENVELOPE)";

class LongLists : public testing::Test {
 protected:
  void SetUp() override { fill(world); }
  static void fill(ImapWorld& world) {
    for (std::uint32_t done = 0; done < kMessages; done += kAtOnce) {
      std::vector<state::mailbox::NewMessage> some;
      for (auto i = done; i < std::min(kMessages, done + kAtOnce); ++i) {
        auto& message = some.emplace_back();
        message.mailbox = state::mailbox::kInbox;
        message.octets = "x";
        message.internal_date = world.clock.now();
        message.content.envelope = envelope(i + 1);
      }
      ASSERT_TRUE(world.run(world.mailboxes.append_all(world.alice, std::move(some), {})));
    }
  }
  static std::string envelope(std::uint32_t uid) { return "(NIL \"" + std::to_string(uid) + "\")"; }
  /// The lines of messages first..last, whose UIDs are those of a mailbox nothing went from.
  static std::string lines(std::uint32_t first, std::uint32_t last) {
    std::string all;
    for (auto i = first; i <= last; ++i) {
      const auto number = std::to_string(i);
      all.append("* ").append(number).append(" FETCH (UID ").append(number).append(" ENVELOPE ");
      all.append(envelope(i)).append(")\r\n");
    }
    return all;
  }

  ImapWorld world{{.commits_inline = false}};
};

TEST_F(LongLists, ComeInOrderWhicheverSheetIsReadFirst) {
  ImapClient client(world, "alice@demo.test");
  client.command("EXAMINE INBOX");
  for (int again = 0; again < 2; ++again) {
    const auto reply = client.command(kList);
    ASSERT_TRUE(reply.starts_with(lines(1, kMessages) + "OK ")) << reply.substr(0, 300);
  }
  EXPECT_TRUE(client.command("UID FETCH 1000:5000 (ENVELOPE)").starts_with(lines(1000, 5000) + "OK "));
}

TEST_F(LongLists, EndWhereTheStoreFails) {
  int refused = 0;
  for (std::uint64_t failing = 1; failing <= 22; failing += 3) {
    SCOPED_TRACE(failing);
    ImapWorld fresh{{.commits_inline = false}};  // nothing of it is in memory
    fill(fresh);
    ImapClient client(fresh, "alice@demo.test");
    client.command("EXAMINE INBOX");
    fresh.engine.plan_faults({.fail_at = fresh.engine.operations() + failing});
    const auto reply = client.command(kList);
    fresh.engine.plan_faults({});
    const auto end = reply.rfind("\r\n", reply.size() - 3);
    const auto told = end == std::string::npos ? std::string() : reply.substr(0, end + 2);
    EXPECT_EQ(told, lines(1, kMessages).substr(0, told.size())) << "what came before was in order";
    refused += reply.substr(told.size()).starts_with("NO ") ? 1 : 0;
    EXPECT_TRUE(client.command("NOOP").starts_with("OK "));
    EXPECT_TRUE(client.command(kList).starts_with(lines(1, kMessages) + "OK "));
  }
  EXPECT_GE(refused, 5);
}

TEST_F(LongLists, EndWhenTheClientGoes) {
  ImapClient client(world, "alice@demo.test");
  client.command("EXAMINE INBOX");
  client.peer().say("a " + std::string(kList) + "\r\n");
  for (int steps = 0; steps < 40; ++steps) world.reactor.context().poll_one();
  client.peer().hang_up();
  world.settle();  // ~ImapClient sees that the session ended
}

}  // namespace
}  // namespace veredus::doors::imap
