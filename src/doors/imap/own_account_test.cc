#include "doors/imap/own_account.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/imap_world.h"

/// Sessions of an account that is deleted or disabled.
namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

constexpr std::string_view kBye = "* BYE The account is gone\r\n";
constexpr std::string_view kShared = "Shared/alice@demo.test/Plans";
constexpr std::string_view kOpen = "Shared/alice@demo.test/Open";

/// Alice shares Plans, with a message in it, with bob, and Open with everybody.
struct SharedPlans {
  SharedPlans() {
    owner.command("CREATE Plans");
    owner.command("CREATE Open");
    owner.command("SETACL Open anyone lr");
    share();
    append();
  }
  void share() { owner.command("SETACL Plans bob@demo.test lrswitek"); }
  void append() { owner.command("APPEND Plans {5+}\r\nA: b\n"); }
  void delete_bob() {
    EXPECT_TRUE(world.run(world.directory->delete_account(world.bob)));
    EXPECT_TRUE(world.run(world.mailboxes.erase_account(world.bob)));
  }
  void expect_no_traces(std::string_view messages) {
    EXPECT_EQ(world.run(world.mailboxes.accounts(AccountId(), 10)).value(), std::vector<AccountId>{world.alice});
    EXPECT_FALSE(owner.command("GETACL Plans").contains("bob"));
    EXPECT_TRUE(owner.command("STATUS Plans (MESSAGES)").contains(messages));
  }

  ImapWorld world;
  ImapClient owner{world, "alice@demo.test"};
};

class DeletedAccount : public testing::Test, protected SharedPlans {};

TEST(DeletedAccountSessions, EndAtTheNextCommand) {
  const std::string shared(kShared);
  const std::vector<std::string> commands{"NOOP",
                                          "LIST \"\" *",
                                          "FETCH 1 BODY[]",
                                          "STORE 1 +FLAGS (\\Deleted)",
                                          "SELECT " + shared,
                                          "CREATE mine",
                                          "CREATE " + shared + "/more",
                                          "APPEND INBOX {5}",
                                          "APPEND INBOX {5+}\r\nA: b\n",
                                          "APPEND " + shared + " {5+}\r\nA: b\n",
                                          "REPLACE 1 INBOX {5+}\r\nA: b\n",
                                          "IDLE"};
  for (const auto& command : commands) {
    SCOPED_TRACE(command);
    SharedPlans plans;
    ImapClient client(plans.world, "bob@demo.test");
    client.command("SELECT " + shared);
    plans.delete_bob();
    EXPECT_EQ(client.command(command), kBye);
    EXPECT_TRUE(client.closed());
    plans.expect_no_traces("(MESSAGES 1)");
  }
}

TEST_F(DeletedAccount, EndsSessionsThatWait) {
  struct Case {
    std::string_view mailbox, command;
  };
  const Case cases[] = {
      {"", "i IDLE\r\n"},
      {"INBOX", "i IDLE\r\n"},
      {kShared, "i IDLE\r\n"},
      {kOpen, "i IDLE\r\n"},
      {"", "n NOTIFY SET (personal (MessageNew MessageExpunge))\r\n"},
      {"INBOX", "n NOTIFY SET (personal (MessageNew MessageExpunge))\r\n"},
      {kShared,
       "n NOTIFY SET (selected (MessageNew MessageExpunge)) (subtree Shared (MessageNew MessageExpunge))\r\n"}};
  std::vector<std::unique_ptr<ImapClient>> clients;
  for (const auto& [mailbox, command] : cases) {
    clients.push_back(std::make_unique<ImapClient>(world, "bob@demo.test"));
    if (!mailbox.empty()) EXPECT_TRUE(clients.back()->command("SELECT " + std::string(mailbox)).contains("OK "));
    EXPECT_FALSE(clients.back()->say(command).contains("BAD"));
  }
  delete_bob();
  append();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(clients[i]->receive(), kBye);
    EXPECT_TRUE(clients[i]->closed());
  }
  expect_no_traces("(MESSAGES 2)");
}

TEST_F(DeletedAccount, EndsSessionsWhoseMessageComes) {
  for (const std::string& target : {std::string("INBOX"), std::string(kShared)}) {
    SCOPED_TRACE(target);
    ImapClient client(world, "bob@demo.test");
    ImapClient idle(world, "bob@demo.test");
    EXPECT_TRUE(client.say("a APPEND " + target + " {5}\r\n").starts_with("+ "));
    idle.say("i IDLE\r\n");
    delete_bob();
    EXPECT_EQ(client.say("A: b\n\r\n"), kBye);
    EXPECT_EQ(idle.say("DONE\r\n"), kBye);
    world.bob = world.add_account("bob@demo.test");
    share();
  }
  delete_bob();
  expect_no_traces("(MESSAGES 1)");
}

TEST_F(DeletedAccount, HasNoRoomForWhatOthersBring) {
  ImapClient client(world, "bob@demo.test");
  EXPECT_TRUE(client.say("a APPEND " + std::string(kShared) + " {5}\r\n").starts_with("+ "));
  EXPECT_TRUE(world.run(world.directory->delete_account(world.alice)));
  client.peer().say("A: b\n\r\n");
  EXPECT_TRUE(client.finish("a").starts_with("NO [TRYCREATE] "));
  EXPECT_EQ(world.run(world.mailboxes.usage(world.alice)).value().messages, 1U);
}

TEST_F(DeletedAccount, IsTakenLeaveOfOnceThoughItsMailboxWentBefore) {
  ImapClient client(world, "bob@demo.test");
  client.command("SELECT " + std::string(kShared));
  client.say("i IDLE\r\n");
  client.peer().takes = false;
  owner.command("DELETE Plans");
  delete_bob();
  client.peer().takes = true;
  client.peer().timer.cancel();
  EXPECT_EQ(client.receive(), "* BYE The selected mailbox was deleted\r\n");
  EXPECT_TRUE(client.closed());
}

class DisabledAccount : public testing::Test {
 protected:
  void disable_bob() {
    state::directory::AccountChange change;
    change.disabled = true;
    EXPECT_TRUE(world.run(world.directory->change_account(world.bob, std::move(change))));
  }

  ImapWorld world;
  static constexpr std::string_view kGoodbye = "* BYE The account is disabled\r\n";
};

TEST_F(DisabledAccount, EndsSessionsAtTheNextCommand) {
  for (const std::string_view command : {"NOOP", "APPEND INBOX {5}", "IDLE", "LOGOUT"}) {
    SCOPED_TRACE(command);
    ImapWorld fresh;
    ImapClient client(fresh, "bob@demo.test");
    state::directory::AccountChange change;
    change.disabled = true;
    EXPECT_TRUE(fresh.run(fresh.directory->change_account(fresh.bob, std::move(change))));
    EXPECT_EQ(client.command(command), kGoodbye);
    EXPECT_TRUE(client.closed());
  }
}

TEST_F(DisabledAccount, IsToldNothingMoreInIdle) {
  world.options.timeouts.sign_of_life = std::chrono::seconds(-1);  // due when the deadlines are looked at next
  ImapClient waits(world, "bob@demo.test");
  ImapClient selected(world, "bob@demo.test");
  selected.command("SELECT INBOX");
  for (auto* client : {&waits, &selected}) EXPECT_TRUE(client->say("i IDLE\r\n").starts_with("+ idling"));
  disable_bob();
  world.deliver(world.bob, "A: b\r\n");
  EXPECT_EQ(selected.receive(), kGoodbye);
  EXPECT_EQ(waits.receive(), "") << "nothing happened in what it waits for";
  world.reactor.deadlines().look();
  EXPECT_TRUE(waits.receive().ends_with(kGoodbye));
  EXPECT_TRUE(waits.closed());
  EXPECT_EQ(world.run(world.mailboxes.usage(world.bob)).value().messages, 1U) << "its mail stays";
}

}  // namespace
}  // namespace veredus::doors::imap
