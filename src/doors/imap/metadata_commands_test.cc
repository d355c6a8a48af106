#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "support/imap_world.h"

/// Annotations that are more than fit in memory at a time, and what happens to them while they are told.
namespace veredus::doors::imap {
namespace {

using test::ImapClient;
using test::ImapWorld;

/// The reply without its literals: "{5}\r\n12345" is "{5}".
std::string without_literals(std::string_view reply) {
  std::string text;
  while (true) {
    const auto end = reply.find("}\r\n");
    if (end == std::string_view::npos) return text.append(reply);
    const auto begin = reply.rfind('{', end);
    std::size_t octets = 0;
    std::from_chars(&reply[begin + 1], &reply[end], octets);
    text.append(reply.substr(0, end + 1));
    reply.remove_prefix(std::min(reply.size(), end + 3 + octets));
  }
}

class LargeAnnotations : public testing::Test {
 protected:
  static constexpr int kMany = 20;
  static constexpr std::size_t kOctets = 40'000;

  void SetUp() override {
    for (const auto* mailbox : {"INBOX", "Trash"})
      for (int i = 0; i < kMany; ++i) set(mailbox, entry(i), std::string(kOctets, 'v'));
  }
  void set(std::string_view mailbox, const std::string& name, const std::string& value) {
    const auto reply = client.command("SETMETADATA " + std::string(mailbox) + " (" + name + " {" +
                                      std::to_string(value.size()) + "+}\r\n" + value + ")");
    EXPECT_TRUE(reply.starts_with("OK ")) << reply;
  }
  static std::string entry(int i) { return "/private/a/" + std::to_string(100 + i); }
  static std::string all_entries() {
    std::string all;
    for (int i = 0; i < kMany; ++i) all.append(i == 0 ? "" : " ").append(entry(i));
    return all;
  }
  /// The line with the first of them, without literals; empty without any.
  static std::string line(std::string_view mailbox, int first) {
    std::string text;
    for (int i = 0; i < first; ++i)
      text.append(i == 0 ? "" : " ").append(entry(i)).append(" {").append(std::to_string(kOctets)).append("}");
    return text.empty() ? text : "* METADATA \"" + std::string(mailbox) + "\" (" + text + ")\r\n";
  }
  /// Whether `text` begins with the line of some of them, which is cut off then.
  static bool takes_line(std::string_view* text, std::string_view mailbox) {
    for (int some = kMany; some >= 0; --some) {
      const auto whole = line(mailbox, some);
      if (!text->starts_with(whole)) continue;
      text->remove_prefix(whole.size());
      return some == kMany;
    }
    return false;
  }
  /// Begins a command and answers it as far as a client has it that then takes no more.
  void begin(const std::string& command) {
    client.peer().takes = false;
    client.peer().say("z " + command + "\r\n");
    world.settle();
  }
  std::string finish() {
    client.peer().takes = true;
    client.peer().timer.cancel();
    return without_literals(client.finish("z"));
  }

  ImapWorld world;
  ImapClient client{world, "alice@demo.test"};
};

TEST_F(LargeAnnotations, LeaveWholeLinesWhereTheStoreFails) {
  int cut_short = 0;
  for (std::uint64_t failing = 1; failing <= 2 * kMany + 4; failing += 3) {
    SCOPED_TRACE(failing);
    world.engine.plan_faults({.fail_at = world.engine.operations() + failing});
    const auto reply =
        without_literals(client.command("LIST \"\" (INBOX Trash) RETURN (METADATA (" + all_entries() + "))"));
    world.engine.plan_faults({});
    std::string_view rest = reply;
    for (const std::string mailbox : {"INBOX", "Trash"}) {
      const auto listed = "* LIST () \"/\" \"" + mailbox + "\"\r\n";
      ASSERT_TRUE(rest.starts_with(listed)) << rest;
      rest.remove_prefix(listed.size());
      cut_short += takes_line(&rest, mailbox) ? 0 : 1;
    }
    EXPECT_EQ(rest, "OK Mailboxes listed\r\n");
    EXPECT_TRUE(client.command("NOOP").starts_with("OK "));
  }
  EXPECT_GE(cut_short, kMany / 2);
}

TEST_F(LargeAnnotations, AreRefusedBehindAWholeLineWhereTheStoreFails) {
  const std::vector<std::string> commands{"GETMETADATA (DEPTH infinity) INBOX /private",
                                          "GETMETADATA INBOX (" + all_entries() + ")"};
  for (const auto& command : commands) {
    SCOPED_TRACE(command);
    int refused = 0;
    for (std::uint64_t failing = 1; failing <= kMany; failing += 3) {
      SCOPED_TRACE(failing);
      world.engine.plan_faults({.fail_at = world.engine.operations() + failing});
      const auto reply = without_literals(client.command(command));
      world.engine.plan_faults({});
      std::string_view rest = reply;
      const bool whole = takes_line(&rest, "INBOX");
      EXPECT_EQ(rest, whole ? "OK Annotations told\r\n" : "NO [UNAVAILABLE] Not possible now, try again later\r\n");
      refused += whole ? 0 : 1;
    }
    EXPECT_GE(refused, 5);
    EXPECT_EQ(without_literals(client.command(command)), line("INBOX", kMany) + "OK Annotations told\r\n");
  }
}

TEST_F(LargeAnnotations, AreReadWhenTheClientTakesThem) {
  const std::vector<std::string> commands{"GETMETADATA (DEPTH infinity) INBOX (/private /private/a /private)",
                                          "LIST \"\" INBOX RETURN (METADATA (" + all_entries() + "))"};
  for (const auto& command : commands) {
    SCOPED_TRACE(command);
    const auto before = world.engine.operations();
    begin(command);
    EXPECT_LE(world.engine.operations() - before, 8u) << "64 KiB of replies wait at most, and one value";
    const auto reply = finish();
    EXPECT_TRUE(reply.contains(line("INBOX", kMany) + "OK ")) << reply;
  }
}

TEST_F(LargeAnnotations, AreToldAsTheyAreThen) {
  ImapClient other(world, "alice@demo.test");
  const auto change = [&](const std::string& value) {
    const auto reply = other.command("SETMETADATA INBOX (" + entry(kMany - 2) + " NIL " + entry(kMany - 1) + value);
    EXPECT_TRUE(reply.starts_with("OK ")) << reply;
  };
  begin("GETMETADATA (MAXSIZE 40000) INBOX (" + all_entries() + ")");
  change(" {40001+}\r\n" + std::string(kOctets + 1, 'w') + ")");
  const auto asked = finish();
  EXPECT_TRUE(asked.contains(entry(kMany - 3) + " {40000} " + entry(kMany - 2) + " NIL)\r\n")) << asked;
  EXPECT_TRUE(asked.contains("OK [METADATA LONGENTRIES 40001] ")) << asked;
  begin("GETMETADATA (DEPTH 1) INBOX /private/a");
  change(" NIL)");
  EXPECT_EQ(finish(), line("INBOX", kMany - 2) + "OK Annotations told\r\n");
}

TEST_F(LargeAnnotations, AreFoundThoughManyChangedSince) {
  for (int i = 0; i <= 1024; ++i) set("Trash", "/private/b", std::to_string(i));  // more than is remembered
  set("INBOX", "/shared/a", "s");
  EXPECT_EQ(without_literals(client.command("GETMETADATA (DEPTH infinity) INBOX /private")),
            line("INBOX", kMany) + "OK Annotations told\r\n");
  EXPECT_EQ(client.command("GETMETADATA (DEPTH 1) Trash (/shared /private)"),
            "* METADATA \"Trash\" (/private/b \"1024\" /private/specialuse \"\\\\Trash\")\r\nOK Annotations told\r\n");
}

TEST_F(LargeAnnotations, EndWithTheirMailbox) {
  client.command("CREATE Notes");
  for (int i = 0; i < kMany; ++i) set("Notes", entry(i), std::string(kOctets, 'v'));
  ImapClient other(world, "alice@demo.test");
  begin("GETMETADATA Notes (" + all_entries() + ")");
  EXPECT_TRUE(other.command("DELETE Notes").starts_with("OK "));
  const auto reply = finish();
  std::string_view rest = reply;
  EXPECT_FALSE(takes_line(&rest, "Notes"));
  EXPECT_LT(rest.size(), reply.size()) << "some were told";
  EXPECT_TRUE(rest.starts_with("NO [NONEXISTENT] ")) << rest;
}

}  // namespace
}  // namespace veredus::doors::imap
