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

TEST_F(DeletedAccount, EndsSessionsThatWaitBeforeItsMailboxesAreErased) {
  ImapClient client(world, "bob@demo.test");
  client.say("i IDLE\r\n");
  EXPECT_TRUE(world.run(world.directory->delete_account(world.bob)));
  EXPECT_EQ(client.receive(), kBye);
  EXPECT_TRUE(client.closed());
}

TEST_F(DeletedAccount, TakesItsAnnotationsOfOthersMailboxesAlong) {  // RFC 5464 s3.3: /private is the reader's alone
  {
    ImapClient client(world, "bob@demo.test");
    for (const auto mailbox : {kOpen, kShared})
      EXPECT_TRUE(
          client.command("SETMETADATA " + std::string(mailbox) + " (/private/comment \"mine\")").starts_with("OK "));
  }
  owner.command("SETMETADATA Open (/private/comment \"alice's\" /shared/comment \"ours\")");
  const auto before = world.bob;
  const auto kept = [&](AccountId reader) {
    std::size_t found = 0;
    for (const auto& mailbox : world.run(world.mailboxes.list(world.alice)).value())
      found += world
                   .run(world.mailboxes.annotations(world.alice, {mailbox.id, reader}, "",
                                                    state::mailbox::AnnotationDepth::kAllBelow))
                   .value()
                   .size();
    return found;
  };
  EXPECT_EQ(kept(before), 2U);
  delete_bob();
  EXPECT_EQ(kept(before), 0U);
  EXPECT_EQ(kept(world.alice), 1U);
  world.bob = world.add_account("bob@demo.test");
  ImapClient again(world, "bob@demo.test");
  const auto told = again.command("GETMETADATA " + std::string(kOpen) + " (/private/comment /shared/comment)");
  EXPECT_TRUE(told.contains("/shared/comment \"ours\"") || told.contains("ours")) << told;
  EXPECT_FALSE(told.contains("mine") || told.contains("alice's")) << told;
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

TEST_F(DisabledAccount, EndsSessionsThatWaitAtOnce) {
  ImapClient waits(world, "bob@demo.test");
  ImapClient selected(world, "bob@demo.test");
  ImapClient notified(world, "bob@demo.test");
  ImapClient others(world, "alice@demo.test");
  selected.command("SELECT INBOX");
  for (auto* client : {&waits, &selected, &others}) EXPECT_TRUE(client->say("i IDLE\r\n").starts_with("+ idling"));
  notified.command("NOTIFY SET (personal (MessageNew MessageExpunge))");
  disable_bob();
  for (auto* client : {&waits, &selected, &notified}) {
    EXPECT_EQ(client->receive(), kGoodbye);
    EXPECT_TRUE(client->closed());
  }
  EXPECT_EQ(others.receive(), "");
}

TEST_F(DisabledAccount, IsToldNothingMoreThoughItWasNotWaitingJustThen) {
  ImapClient client(world, "bob@demo.test");
  client.command("SELECT INBOX");
  client.peer().takes = false;
  client.peer().say("i IDLE\r\n");
  EXPECT_EQ(client.receive(), "");
  disable_bob();
  world.deliver(world.bob, "A: b\r\n");
  client.peer().takes = true;
  client.peer().timer.cancel();
  EXPECT_TRUE(client.receive().ends_with(std::string("idling\r\n") + std::string(kGoodbye)));
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(world.run(world.mailboxes.usage(world.bob)).value().messages, 1U) << "its mail stays";
}

TEST_F(DisabledAccount, OtherChangesLetItsSessionsWaitOn) {
  ImapClient client(world, "bob@demo.test");
  client.command("SELECT INBOX");
  client.say("i IDLE\r\n");
  for (const std::string name : {"Bob", "Robert"}) {
    state::directory::AccountChange change;
    change.display_name = name;
    EXPECT_TRUE(world.run(world.directory->change_account(world.bob, std::move(change))));
    EXPECT_EQ(client.receive(), "");
  }
  world.deliver(world.bob, "A: b\r\n");
  EXPECT_TRUE(client.receive().contains("* 1 EXISTS\r\n"));
  client.peer().say("DONE\r\n");
  EXPECT_TRUE(client.finish("i").starts_with("OK "));
}

}  // namespace
}  // namespace veredus::doors::imap
