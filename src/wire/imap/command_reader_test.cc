#include "wire/imap/command_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace veredus::wire::imap {
namespace {

/// What a client sends, and what the reader asks for meanwhile.
struct Exchange {
  std::vector<std::string> steps;  // "line", "literal 5+", "message ~3", "discard 4"
  std::optional<Command> command;
  std::optional<Refused> refused;
};

std::string marked(std::string_view word, std::uint64_t octets, bool synchronizing, bool binary = false) {
  return std::string(word) + (binary ? " ~" : " ") + std::to_string(octets) + (synchronizing ? "" : "+");
}

/// Feeds octets until one command is read or refused. A synchronizing literal is let come.
Exchange converse(CommandReader& reader, std::string_view octets) {
  Exchange result;
  ReadStep step = NeedLine{};
  while (true) {
    std::uint64_t literal = 0;
    if (const auto* need = std::get_if<NeedLine>(&step)) {
      result.steps.emplace_back("line");
      const auto end = octets.find("\r\n");
      if (end == std::string_view::npos) {
        ADD_FAILURE() << "no more lines";
        return result;
      }
      (void)need;
      const auto line = octets.substr(0, end);
      octets.remove_prefix(end + 2);
      step = reader.feed_line(line);
      continue;
    }
    if (auto* complete = std::get_if<Complete>(&step)) {
      result.command = std::move(complete->command);
      EXPECT_EQ(octets, "") << "octets left";
      return result;
    }
    if (auto* refused = std::get_if<Refused>(&step)) {
      result.refused = std::move(*refused);
      return result;
    }
    bool keep = false;
    if (const auto* need = std::get_if<NeedLiteral>(&step)) {
      result.steps.push_back(marked("literal", need->octets, need->synchronizing));
      literal = need->octets;
      keep = true;
    } else if (const auto* message = std::get_if<NeedMessage>(&step)) {
      result.steps.push_back(marked("message", message->octets, message->synchronizing, message->binary));
      literal = message->octets;
    } else if (const auto* discard = std::get_if<Discard>(&step)) {
      result.steps.push_back(marked("discard", discard->octets, true));
      literal = discard->octets;
    }
    const auto value = octets.substr(0, literal);
    octets.remove_prefix(value.size());
    step = keep ? reader.feed_literal(value) : reader.passed();
  }
}

template <class T>
T read(std::string_view line, const ReaderOptions& options = {}) {
  CommandReader reader(options);
  auto result = converse(reader, std::string(line) + "\r\n");
  if (!result.command) {
    ADD_FAILURE() << line << ": " << (result.refused ? result.refused->text : "");
    return T{};
  }
  if (auto* what = std::get_if<T>(&result.command->what)) return std::move(*what);
  ADD_FAILURE() << line << ": another command, " << name_of(result.command->what);
  return T{};
}

Refused refused(std::string_view octets, const ReaderOptions& options = {}) {
  CommandReader reader(options);
  auto result = converse(reader, std::string(octets) + "\r\n");
  if (!result.refused) {
    ADD_FAILURE() << octets << ": taken";
    return {};
  }
  return *std::move(result.refused);
}

TEST(CommandReader, KnowsEveryVerbInAnyCaseAndWithBlanksBehind) {
  const std::string_view lines[] = {"a CAPABILITY",
                                    "a noop ",
                                    "a LOGOUT",
                                    "a StartTLS",
                                    "a NAMESPACE",
                                    "a IDLE",
                                    "a CHECK",
                                    "a CLOSE",
                                    "a UNSELECT",
                                    "a UNAUTHENTICATE",
                                    "a ID NIL",
                                    "a ID (\"name\" \"x\")",
                                    "a AUTHENTICATE PLAIN",
                                    "a LOGIN u p",
                                    "a ENABLE QRESYNC",
                                    "a COMPRESS DEFLATE",
                                    "a SELECT INBOX",
                                    "a EXAMINE INBOX",
                                    "a CREATE x",
                                    "a DELETE x",
                                    "a RENAME x y",
                                    "a SUBSCRIBE x",
                                    "a UNSUBSCRIBE x",
                                    "a LIST \"\" *",
                                    "a LSUB \"\" *",
                                    "a STATUS x (MESSAGES)",
                                    "a EXPUNGE",
                                    "a UID EXPUNGE 1",
                                    "a STORE 1 FLAGS ()",
                                    "a UID STORE 1 FLAGS ()",
                                    "a COPY 1 x",
                                    "a UID COPY 1 x",
                                    "a MOVE 1 x",
                                    "a UID MOVE 1 x",
                                    "a FETCH 1 UID",
                                    "a UID FETCH 1 UID",
                                    "a SEARCH ALL",
                                    "a UID SEARCH ALL",
                                    "a SORT (DATE) UTF-8 ALL",
                                    "a UID SORT (DATE) UTF-8 ALL",
                                    "a THREAD REFS UTF-8 ALL",
                                    "a UID THREAD REFS UTF-8 ALL",
                                    "a CANCELUPDATE \"b\"",
                                    "a SETACL x u lr",
                                    "a DELETEACL x u",
                                    "a GETACL x",
                                    "a LISTRIGHTS x u",
                                    "a MYRIGHTS x",
                                    "a GETQUOTA \"\"",
                                    "a GETQUOTAROOT x",
                                    "a SETQUOTA \"\" (STORAGE 1)",
                                    "a GETMETADATA \"\" /shared/comment",
                                    "a SETMETADATA x (/private/comment NIL)",
                                    "a NOTIFY NONE"};
  for (const auto line : lines) {
    SCOPED_TRACE(line);
    CommandReader reader;
    const auto result = converse(reader, std::string(line) + "\r\n");
    ASSERT_TRUE(result.command);
    EXPECT_EQ(result.command->tag, "a");
    EXPECT_FALSE(name_of(result.command->what).empty());
  }
}

TEST(CommandReader, ReadsStringsInEveryForm) {
  CommandReader reader;
  auto result = converse(reader, "a1 LOGIN \"al\\\"ice\\\\\" {6+}\r\npass w\r\n");
  ASSERT_TRUE(result.command);
  EXPECT_EQ(std::get<Login>(result.command->what).user, "al\"ice\\");
  EXPECT_EQ(std::get<Login>(result.command->what).password, "pass w");
  EXPECT_EQ(result.steps, (std::vector<std::string>{"line", "literal 6+", "line"}));
  result = converse(reader, "a2 login {5}\r\nalice {0}\r\n\r\n");
  EXPECT_EQ(result.steps, (std::vector<std::string>{"line", "literal 5", "line", "literal 0", "line"}));
  EXPECT_EQ(std::get<Login>(result.command->what).password, "");
}

TEST(CommandReader, RefusesWithATextThatNamesWhatWasExpected) {
  struct Case {
    std::string_view line;
    CommandError error;
    std::string_view text;
  };
  const Case cases[] = {
      {"", CommandError::kTag, "expected a tag"},
      {"a+b NOOP", CommandError::kTag, "expected a tag"},
      {"a", CommandError::kCommand, "no such command at the end"},
      {"a XYZZY 1", CommandError::kCommand, "no such command at \"XYZZY 1\""},
      {"a UID NOOP", CommandError::kUidCommand, "UID: no such command with UID at \"NOOP\""},
      {"a NOOP x", CommandError::kTrailing, "NOOP: expected nothing more at \" x\""},
      {"a FETCH x:y FLAGS", CommandError::kSequenceSet, "FETCH: expected a sequence set at \"x:y FLAGS\""},
      {"a FETCH 0 FLAGS", CommandError::kSequenceSet, "FETCH: expected a sequence set at \"0 FLAGS\""},
      {"a FETCH 1", CommandError::kSpace, "FETCH: expected a space at the end"},
      {"a FETCH 1 (FLAGS", CommandError::kListEnd, "FETCH: expected \")\" at the end"},
      {"a FETCH 1 (FLAGS BOGUS)", CommandError::kFetchItem, "FETCH: expected a FETCH item at \"BOGUS)\""},
      {"a FETCH 1 BODY[MIME]", CommandError::kSection, "FETCH: expected a section like [1.2.HEADER] at \"MIME]\""},
      {"a FETCH 1 BODY[]<0.0>", CommandError::kFetchItem, ""},
      {"a FETCH 1 (FLAGS) (VANISHED)", CommandError::kFetchModifier, ""},
      {"a FETCH 1 (FLAGS UID", CommandError::kListEnd, ""},
      {"a STORE 1 FLAGS (\\Seen", CommandError::kFlag, ""},
      {"a SEARCH (ALL", CommandError::kListEnd, ""},
      {"a SEARCH (ALL ", CommandError::kListEnd, ""},
      {"a LIST \"\" (a b", CommandError::kListEnd, ""},
      {"a LOGIN alice", CommandError::kSpace, "LOGIN: expected a space"},
      {"a LOGIN alice \"se", CommandError::kQuotedEnd, "LOGIN: expected the end of a quoted string"},
      {"a SELECT &AGE", CommandError::kMailboxName, ""},
      {"a STORE 1 FLAG \\Seen", CommandError::kStoreItem, ""},
      {"a STORE 1 FLAGS \\Bogus", CommandError::kFlag, ""},
      {"a SEARCH", CommandError::kSpace, ""},
      {"a SEARCH FUZZY SUBJECT x", CommandError::kSearchKey, ""},
      {"a SEARCH SINCE 31-Feb-2020", CommandError::kDate, ""},
      {"a SEARCH RETURN (ALL PARTIAL 1:2) ALL", CommandError::kReturnConflict, ""},
      {"a SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL", CommandError::kSearchReturn, ""},
      {"a UID FETCH 1 UID (PARTIAL 1:2 PARTIAL 3:4)", CommandError::kFetchModifier, ""},
      {"a SEARCH CHARSET X-NONE ALL", CommandError::kCharset, ""},
      {"a SEARCH SUBJECT \xff", CommandError::kEncoding, ""},
      {"a SORT () UTF-8 ALL", CommandError::kSortKey, ""},
      {"a THREAD BOGUS UTF-8 ALL", CommandError::kThreadMethod, ""},
      {"a STATUS x (BOGUS)", CommandError::kStatusItem, ""},
      {"a LIST (BOGUS) \"\" *", CommandError::kListOption, ""},
      {"a LIST (RECURSIVEMATCH) \"\" *", CommandError::kRecursiveMatch, ""},
      {"a LIST \"\" * RETURN (BOGUS)", CommandError::kListReturn, ""},
      {"a SELECT x (BOGUS)", CommandError::kSelectParam, ""},
      {"a SETACL x u LR", CommandError::kRights, ""},
      {"a GETMETADATA x /other/a", CommandError::kEntry, ""},
      {"a SETMETADATA x (/private NIL)", CommandError::kEntry, ""},
      {"a NOTIFY SET (BOGUS NONE)", CommandError::kNotifyFilter, ""},
      {"a NOTIFY SET (PERSONAL (MessageNew))", CommandError::kNotifyPair, ""},
      {"a NOTIFY SET (PERSONAL (Bogus))", CommandError::kNotifyEvent, ""},
      {"a AUTHENTICATE a/b", CommandError::kMechanism, ""},
      {"a APPEND x \"text\"", CommandError::kDateTime, ""},
      {"a APPEND x text", CommandError::kMessageLiteral, ""},
      {"a APPEND x (\\Seen \\Bogus) {3}", CommandError::kFlag, ""},
      {"a NOOP \x01", CommandError::kTrailing, "NOOP: expected nothing more at \" ?\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.line);
    const auto answer = refused(c.line);
    EXPECT_EQ(answer.error, c.error) << answer.text;
    if (!c.text.empty()) EXPECT_EQ(answer.text, c.text);
    EXPECT_FALSE(answer.close);
  }
  EXPECT_EQ(refused("a SEARCH CHARSET X-NONE ALL").condition, Condition::kNo);
  EXPECT_EQ(refused("a SEARCH CHARSET X-NONE ALL").code, "BADCHARSET (US-ASCII UTF-8)");
  EXPECT_EQ(refused("+ x").tag, "*");
  EXPECT_EQ(refused("a7 BOGUS").tag, "a7");
}

TEST(CommandReader, KeepsEveryLimit) {
  ReaderOptions options;
  options.line_octets = 100;
  options.literal_octets = 10;
  options.command_octets = 120;
  options.message_octets = 50;
  options.discard_octets = 60;
  options.nesting = 3;
  options.search_terms = 5;
  options.arguments = 4;
  const std::string long_line(101, 'x');
  EXPECT_EQ(refused("a NOOP " + long_line, options).error, CommandError::kLineTooLong);
  EXPECT_EQ(refused("a LOGIN {11}", options).error, CommandError::kLiteralTooBig);
  EXPECT_EQ(refused("a LOGIN {99999999999999999999999}", options).error, CommandError::kLiteralTooBig);
  EXPECT_EQ(refused("a SEARCH ((((ALL))))", options).error, CommandError::kNesting);
  EXPECT_EQ(refused("a SEARCH NOT NOT NOT NOT ALL", options).error, CommandError::kNesting);
  EXPECT_EQ(refused("a SEARCH ALL ALL ALL ALL ALL ALL", options).error, CommandError::kTooManyTerms);
  EXPECT_EQ(refused("a ENABLE a b c d e", options).error, CommandError::kTooManyArguments);
  EXPECT_EQ(refused("a ID (a b c d e f g h i j)", options).error, CommandError::kTooManyArguments);
  EXPECT_EQ(refused("a FETCH 1 (UID FLAGS ENVELOPE BODY RFC822)", options).error, CommandError::kTooManyArguments);
  std::string patterns = "a LIST \"\" (*";
  for (int i = 0; i < 100; ++i) patterns += " *";
  EXPECT_EQ(refused(patterns + ")", ReaderOptions()).error, CommandError::kTooManyArguments);
  const auto too_big = refused("a APPEND x {51}", options);
  EXPECT_EQ(too_big.error, CommandError::kMessageTooBig);
  EXPECT_EQ(too_big.condition, Condition::kNo);
  EXPECT_EQ(too_big.code, "TOOBIG");
  EXPECT_TRUE(refused("a APPEND x {61+}", options).close);
  std::string endless = "a NOOP " + long_line;  // literals that nobody wants
  for (int i = 0; i < 5; ++i) endless += " {0+}\r\n";
  EXPECT_TRUE(refused(endless, options).close);
  EXPECT_EQ(refused("a APPEND x {3}", ReaderOptions::before_login()).error, CommandError::kLogInFirst);
  // Many small literals in one command.
  std::string many = "a CANCELUPDATE";
  for (int i = 0; i < 20; ++i) many += " {5+}\r\n12345";
  options.arguments = 100;
  EXPECT_EQ(refused(many, options).error, CommandError::kCommandTooLong);
}

TEST(CommandReader, ThrowsAwayWhatARefusedCommandStillSends) {
  ReaderOptions options;
  options.literal_octets = 3;
  CommandReader reader(options);
  const auto result = converse(reader, "a LOGIN {5+}\r\n12345 {4+}\r\nabcd\r\n");
  ASSERT_TRUE(result.refused);
  EXPECT_EQ(result.steps, (std::vector<std::string>{"line", "discard 5", "line", "discard 4", "line"}));
  // And the next command is read as if nothing had been.
  EXPECT_TRUE(converse(reader, "b NOOP\r\n").command);
  // A synchronizing literal is never sent by the client that gets a tagged NO.
  EXPECT_EQ(converse(reader, "c LOGIN {5}\r\n").steps, (std::vector<std::string>{"line"}));
  EXPECT_TRUE(converse(reader, "d NOOP\r\n").command);
  // Nor does a too long line leave anything behind.
  const auto refused = reader.line_was_too_long("e1 FETCH 1,2,3", "1,2,3");
  ASSERT_TRUE(std::holds_alternative<Refused>(refused));
  EXPECT_EQ(std::get<Refused>(refused).tag, "e1");
  for (const auto* begin : {"", "((", "nothing-but-a-tag-that-is-far-too-long-for-anybody-to-wait-for-its-answer"})
    EXPECT_EQ(std::get<Refused>(reader.line_was_too_long(begin, "")).tag, "*") << begin;
  EXPECT_TRUE(converse(reader, "e NOOP\r\n").command);
}

TEST(CommandReader, ThrowsAwayTheLiteralBehindATooLongLine) {  // RFC 7888 s4
  CommandReader reader;
  const auto discards = [&reader](const ReadStep& step, std::uint64_t octets) {
    const auto* discard = std::get_if<Discard>(&step);
    return discard != nullptr && discard->octets == octets && std::holds_alternative<NeedLine>(reader.passed());
  };
  const auto is_refused = [](const ReadStep& step) {
    const auto* refused = std::get_if<Refused>(&step);
    return refused != nullptr && refused->tag == "a" && refused->error == CommandError::kLineTooLong && !refused->close;
  };
  EXPECT_TRUE(discards(reader.line_was_too_long("a SEARCH OR ALL", "ALL SUBJECT {16+}"), 16));
  EXPECT_TRUE(discards(reader.line_was_too_long("b SEARCH", "SUBJECT {5+}"), 5)) << "the rest of it, too long again";
  EXPECT_TRUE(discards(reader.feed_line(" FROM {3+}"), 3));
  EXPECT_TRUE(is_refused(reader.feed_line("")));
  // Behind an earlier literal, and behind a message.
  ASSERT_TRUE(discards(reader.feed_line("a LOGIN {300000+}"), 300'000));
  EXPECT_TRUE(discards(reader.line_was_too_long("x", "x {4+}"), 4));
  EXPECT_TRUE(std::holds_alternative<Refused>(reader.feed_line("")));
  ASSERT_TRUE(std::holds_alternative<NeedMessage>(reader.feed_line("a APPEND x {5+}")));
  (void)reader.passed();
  EXPECT_TRUE(discards(reader.line_was_too_long(" (kwx", "x) ~{7+}"), 7));
  EXPECT_TRUE(is_refused(reader.feed_line("")));
  EXPECT_TRUE(is_refused(reader.line_was_too_long("a SEARCH", "SUBJECT {16}"))) << "the client waits, and sends none";
  const auto too_much = reader.line_was_too_long("a SEARCH", "SUBJECT {99999999999+}");
  ASSERT_TRUE(std::holds_alternative<Refused>(too_much));
  EXPECT_TRUE(std::get<Refused>(too_much).close);
  EXPECT_TRUE(converse(reader, "e NOOP\r\n").command);
}

TEST(CommandReader, LetsTheMessageOfAnAppendGoPast) {
  CommandReader reader;
  auto step = reader.feed_line("a APPEND \"&AOk-t&AOk-\" (\\Seen $Junk \\Recent) \" 5-Feb-2020 10:00:00 +0100\" {10+}");
  ASSERT_TRUE(std::holds_alternative<NeedMessage>(step));
  EXPECT_EQ(std::get<NeedMessage>(step).octets, 10u);
  EXPECT_FALSE(std::get<NeedMessage>(step).synchronizing);
  ASSERT_NE(reader.append(), nullptr);
  EXPECT_EQ(reader.replace(), nullptr);
  EXPECT_EQ(reader.tag(), "a");
  EXPECT_EQ(reader.append()->mailbox, "été");
  ASSERT_EQ(reader.append()->messages.size(), 1u);
  const auto& message = reader.append()->messages.front();
  EXPECT_EQ(message.flags, (FlagList{kSeen, {"$Junk"}}));
  ASSERT_TRUE(message.date);
  EXPECT_EQ(message.date->offset, std::chrono::minutes(60));
  step = reader.passed();
  EXPECT_TRUE(std::holds_alternative<NeedLine>(step));
  step = reader.feed_line("");
  ASSERT_TRUE(std::holds_alternative<Complete>(step));
  const auto& append = std::get<Append>(std::get<Complete>(step).command.what);
  EXPECT_EQ(append.messages.front().pieces, (std::vector<MessagePiece>{{.octets = 10}}));
  EXPECT_EQ(reader.append(), nullptr);
}

TEST(CommandReader, ReadsManyMessagesInOneAppend) {  // RFC 3502
  CommandReader reader;
  const auto result = converse(reader, "a APPEND {3+}\r\nbox (\\Draft) {4}\r\nabcd ~{2+}\r\nxy UTF8 (~{1}\r\nz)\r\n");
  ASSERT_TRUE(result.command) << (result.refused ? result.refused->text : "");
  EXPECT_EQ(result.steps, (std::vector<std::string>{"line", "literal 3+", "line", "message 4", "line", "message ~2+",
                                                    "line", "message ~1", "line"}));
  const auto& append = std::get<Append>(result.command->what);
  EXPECT_EQ(append.mailbox, "box");
  ASSERT_EQ(append.messages.size(), 3u);
  EXPECT_EQ(append.messages[0].flags.system, kDraft);
  EXPECT_TRUE(append.messages[1].pieces[0].binary);
  EXPECT_TRUE(append.messages[2].pieces[0].utf8);
}

TEST(CommandReader, ReadsCatenate) {  // RFC 4469
  CommandReader reader;
  const auto result = converse(reader,
                               "a APPEND Drafts (\\Seen) CATENATE (URL \"/Drafts;UIDVALIDITY=385759045/;UID=20/"
                               ";section=HEADER\" TEXT {42}\r\n" +
                                   std::string(42, 'x') + " URL {5+}\r\n/x/;y TEXT {1+}\r\n.)\r\n");
  ASSERT_TRUE(result.command) << (result.refused ? result.refused->text : "");
  const auto& append = std::get<Append>(result.command->what);
  ASSERT_EQ(append.messages.size(), 1u);
  EXPECT_TRUE(append.messages[0].catenate);
  ASSERT_EQ(append.messages[0].pieces.size(), 4u);
  EXPECT_EQ(append.messages[0].pieces[0].url, "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER");
  EXPECT_EQ(append.messages[0].pieces[1].octets, 42u);
  EXPECT_EQ(append.messages[0].pieces[2].url, "/x/;y");
  EXPECT_EQ(refused("a APPEND x CATENATE (BOGUS {3+}\r\nabc)").error, CommandError::kCatenate);
  EXPECT_EQ(refused("a APPEND x CATENATE ()").error, CommandError::kCatenate);
}

TEST(CommandReader, ReadsReplace) {  // RFC 8508
  CommandReader reader;
  const auto result = converse(reader, "R UID REPLACE 2000 Drafts (\\Seen \\Draft) {3+}\r\nabc\r\n");
  ASSERT_TRUE(result.command);
  const auto& replace = std::get<Replace>(result.command->what);
  EXPECT_TRUE(replace.uid);
  EXPECT_EQ(replace.number, 2000u);
  EXPECT_EQ(replace.mailbox, "Drafts");
  EXPECT_EQ(replace.message.pieces.at(0).octets, 3u);
  EXPECT_EQ(refused("a REPLACE 1 x {1+}\r\na {1+}\r\nb").error, CommandError::kTrailing);
}

TEST(CommandReader, RefusesAnAppendForTheDoor) {
  CommandReader reader;
  (void)reader.feed_line("a APPEND nowhere {5}");
  auto step = reader.refuse(Condition::kNo, "TRYCREATE", "No such mailbox");
  ASSERT_TRUE(std::holds_alternative<Refused>(step));
  EXPECT_EQ(std::get<Refused>(step).code, "TRYCREATE");
  EXPECT_EQ(std::get<Refused>(step).tag, "a");
  EXPECT_EQ(std::get<Refused>(step).error, std::nullopt);
  (void)reader.feed_line("b APPEND nowhere {5+}");
  step = reader.refuse(Condition::kNo, "TRYCREATE", "No such mailbox");
  ASSERT_TRUE(std::holds_alternative<Discard>(step));
  EXPECT_TRUE(std::holds_alternative<NeedLine>(reader.passed()));
  EXPECT_TRUE(std::holds_alternative<Discard>(reader.feed_line(" {2+}")));
  (void)reader.passed();
  step = reader.feed_line("");
  ASSERT_TRUE(std::holds_alternative<Refused>(step));
  EXPECT_EQ(std::get<Refused>(step).tag, "b");
  // After the octets went past (a full disk): the rest of the command comes all the same.
  (void)reader.feed_line("c APPEND box {5}");
  (void)reader.passed();
  step = reader.refuse(Condition::kNo, "UNAVAILABLE", "Not now");
  ASSERT_TRUE(std::holds_alternative<Discard>(step));
  EXPECT_EQ(std::get<Discard>(step).octets, 0u);
  (void)reader.passed();
  EXPECT_TRUE(std::holds_alternative<Refused>(reader.feed_line("")));
}

TEST(CommandReader, ReadsFetch) {
  const auto fetch = read<Fetch>(
      "a FETCH 5:1,*,7 (UID BODY.PEEK[HEADER.FIELDS (From \"To\")] BODY[1.2.MIME]<10.20> BINARY.SIZE[1] BODY "
      "BINARY.PEEK[2]<0.5> RFC822.HEADER PREVIEW (LAZY) PREVIEW uid)");
  EXPECT_EQ(to_string(fetch.set), "5:1,*,7");
  ASSERT_EQ(fetch.items.size(), 9u);
  std::vector<std::string> names;
  for (const auto& item : fetch.items) append_item_name(names.emplace_back(), item);
  EXPECT_EQ(names,
            (std::vector<std::string>{"UID", "BODY[HEADER.FIELDS (From To)]", "BODY[1.2.MIME]<10>", "BINARY.SIZE[1]",
                                      "BODY", "BINARY[2]<0>", "RFC822.HEADER", "PREVIEW", "PREVIEW"}));
  EXPECT_TRUE(fetch.items[1].peek);
  EXPECT_FALSE(sets_seen(fetch.items[1]));
  EXPECT_TRUE(sets_seen(fetch.items[2]));
  EXPECT_EQ(fetch.items[2].range, (OctetRange{10, 20}));
  EXPECT_TRUE(fetch.items[7].lazy);
  EXPECT_FALSE(fetch.items[8].lazy);
  EXPECT_EQ(read<Fetch>("a FETCH 1 FULL").items.size(), 5u);
  EXPECT_EQ(read<Fetch>("a FETCH 1 all").items.size(), 4u);
  EXPECT_EQ(read<Fetch>("a FETCH 1 FAST").items.size(), 3u);
  EXPECT_EQ(read<Fetch>("a FETCH 1 ( FLAGS  UID )").items.size(), 2u);
  const auto resync = read<Fetch>("a UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)");
  EXPECT_EQ(resync.changed_since, 12345u);
  EXPECT_TRUE(resync.vanished);
  EXPECT_EQ(read<Fetch>("a UID FETCH 1:* (UID) (PARTIAL -1:-30)").partial, (PartialRange{-1, -30}));
  EXPECT_EQ(read<Fetch>("a UID FETCH 1:* (UID) (PARTIAL 30:2)").partial, (PartialRange{30, 2}));
}

TEST(CommandReader, ReadsSearchKeysAsDeepAsThereMayBeOfThem) {
  const auto nested = [](std::size_t depth, std::string_view begin, std::string_view end) {
    std::string keys;
    for (std::size_t i = 0; i < depth; ++i) keys += begin;
    keys += "SEEN";
    for (std::size_t i = 0; i < depth; ++i) keys += end;
    return keys;
  };
  const ReaderOptions options;
  for (const auto& [begin, end] : {std::pair("OR SEEN ", ""), {"NOT ", ""}, {"(", ")"}}) {
    SCOPED_TRACE(begin);
    for (const std::size_t depth : {std::size_t{200}, options.nesting}) {
      const auto keys = nested(depth, begin, end);
      auto search = read<Search>("a SEARCH " + keys);
      EXPECT_EQ(to_string(search.key), "(" + keys + ")");
      const auto copy = search.key;
      EXPECT_EQ(copy, std::exchange(search.key, {}));
      EXPECT_FALSE(mentions(copy, SearchKind::kModSeq));
    }
    EXPECT_EQ(refused("a SEARCH " + nested(options.nesting + 1, begin, end)).error, CommandError::kNesting);
  }
}

TEST(CommandReader, ReadsSearch) {
  struct Case {
    std::string_view sent;
    std::string_view want;
  };
  const Case cases[] = {
      {"ALL", "(ALL)"},
      {"unseen NOT deleted", "(NOT SEEN NOT DELETED)"},
      {"OR FROM \"a b\" (SUBJECT x 1:3,*)", "(OR FROM \"a b\" (SUBJECT \"x\" 1:3,*))"},
      {"HEADER Message-ID <x@y>", "(HEADER \"Message-ID\" \"<x@y>\")"},
      {"UIDAFTER 7 UIDBEFORE 9", "(UID 8:4294967295 UID 1:8)"},  // RFC 9738 s3
      {"UIDAFTER 4294967295 UIDBEFORE 1", "(NOT ALL NOT ALL)"},
      {"UID 4,9:* KEYWORD $Junk UNKEYWORD NonJunk", "(UID 4,9:* KEYWORD $Junk NOT KEYWORD NonJunk)"},
      {"SINCE 1-feb-1994 BEFORE \"02-Mar-2020\"", "(SINCE 1-Feb-1994 BEFORE 2-Mar-2020)"},
      {"LARGER 10 SMALLER 20 OLDER 5 YOUNGER 6", "(LARGER 10 SMALLER 20 OLDER 5 YOUNGER 6)"},
      {"MODSEQ \"/flags/\\\\draft\" all 620162338", "(MODSEQ 620162338)"},
      {"MODSEQ 7 $", "(MODSEQ 7 $)"},
      {"SAVEDSINCE 1-Jan-2020 SAVEDATESUPPORTED", "(SAVEDSINCE 1-Jan-2020 SAVEDATESUPPORTED)"},
      {"EMAILID M1 THREADID T-2_x", "(EMAILID \"M1\" THREADID \"T-2_x\")"},
      {"CHARSET ISO-8859-1 TEXT \xe9", "(TEXT {2+}\r\n\xc3\xa9)"},
      {"CHARSET UTF-8 BODY \"\xc3\xa9\"", "(BODY {2+}\r\n\xc3\xa9)"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sent);
    EXPECT_EQ(to_string(read<Search>("a SEARCH " + std::string(c.sent)).key), c.want);
  }
  EXPECT_FALSE(read<Search>("a SEARCH ALL").returns);
  const auto saved = read<Search>("a UID SEARCH RETURN (MIN MAX COUNT SAVE PARTIAL 1:10 UPDATE CONTEXT) ALL");
  ASSERT_TRUE(saved.returns);
  EXPECT_TRUE(saved.returns->min && saved.returns->max && saved.returns->count && saved.returns->save &&
              saved.returns->update && saved.returns->context && !saved.returns->all);
  EXPECT_EQ(saved.returns->partial, (PartialRange{1, 10}));
  EXPECT_TRUE(read<Search>("a SEARCH RETURN () ALL").returns->all);
  for (const auto* sent :
       {"a SEARCH RETURN (UPDATE (UID FLAGS) COUNT) ALL", "a SEARCH RETURN (UPDATE(UID FLAGS) COUNT) ALL"}) {
    const auto updated = read<Search>(sent);  // RFC 5465 s8
    ASSERT_TRUE(updated.returns);
    EXPECT_TRUE(updated.returns->update && updated.returns->count);
    EXPECT_EQ(updated.returns->update_items,
              (std::vector<FetchItem>{{.kind = FetchKind::kUid}, {.kind = FetchKind::kFlags}}));
  }
  ReaderOptions utf8;
  utf8.utf8_accept = true;
  EXPECT_EQ(refused("a SEARCH CHARSET UTF-8 ALL", utf8).error, CommandError::kCharsetUtf8);
}

TEST(CommandReader, ReadsSortAndThread) {
  const auto sort = read<Sort>("a SORT RETURN (COUNT) (REVERSE DATE SUBJECT DISPLAYFROM) UTF-8 UNSEEN");
  EXPECT_EQ(sort.criteria, (std::vector<SortCriterion>{
                               {SortKind::kDate, true}, {SortKind::kSubject, false}, {SortKind::kDisplayFrom, false}}));
  EXPECT_TRUE(sort.returns && sort.returns->count);
  EXPECT_EQ(read<Thread>("a UID THREAD ORDEREDSUBJECT US-ASCII ALL").method, ThreadMethod::kOrderedSubject);
}

TEST(CommandReader, ReadsStore) {
  const auto store = read<Store>("a UID STORE 1:* (UNCHANGEDSINCE 12) +FLAGS.SILENT (\\SEEN $x $X)");
  EXPECT_TRUE(store.uid && store.silent);
  EXPECT_EQ(store.mode, Store::Mode::kAdd);
  EXPECT_EQ(store.flags, (FlagList{kSeen, {"$x"}}));
  EXPECT_EQ(store.unchanged_since, 12u);
  const auto bare = read<Store>("a STORE 1 -flags \\Seen  \\Deleted ");
  EXPECT_EQ(bare.mode, Store::Mode::kRemove);
  EXPECT_EQ(bare.flags.system, kSeen | kDeleted);
  EXPECT_EQ(read<Store>("a STORE 1 FLAGS ()").flags, FlagList{});
}

TEST(CommandReader, ReadsSelectWithWhatAClientKnows) {  // RFC 7162 s3.2.5
  const auto select =
      read<Select>("a SELECT INBOX (CONDSTORE QRESYNC (67890007 90060115194045000 41,43:211 (1,3 5,9)))");
  EXPECT_TRUE(select.condstore);
  ASSERT_TRUE(select.qresync);
  EXPECT_EQ(select.qresync->uid_validity, 67890007u);
  EXPECT_EQ(select.qresync->modseq, 90060115194045000u);
  EXPECT_EQ(to_string(*select.qresync->known_uids), "41,43:211");
  ASSERT_TRUE(select.qresync->sequence_match);
  EXPECT_EQ(to_string(select.qresync->sequence_match->second), "5,9");
  EXPECT_TRUE(read<Select>("a EXAMINE x").read_only);
  EXPECT_FALSE(read<Select>("a SELECT x (QRESYNC (1 2 (1 1)))").qresync->known_uids);
  for (const std::string known : {"1:*", "$", "1:3 (* 1)", "(1 *)", "(1:3 1:4)", "1:3 (1,3 5:4294967295)"}) {
    SCOPED_TRACE(known);
    EXPECT_EQ(refused("a SELECT x (QRESYNC (1 2 " + known + "))").error, CommandError::kSequenceSet);
  }
}

TEST(CommandReader, ReadsListInAllItsForms) {
  const auto plain = read<List>("a LIST \"\" \"\"");
  EXPECT_FALSE(plain.extended);
  EXPECT_EQ(plain.patterns, std::vector<std::string>{""});
  const auto thunderbird = read<List>("a list (subscribed) \"\" \"*\" return (special-use)");
  EXPECT_TRUE(thunderbird.extended && thunderbird.only_subscribed && thunderbird.return_special_use);
  const auto all = read<List>(
      "a LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (INBOX &AOk-% \"a b*\") RETURN (STATUS (MESSAGES UNSEEN HIGHESTMODSEQ) "
      "CHILDREN SUBSCRIBED MYRIGHTS METADATA (/shared/comment))");
  EXPECT_EQ(all.patterns, (std::vector<std::string>{"INBOX", "é%", "a b*"}));
  ASSERT_TRUE(all.return_status);
  EXPECT_EQ(all.return_status->size(), 3u);
  EXPECT_TRUE(all.return_children && all.return_my_rights && all.return_subscribed);
  EXPECT_EQ(all.return_metadata, std::vector<std::string>{"/shared/comment"});
  EXPECT_EQ(read<List>("a LIST \"\" \"&AOk*\"").patterns, std::vector<std::string>{"&AOk*"});
  ReaderOptions utf8;
  utf8.utf8_names = true;
  EXPECT_EQ(read<Select>("a SELECT \"a&b\"", utf8).mailbox, "a&b");
  EXPECT_EQ(read<Select>("a SELECT \"\xc3\xa9\"").mailbox, "é");
}

TEST(CommandReader, ReadsTheAccountFamilies) {
  const auto acl = read<SetAcl>("a SETACL INBOX bob@demo.test +lrswl");
  EXPECT_EQ(acl.mode, SetAcl::Mode::kAdd);
  EXPECT_EQ(acl.rights, "lrsw");
  const auto quota = read<SetQuota>("a SETQUOTA \"\" (STORAGE 512 message 10)");
  ASSERT_EQ(quota.limits.size(), 2u);
  EXPECT_EQ(quota.limits[1].first, "MESSAGE");
  for (const auto* line : {"a GETMETADATA (MAXSIZE 1024 DEPTH infinity) INBOX (/shared/comment /private/x)",
                           "a GETMETADATA INBOX (MAXSIZE 1024 DEPTH infinity) (/shared/comment /private/x)"}) {
    SCOPED_TRACE(line);
    const auto get = read<GetMetadata>(line);
    EXPECT_EQ(get.max_size, 1024u);
    EXPECT_EQ(get.depth, GetMetadata::Depth::kInfinity);
    EXPECT_EQ(get.entries.size(), 2u);
  }
  EXPECT_EQ(read<GetMetadata>("a GETMETADATA (DEPTH infinity) INBOX (/private /shared)").entries.size(), 2u);
  const auto set = read<SetMetadata>("a SETMETADATA \"\" (/private/comment \"x\" /shared/comment NIL)");
  EXPECT_EQ(set.values[0].second, "x");
  EXPECT_EQ(set.values[1].second, std::nullopt);
  const auto notify = read<Notify>(
      "a NOTIFY SET STATUS (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (From)]) MessageExpunge)) (SUBTREE (a b) "
      "(MailboxName SubscriptionChange)) (PERSONAL NONE)");
  EXPECT_TRUE(notify.status);
  ASSERT_EQ(notify.groups.size(), 3u);
  EXPECT_EQ(notify.groups[0].new_items.size(), 2u);
  EXPECT_EQ(notify.groups[1].mailboxes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(notify.groups[2].events, NotifyEvents{});
  EXPECT_EQ(read<Create>("a CREATE x (USE (\\Sent \\Drafts))").special_use.size(), 2u);
  EXPECT_EQ(read<Authenticate>("a AUTHENTICATE plain AGE=").mechanism, "PLAIN");
  EXPECT_EQ(read<Authenticate>("a AUTHENTICATE plain AGE=").initial_response, "AGE=");
  EXPECT_EQ(read<Id>("a ID (\"name\" NIL \"version\" \"1\")").fields.size(), 2u);
  EXPECT_EQ(read<Id>("a ID ()").fields.size(), 0u);
  EXPECT_EQ(read<Status>("a STATUS x ()").items.size(), 0u);
}

TEST(CommandReader, TellsWhatUsesMessageNumbers) {  // RFC 9586 s3
  EXPECT_TRUE(uses_message_numbers(read<Fetch>("a FETCH 1 UID")));
  EXPECT_FALSE(uses_message_numbers(read<Fetch>("a UID FETCH 1 UID")));
  EXPECT_TRUE(uses_message_numbers(read<Search>("a UID SEARCH NOT 1:5")));
  EXPECT_FALSE(uses_message_numbers(read<Search>("a UID SEARCH NOT UID 1:5")));
  EXPECT_TRUE(is_done("done "));
  EXPECT_FALSE(is_done("DONE?"));
}

}  // namespace
}  // namespace veredus::wire::imap
