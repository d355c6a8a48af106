#include "doors/smtp/submission_header.h"

#include <gtest/gtest.h>

namespace veredus::doors::smtp {
namespace {

const SubmissionFacts kFacts{SystemTime(std::chrono::seconds(1'795'318'800)), "id@mail.example.org",
                             "alice@example.org"};
const std::string kDate = "Date: Sun, 22 Nov 2026 03:40:00 +0000\r\n";
const std::string kMessageId = "Message-ID: <id@mail.example.org>\r\n";
const std::string kFrom = "From: <alice@example.org>\r\n";

TEST(CompleteHeader, AddsWhatIsMissingAndTakesAwayWhatMustNotBeSeen) {
  struct Case {
    std::string header;
    std::string want;
  };
  const Case cases[] = {
      {"From: a@example.org\r\nDate: x\r\nmessage-id: <y>\r\n\r\n",
       "From: a@example.org\r\nDate: x\r\nmessage-id: <y>\r\n\r\n"},
      {"From: a@example.org\r\n\r\n", "From: a@example.org\r\n" + kDate + kMessageId + "\r\n"},
      {"From: a@example.org\r\nBCC: b,\r\n c\r\nResent-Bcc: d\r\nX: y\r\n\r\n",
       "From: a@example.org\r\nX: y\r\n" + kDate + kMessageId + "\r\n"},
      {"Return-Path: <x@y>\r\nFrom: a@example.org\r\n\r\n", "From: a@example.org\r\n" + kDate + kMessageId + "\r\n"},
      {"\r\n", kDate + kMessageId + kFrom + "\r\n"},
      {"", kDate + kMessageId + kFrom + "\r\n"},
      {"X: folded\r\n\there\r\n\r\n", "X: folded\r\n\there\r\n" + kDate + kMessageId + kFrom + "\r\n"},
      {"X: y\r\nno field\r\nY: z\r\n\r\n", "X: y\r\n" + kDate + kMessageId + kFrom + "\r\nno field\r\nY: z\r\n\r\n"},
      {" folded under nothing\r\n\r\n", kDate + kMessageId + kFrom + "\r\n folded under nothing\r\n\r\n"},
      {"X: no line end", "X: no line end\r\n" + kDate + kMessageId + kFrom + "\r\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.header);
    const auto completed = complete_header(c.header, kFacts);
    ASSERT_TRUE(completed);
    EXPECT_EQ(completed->octets, c.want);
  }
}

TEST(CompleteHeader, TellsWhoItIsFrom) {
  const auto completed =
      complete_header("From: Alice <a@example.org>, \"b c\"@example.org\r\nTo: d@example.org\r\n\r\n", kFacts);
  ASSERT_TRUE(completed);
  const std::vector<wire::smtp::Address> want = {{"a", "example.org"}, {"b c", "example.org"}};
  EXPECT_EQ(completed->from, want);
}

TEST(CompleteHeader, RefusesAnUnclearFrom) {
  EXPECT_EQ(complete_header("From: a@b.example\r\nFROM: c@d.example\r\n\r\n", kFacts).error(),
            HeaderError::kSeveralFroms);
  EXPECT_EQ(complete_header("From: \r\n\r\n", kFacts).error(), HeaderError::kFromSyntax);
  std::string many = "From: a@b.example";
  for (std::size_t i = 0; i < kMaxFromAddresses; ++i) many += ",\r\n a@b.example";
  EXPECT_EQ(complete_header(many + "\r\n\r\n", kFacts).error(), HeaderError::kTooManyFroms);
}

}  // namespace
}  // namespace veredus::doors::smtp
