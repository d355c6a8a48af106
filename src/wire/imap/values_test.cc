#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "wire/imap/date.h"
#include "wire/imap/imap_string.h"
#include "wire/imap/list_pattern.h"
#include "wire/imap/message_url.h"
#include "wire/imap/sequence_set.h"

namespace veredus::wire::imap {
namespace {

TEST(SequenceSet, ResolvesStarsAndBackwardRanges) {
  struct Case {
    std::string_view sent;
    std::uint32_t highest;
    std::string_view want;
  };
  const Case cases[] = {
      {"1:5", 9, "1:5"},
      {"5:1", 9, "1:5"},
      {"*", 9, "9"},
      {"68:*", 67, "67:68"},
      {"*:68", 67, "67:68"},
      {"1,2,3,9", 9, "1:3,9"},
      {"9,1:3,2", 9, "1:3,9"},
      {"*", 0, ""},
      {"1:*", 0, ""},
      {"3,1:*", 0, "3"},
      {"4294967295", 9, "4294967295"},
      {"4294967295,1:4294967294", 9, "1:4294967295"},
      {"007", 9, "7"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sent);
    const auto set = parse_sequence_set(c.sent);
    ASSERT_TRUE(set);
    std::string out;
    append_ranges(out, set->resolve(c.highest));
    EXPECT_EQ(out, c.want);
  }
  EXPECT_TRUE(parse_sequence_set("$")->saved_result);
}

TEST(SequenceSet, RefusesWhatTheGrammarRefuses) {
  for (const auto* text :
       {"", "0", "1,", ",1", "1:", ":1", "1:2:3", "a", "1 2", "4294967296", "-1", "$,1", "1,$", "1:0"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_sequence_set(text));
  }
}

TEST(SequenceSet, WritesTheShortestForm) {
  std::string out;
  append_numbers(out, std::vector<std::uint32_t>{1, 2, 3, 5, 7, 8});
  EXPECT_EQ(out, "1:3,5,7:8");
  out.clear();
  append_numbers_in_order(out, std::vector<std::uint32_t>{5, 6, 4, 3, 10});
  EXPECT_EQ(out, "5:6,4,3,10");
  SequenceWriter writer;
  for (const std::uint32_t n : {3u, 4u, 9u, 1u, 2u, 9u}) writer.add(n);
  EXPECT_EQ(writer.text(), "1:4,9");
}

TEST(ListPattern, MatchesAsListDoes) {
  struct Case {
    std::string_view pattern;
    std::string_view name;
    bool want;
  };
  const Case cases[] = {
      {"*", "a/b/c", true},
      {"%", "a", true},
      {"%", "a/b", false},
      {"a/%", "a/b", true},
      {"a/%", "a/b/c", false},
      {"a*c", "a/b/c", true},
      {"a%c", "a/b/c", false},
      {"a%c", "abc", true},
      {"%/%", "a/b", true},
      {"%/%", "a", false},
      {"*b", "a/b", true},
      {"*%", "a/b", true},
      {"inbox", "INBOX", true},
      {"InBoX/%", "INBOX/a", true},
      {"", "", false},
      {"a", "A", false},
      {"%b*", "a/b", false},
      {"*/x%y", "a/b/xzy", true},
      {"*/x%y", "a/x/y", false},
      {"a**%%b", "ab", true},
      {"é%", "été", true},
      {"in%", "INBOX", true},
      {"%box", "INBOX", true},
      {"i*/A", "INBOX/A", true},
      {"i*/a", "INBOX/A", false},
      {"in%", "INBOXES", false},
      {"inboxes", "INBOXES", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.pattern) + " " + std::string(c.name));
    EXPECT_EQ(ListPattern(c.pattern).matches(c.name), c.want);
  }
  EXPECT_TRUE(ListPattern("a/%").may_match_below("a"));
  EXPECT_FALSE(ListPattern("%").may_match_below("a"));
  EXPECT_FALSE(ListPattern("b/%").may_match_below("a"));
  EXPECT_TRUE(ListPattern("*").may_match_below("a"));
}

TEST(ListPattern, TakesNoLongerThanTheProductOfTheLengths) {
  std::string pattern;
  for (int i = 0; i < 300; ++i) pattern += "*a%";
  EXPECT_FALSE(ListPattern(pattern + "b").matches(std::string(2000, 'a')));
  const ListPattern nested("*a%" + std::string(200, 'a') + "b");
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(nested.matches(std::string(480, 'a')));
}

TEST(ListPattern, MayBeLongerThanAWord) {
  for (std::size_t octets = 60; octets <= 70; ++octets) {
    SCOPED_TRACE(octets);
    const std::string name(octets, 'a');
    EXPECT_TRUE(ListPattern(name).matches(name));
    EXPECT_FALSE(ListPattern(name).matches(name + "a"));
    for (const auto* wildcard : {"*", "%", "*%*"}) {
      EXPECT_TRUE(ListPattern(name + wildcard).matches(name));
      EXPECT_TRUE(ListPattern(name + wildcard + "b").matches(name + "xb"));
      EXPECT_EQ(ListPattern(name + wildcard + "b").matches(name + "x/b"), wildcard[0] == '*');
      EXPECT_TRUE(ListPattern(name + "/" + wildcard).may_match_below(name));
    }
  }
  EXPECT_TRUE(ListPattern("*" + std::string(ListPattern::kMostOctets, 'a'))
                  .matches(std::string(ListPattern::kMostOctets, 'a')));
  EXPECT_FALSE(ListPattern(std::string(ListPattern::kMostOctets + 1, 'a'))
                   .matches(std::string(ListPattern::kMostOctets + 1, 'a')));
}

/// What the definition says, by trying everything.
bool matches_by_definition(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  const char first = pattern.front();
  if (first == '*' || first == '%') {
    if (matches_by_definition(pattern.substr(1), name)) return true;
    return !name.empty() && (first == '*' || name.front() != '/') && matches_by_definition(pattern, name.substr(1));
  }
  return !name.empty() && name.front() == first && matches_by_definition(pattern.substr(1), name.substr(1));
}

TEST(ListPattern, MatchesAsItsDefinitionSays) {
  std::mt19937 random(1);
  const auto any = [&random](std::string_view octets, std::size_t most) {
    std::string text;
    for (auto left = random() % (most + 1); left > 0; --left) text.push_back(octets[random() % octets.size()]);
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    const auto pattern = any("ab/*%", 7) + any("a*%", 1);
    const auto name = any("ab/", 8);
    EXPECT_EQ(ListPattern(pattern).matches(name), !pattern.empty() && matches_by_definition(pattern, name))
        << pattern << " " << name;
  }
}

TEST(Date, ReadsAndWrites) {
  EXPECT_EQ(to_string(*parse_date("01-FEB-1994")), "1-Feb-1994");
  for (const auto* text : {"", "1-Feb-94", "31-Feb-1994", "0-Feb-1994", "1-Foo-1994", "1 Feb 1994", "1-Feb-1994 "}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_date(text));
  }
  const auto when = parse_date_time("17-Jul-1996 02:44:25 -0730");
  ASSERT_TRUE(when);
  EXPECT_EQ(when->offset, std::chrono::minutes(-450));
  std::string out;
  append_date_time(out, when->time, when->offset);
  EXPECT_EQ(out, "\"17-Jul-1996 02:44:25 -0730\"");
  out.clear();
  append_date_time(out, SystemTime{});
  EXPECT_EQ(out, "\" 1-Jan-1970 00:00:00 +0000\"");
  EXPECT_TRUE(parse_date_time(" 1-Jan-1970 00:00:00 +0000"));
  out.clear();
  append_date_time(out, SystemTime::max());
  EXPECT_EQ(out, "\"31-Dec-9999 23:59:59 +0000\"");
  for (const auto* text : {"1-Jan-1970 00:00:00", "1-Jan-1970 24:00:00 +0000", "1-Jan-1970 00:00:00 0000", "x"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_date_time(text));
  }
}

TEST(ImapString, WritesMailboxNamesAsTheConnectionAsks) {
  std::string out;
  append_mailbox(out, "été/&\"", Names::kModifiedUtf7);
  EXPECT_EQ(out, "\"&AOk-t&AOk-/&-\\\"\"");
  out.clear();
  append_mailbox(out, "été/&", Names::kUtf8);
  EXPECT_EQ(out, "\"été/&\"");
  EXPECT_EQ(decode_mailbox("&AOk-t&AOk-", Names::kModifiedUtf7), "été");
  EXPECT_EQ(decode_mailbox("été", Names::kModifiedUtf7), "été");
  EXPECT_EQ(decode_mailbox("a&b", Names::kModifiedUtf7), std::nullopt);
  EXPECT_EQ(decode_mailbox("a&b", Names::kUtf8), "a&b");
  EXPECT_EQ(decode_mailbox("\xff", Names::kUtf8), std::nullopt);
  out.clear();
  append_astring(out, "nil");
  append_astring(out, "atom");
  append_astring(out, "two words");
  EXPECT_EQ(out, "\"nil\"atom\"two words\"");
  out.clear();
  append_utf8_string(out, "a\r\n");
  EXPECT_EQ(out, "{3}\r\na\r\n");
}

TEST(MessageUrl, ReadsPartsOfMessagesHere) {  // RFC 5092 s11
  auto url = parse_message_url("/INBOX;UIDVALIDITY=785799047/;UID=113330/;SECTION=1.5.9/;PARTIAL=0.1024");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->mailbox, "INBOX");
  EXPECT_EQ(url->uid_validity, 785799047u);
  EXPECT_EQ(url->uid, 113330u);
  EXPECT_EQ(url->section.part, (std::vector<std::uint32_t>{1, 5, 9}));
  EXPECT_EQ(url->range, (OctetRange{0, 1024}));
  url = parse_message_url("a%2Fb%20c/;uid=7/;section=HEADER.FIELDS%20(To)");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->mailbox, "a/b c");
  EXPECT_EQ(url->section.text, SectionText::kHeaderFields);
  EXPECT_TRUE(parse_message_url(";UID=20"));
  EXPECT_TRUE(parse_message_url("/;UID=20/;SECTION=HEADER"));
  for (const auto* text :
       {"", "/INBOX", "/INBOX/;UID=0", "/INBOX/;UID=x", "imap://host/INBOX/;UID=1", "//host/INBOX/;UID=1",
        "/INBOX/;SECTION=1/;UID=1", "/INBOX/;UID=1/;SECTION=BOGUS", "/INBOX/;UID=1/;PARTIAL=0.0", "/%zz/;UID=1",
        "/%00/;UID=1", "/INBOX;UIDVALIDITY=0/;UID=1", "/INBOX/;UID=1/;UID=2"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_message_url(text));
  }
}

}  // namespace
}  // namespace veredus::wire::imap
