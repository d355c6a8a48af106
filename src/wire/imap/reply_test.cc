#include "wire/imap/reply.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/imap/fetch_reply.h"
#include "wire/imap/response.h"

namespace veredus::wire::imap {
namespace {

/// A server's octets read back as a client does. Literals are kept.
std::vector<Response> read_all(std::string_view octets, ResponseLimits limits = {}) {
  std::vector<Response> responses;
  ResponseReader reader(limits);
  while (!octets.empty()) {
    const auto end = octets.find("\r\n");
    if (end == std::string_view::npos) break;
    auto step = reader.feed_line(octets.substr(0, end));
    octets.remove_prefix(end + 2);
    if (step && std::holds_alternative<NeedResponseLiteral>(*step)) {
      const auto need = std::get<NeedResponseLiteral>(*step).octets;
      step = reader.feed_literal(octets.substr(0, need));
      octets.remove_prefix(need);
    }
    if (!step) {
      ADD_FAILURE() << to_string(step.error());
      return responses;
    }
    if (auto* response = std::get_if<Response>(&*step)) responses.push_back(std::move(*response));
  }
  EXPECT_EQ(octets, "");
  return responses;
}

TEST(Reply, WritesConditionsAndCodes) {
  std::string out;
  append_tagged(out, "a1", Condition::kOk, "READ-WRITE", "Selected");
  append_tagged(out, "a2", Condition::kBad, "", "");
  append_untagged(out, Condition::kBye, "UNAVAILABLE", "Going\r\naway");
  append_continuation(out, "");
  append_continuation(out, "idling");
  append_numbered(out, 23, "EXISTS");
  append_vanished(out, Vanished::kEarlier, std::vector<SequenceRange>{{41, 41}, {43, 116}});
  append_vanished(out, Vanished::kNow, {});
  EXPECT_EQ(out,
            "a1 OK [READ-WRITE] Selected\r\na2 BAD Done\r\n* BYE [UNAVAILABLE] Going??away\r\n+ \r\n+ idling\r\n"
            "* 23 EXISTS\r\n* VANISHED (EARLIER) 41,43:116\r\n");
  const std::vector<std::uint32_t> from{304, 319, 320};
  const std::vector<std::uint32_t> to{3956, 3957, 3958};
  EXPECT_EQ(code_copyuid(38505, from, to), "COPYUID 38505 304,319:320 3956:3958");
  EXPECT_EQ(code_appenduid(38505, std::vector<std::uint32_t>{3955}), "APPENDUID 38505 3955");
  EXPECT_EQ(code_permanentflags(kSeen, std::vector<std::string>{"$Junk"}, NewKeywords::kAllowed),
            "PERMANENTFLAGS (\\Seen $Junk \\*)");
  EXPECT_EQ(code_permanentflags(0, {}, NewKeywords::kAllowed), "PERMANENTFLAGS (\\*)");
  EXPECT_EQ(code_permanentflags(0, {}, NewKeywords::kRefused), "PERMANENTFLAGS ()");
  EXPECT_EQ(code_inprogress("a1", 175, std::nullopt), "INPROGRESS (\"a1\" 175 NIL)");
  EXPECT_EQ(code_messagelimit(1000, 23221), "MESSAGELIMIT 1000 23221");
  EXPECT_EQ(code_modified(std::vector<SequenceRange>{{7, 7}, {9, 9}}), "MODIFIED 7,9");
}

TEST(Reply, WritesMailboxes) {
  std::string out;
  append_list(out, {.name = "u", .child_info_subscribed = true, .child_info_special_use = true}, Names::kUtf8);
  EXPECT_EQ(out, "* LIST () \"/\" \"u\" (\"CHILDINFO\" (\"SUBSCRIBED\" \"SPECIAL-USE\"))\r\n");
  out.clear();
  append_list(out, {.attributes = kHasNoChildren, .special_use = "\\Sent", .name = "Envoyés"}, Names::kModifiedUtf7);
  append_list(out, {.attributes = kNonExistent | kHasChildren, .name = "a", .child_info_subscribed = true, .old = "b"},
              Names::kUtf8);
  append_lsub(out, {.attributes = kNoSelect, .name = "x", .separator = 0}, Names::kUtf8);
  EXPECT_EQ(out,
            "* LIST (\\HasNoChildren \\Sent) \"/\" \"Envoy&AOk-s\"\r\n"
            "* LIST (\\NonExistent \\HasChildren) \"/\" \"a\" (\"CHILDINFO\" (\"SUBSCRIBED\") \"OLDNAME\" (\"b\"))\r\n"
            "* LSUB (\\Noselect) NIL \"x\"\r\n");
  out.clear();
  const std::vector<StatusValue> values{{StatusItem::kMessages, 231, ""},
                                        {StatusItem::kAppendLimit, std::nullopt, ""},
                                        {StatusItem::kMailboxId, std::nullopt, "F2212ea87"}};
  append_status(out, "INBOX", values, Names::kUtf8);
  EXPECT_EQ(out, "* STATUS \"INBOX\" (MESSAGES 231 APPENDLIMIT NIL MAILBOXID (F2212ea87))\r\n");
}

TEST(Reply, WritesSearchResults) {
  std::string out;
  const std::vector<std::uint32_t> numbers{2, 84, 882};
  append_search(out, "SEARCH", numbers, 0);
  append_search(out, "SORT", numbers, 917162500);
  append_search(out, "SEARCH", {}, 5);
  append_esearch(out, {.tag = "A282", .uid = true, .min = 2, .count = 3, .all = "2,10:11", .modseq = 9});
  append_esearch(out, {.tag = "B", .partial = {{{-1, -100}, ""}}});
  append_esearch(out, {.tag = "C", .add_to = "1 2733", .remove_from = "0 2731"});
  EXPECT_EQ(out,
            "* SEARCH 2 84 882\r\n* SORT 2 84 882 (MODSEQ 917162500)\r\n* SEARCH\r\n"
            "* ESEARCH (TAG \"A282\") UID MIN 2 COUNT 3 ALL 2,10:11 MODSEQ 9\r\n"
            "* ESEARCH (TAG \"B\") PARTIAL (-1:-100 NIL)\r\n"
            "* ESEARCH (TAG \"C\") ADDTO (1 2733) REMOVEFROM (0 2731)\r\n");
}

TEST(FetchReply, WritesEveryItem) {
  std::string out;
  FetchReply reply(out, 12);
  EXPECT_TRUE(reply.empty());
  reply.uid(345);
  reply.flags(kSeen | kRecentFlag, std::vector<std::string>{"$Junk", "x"}, 3, 1);
  reply.internal_date(SystemTime{});
  reply.rfc822_size(4294967296);
  reply.modseq(9);
  reply.save_date(std::nullopt);
  reply.email_id("M1");
  reply.thread_id(std::nullopt);
  reply.preview("é");
  reply.ready("ENVELOPE", "(NIL)");
  const FetchItem header{.kind = FetchKind::kBodySection,
                         .section = {.text = SectionText::kHeaderFields, .fields = {"From", "a b"}}};
  reply.text(header, "From: x\r\n\r\n");
  const FetchItem binary{.kind = FetchKind::kBinary, .section = {.part = {1, 2}}, .range = OctetRange{5, 10}};
  reply.literal(binary, 3, true);
  out.append("a\0b", 3);
  reply.nil({.kind = FetchKind::kBodySection, .section = {.part = {9}}});
  reply.binary_size({.kind = FetchKind::kBinarySize, .section = {.part = {1}}}, 77);
  reply.finish();
  constexpr char kWant[] =
      "* 12 FETCH (UID 345 FLAGS (\\Seen \\Recent $Junk x) INTERNALDATE \" 1-Jan-1970 00:00:00 +0000\" RFC822.SIZE "
      "4294967296 MODSEQ (9) SAVEDATE NIL EMAILID (M1) THREADID NIL PREVIEW {2}\r\né ENVELOPE (NIL) "
      "BODY[HEADER.FIELDS (From \"a b\")] {11}\r\nFrom: x\r\n\r\n BINARY[1.2]<5> ~{3}\r\na\0b BODY[9] NIL "
      "BINARY.SIZE[1] 77)\r\n";
  EXPECT_EQ(out, std::string_view(kWant, sizeof kWant - 1));
  const auto responses = read_all(out);
  ASSERT_EQ(responses.size(), 1u);
  const auto fetch = read_fetch(responses[0]);
  ASSERT_TRUE(fetch);
  EXPECT_EQ(fetch->number, 12u);
  EXPECT_EQ(fetch->uid, 345u);
  EXPECT_TRUE(fetch->recent);
  EXPECT_EQ(fetch->flags, (FlagList{kSeen, {"$Junk", "x"}}));
  EXPECT_EQ(fetch->size, 4294967296u);
  EXPECT_EQ(fetch->modseq, 9u);
  ASSERT_NE(fetch->other("BINARY[1.2]<5>"), nullptr);
  EXPECT_EQ(fetch->other("binary[1.2]<5>")->text, std::string_view("a\0b", 3));
  EXPECT_EQ(fetch->other("BODY[HEADER.FIELDS (FROM \"A B\")]")->text, "From: x\r\n\r\n");
}

TEST(FetchReply, WritesItemsOfAnyLength) {
  for (std::size_t size = 0; size < 420; ++size) {
    SCOPED_TRACE(size);
    const std::string value(size, 'x');
    std::string out = "before";
    FetchReply reply(out, 4294967295);
    reply.uid(4294967295);
    reply.flags("(\\Seen)");
    reply.ready("ENVELOPE", value);
    reply.rfc822_size(18446744073709551615U);
    reply.literal("BODY[]", size);
    out.append(value);
    reply.modseq(7);
    reply.email_id(value);
    reply.finish();
    EXPECT_EQ(out, "before* 4294967295 FETCH (UID 4294967295 FLAGS (\\Seen) ENVELOPE " + value +
                       " RFC822.SIZE 18446744073709551615 BODY[] {" + std::to_string(size) + "}\r\n" + value +
                       " MODSEQ (7) EMAILID (" + value + "))\r\n");
  }
}

TEST(FetchReply, WritesUidFetch) {  // RFC 9586 s3.3
  std::string out;
  FetchReply reply(out, 25996, FetchReply::Form::kUidFetch);
  reply.flags(0, {}, 0, 0);
  reply.finish();
  EXPECT_EQ(out, "* 25996 UIDFETCH (FLAGS ())\r\n");
  EXPECT_EQ(read_fetch(read_all(out).at(0))->uid, 25996u);
}

TEST(ResponseReader, ReadsWhatServersSay) {
  const auto responses = read_all(
      "* OK [CAPABILITY IMAP4rev1 LITERAL+] Ready {5}\r\n"
      "* LIST (\\HasNoChildren  \\Sent) \".\" INBOX.Sent \r\n"
      "* LIST () NIL {3}\r\na\"b\r\n"
      "* STATUS \"x\" (MESSAGES 3 UIDNEXT 7 )\r\n"
      "* SEARCH\r\n* SEARCH 1 2 (MODSEQ 9)\r\n* ESEARCH (TAG \"a\") UID ALL 1:3,9\r\n"
      "* OK [PERMANENTFLAGS (\\Answered \\*)] Limited\r\n"
      "* NO [ALERT] Disk\r\n+\r\n+ idling\r\na1 OK [READ-WRITE] done\r\na2 NO nothing\r\n"
      "* ENABLED CONDSTORE\r\n* ID NIL\r\n");
  ASSERT_EQ(responses.size(), 15u);
  EXPECT_EQ(read_capability(responses[0]), (std::vector<std::string>{"IMAP4REV1", "LITERAL+"}));
  EXPECT_EQ(responses[0].text, "Ready {5}");
  const auto list = read_list(responses[1], Names::kModifiedUtf7);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->name, "INBOX.Sent");
  EXPECT_EQ(list->separator, '.');
  EXPECT_TRUE(list->has("\\sent"));
  EXPECT_EQ(read_list(responses[2], Names::kModifiedUtf7)->name, "a\"b");
  EXPECT_EQ(read_status(responses[3], Names::kUtf8)->number("UIDNEXT"), 7u);
  EXPECT_EQ(read_search(responses[4]), std::vector<std::uint32_t>{});
  EXPECT_EQ(read_search(responses[5]), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(read_search(responses[6]), (std::vector<std::uint32_t>{1, 2, 3, 9}));
  EXPECT_EQ(responses[7].code, "PERMANENTFLAGS");
  EXPECT_EQ(responses[7].code_values.at(0).items.at(1).text, "\\*");
  EXPECT_EQ(responses[8].condition, Condition::kNo);
  EXPECT_EQ(responses[9].kind, Response::Kind::kContinuation);
  EXPECT_EQ(responses[10].text, "idling");
  EXPECT_EQ(responses[11].tag, "a1");
  EXPECT_EQ(responses[11].code, "READ-WRITE");
  EXPECT_EQ(responses[14].values.at(0).kind, ResponseValue::Kind::kNil);
}

TEST(ResponseReader, AnItemThatIsDamagedCountsAsNotSaid) {
  const auto responses = read_all(
      "* 1 FETCH (UID 7 FLAGS NIL INTERNALDATE \"00-Jan-0000 00:00:00 +0000\" RFC822.SIZE NIL MODSEQ () BODY[] x)\r\n"
      "* 1 FETCH (UID x BODY[] x)\r\n");
  const auto fetch = read_fetch(responses.at(0));
  ASSERT_TRUE(fetch);
  EXPECT_EQ(fetch->uid, 7u);
  EXPECT_FALSE(fetch->flags || fetch->internal_date || fetch->size || fetch->modseq);
  EXPECT_TRUE(fetch->other("BODY[]"));
  EXPECT_FALSE(read_fetch(responses.at(1)));
}

TEST(ResponseReader, LetsALiteralGoElsewhere) {
  ResponseReader reader({.literal_octets = 10});
  auto step = reader.feed_line("* 1 FETCH (UID 7 BODY[] {1000}");
  ASSERT_TRUE(step && std::holds_alternative<NeedResponseLiteral>(*step));
  EXPECT_EQ(std::get<NeedResponseLiteral>(*step).item, "BODY[]");
  ASSERT_TRUE(reader.passed());
  step = reader.feed_line(" FLAGS ())");
  ASSERT_TRUE(step && std::holds_alternative<Response>(*step));
  const auto fetch = read_fetch(std::get<Response>(*step));
  ASSERT_TRUE(fetch);
  EXPECT_EQ(fetch->other("BODY[]")->kind, ResponseValue::Kind::kStreamed);
  EXPECT_EQ(fetch->other("BODY[]")->octets, 1000u);
  EXPECT_EQ(fetch->flags, FlagList{});
  (void)reader.feed_line("* 1 FETCH (BODY[] {11}");
  EXPECT_EQ(reader.feed_literal("12345678901").error(), ResponseError::kLiteralTooBig);
}

TEST(ResponseReader, KeepsItsLimits) {
  const auto error = [](std::string_view line) {
    ResponseReader reader({.line_octets = 60, .nesting = 3, .values = 5});
    const auto step = reader.feed_line(line);
    return step ? std::nullopt : std::optional(step.error());
  };
  EXPECT_EQ(error("* X " + std::string(60, 'x')), ResponseError::kLineTooLong);
  EXPECT_EQ(error("* X ((((a))))"), ResponseError::kNesting);
  EXPECT_EQ(error("* X a b c d e f"), ResponseError::kTooManyValues);
  EXPECT_EQ(error("* X (a"), ResponseError::kSyntax);
  EXPECT_EQ(error("* X \"a"), ResponseError::kSyntax);
  EXPECT_EQ(error("* X )"), ResponseError::kSyntax);
  EXPECT_EQ(error("garbage"), ResponseError::kSyntax);
  EXPECT_EQ(error(""), ResponseError::kSyntax);
  EXPECT_EQ(error("a1 FETCH x"), ResponseError::kSyntax);
}

}  // namespace
}  // namespace veredus::wire::imap
