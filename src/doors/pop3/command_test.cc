#include "doors/pop3/command.h"

#include <gtest/gtest.h>

namespace veredus::doors::pop3 {
namespace {

TEST(ParseCommand, ReadsEveryCommandInAnyCase) {  // RFC 1939 s9
  struct Case {
    std::string_view line;
    Command want;
  };
  const Case cases[] = {
      {"CAPA", {.verb = Verb::kCapa}},
      {"quit", {.verb = Verb::kQuit}},
      {"Stat ", {.verb = Verb::kStat}},
      {"NOOP", {.verb = Verb::kNoop}},
      {"RSET", {.verb = Verb::kRset}},
      {"STLS", {.verb = Verb::kStls}},
      {"UTF8", {.verb = Verb::kUtf8}},
      {"LANG", {.verb = Verb::kLang}},
      {"LANG *", {.verb = Verb::kLang, .text = "*"}},
      {"USER alice@demo.test", {.verb = Verb::kUser, .text = "alice@demo.test"}},
      {"PASS a  b ", {.verb = Verb::kPass, .text = "a  b "}},
      {"PASS ", {.verb = Verb::kPass, .text = ""}},
      {"pass \xC3\xA9", {.verb = Verb::kPass, .text = "\xC3\xA9"}},
      {"AUTH", {.verb = Verb::kAuth}},
      {"AUTH PLAIN", {.verb = Verb::kAuth, .text = "PLAIN"}},
      {"AUTH PLAIN =", {.verb = Verb::kAuth, .text = "PLAIN", .initial_response = "="}},
      {"LIST", {.verb = Verb::kList}},
      {"LIST 7", {.verb = Verb::kList, .message = 7}},
      {"UIDL 4294967295", {.verb = Verb::kUidl, .message = 4294967295}},
      {"RETR  3  ", {.verb = Verb::kRetr, .message = 3}},
      {"DELE 0003", {.verb = Verb::kDele, .message = 3}},
      {"TOP 2 0", {.verb = Verb::kTop, .message = 2, .lines = 0}},
      {"top 2 10", {.verb = Verb::kTop, .message = 2, .lines = 10}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.line);
    const auto command = parse_command(c.line);
    ASSERT_TRUE(command);
    EXPECT_EQ(*command, c.want);
  }
}

TEST(ParseCommand, RefusesWhatTheGrammarRefuses) {
  using namespace std::string_view_literals;
  struct Case {
    std::string_view line;
    CommandError want;
  };
  const Case cases[] = {
      {"", CommandError::kUnknown},
      {" STAT", CommandError::kUnknown},
      {"APOP a b", CommandError::kUnknown},
      {"STATX", CommandError::kUnknown},
      {"GET / HTTP/1.1", CommandError::kUnknown},
      {"STAT 1", CommandError::kTooManyArguments},
      {"QUIT now", CommandError::kTooManyArguments},
      {"USER a b", CommandError::kTooManyArguments},
      {"AUTH PLAIN a b", CommandError::kTooManyArguments},
      {"RETR 1 2", CommandError::kTooManyArguments},
      {"TOP 1 2 3", CommandError::kTooManyArguments},
      {"USER", CommandError::kMissingArgument},
      {"PASS", CommandError::kMissingArgument},
      {"RETR", CommandError::kMissingArgument},
      {"DELE ", CommandError::kMissingArgument},
      {"TOP 1", CommandError::kMissingArgument},
      {"RETR 0", CommandError::kBadMessageNumber},
      {"RETR -1", CommandError::kBadMessageNumber},
      {"RETR +1", CommandError::kBadMessageNumber},
      {"RETR 1x", CommandError::kBadMessageNumber},
      {"LIST 4294967296", CommandError::kBadMessageNumber},
      {"TOP 1 -1", CommandError::kBadLineCount},
      {"TOP 1 x", CommandError::kBadLineCount},
      {"USER a\tb", CommandError::kControlCharacters},
      {"STAT\t"sv, CommandError::kUnknown},
      {"PASS a\0b"sv, CommandError::kControlCharacters},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.line);
    const auto command = parse_command(c.line);
    ASSERT_FALSE(command);
    EXPECT_EQ(command.error(), c.want);
  }
}

TEST(ParseCommand, NamesItsVerbsAsTheyAreWritten) {
  for (auto i = 0; i <= static_cast<int>(Verb::kUtf8); ++i) {
    const auto verb = static_cast<Verb>(i);
    const auto line = std::string(to_string(verb)) + " 1 1";
    const auto command = parse_command(line.substr(0, line.size() - (verb == Verb::kTop ? 0 : 2)));
    if (command) EXPECT_EQ(command->verb, verb);
    if (!command) EXPECT_EQ(command.error(), CommandError::kTooManyArguments);
  }
}

}  // namespace
}  // namespace veredus::doors::pop3
