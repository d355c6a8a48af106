#include "wire/smtp/reply.h"

#include <gtest/gtest.h>

namespace veredus::wire::smtp {
namespace {

TEST(Reply, IsWrittenWithItsStatusOnEveryLine) {  // RFC 5321 s4.2.1, RFC 2034 s4
  EXPECT_EQ(to_string(make_reply(250, 1, 0, "OK")), "250 2.1.0 OK\r\n");
  EXPECT_EQ(to_string(make_plain_reply(354, "Go on")), "354 Go on\r\n");
  EXPECT_EQ(to_string(make_reply(550, 7, 1, "no\nnever")), "550-5.7.1 no\r\n550 5.7.1 never\r\n");
}

TEST(Reply, CannotBeSplitByItsText) {
  EXPECT_EQ(to_string(make_plain_reply(250, "a\r250 b")), "250 a?250 b\r\n");
  const auto written = to_string(make_plain_reply(250, std::string(1000, 'x')));
  EXPECT_EQ(written.size(), 512u);  // RFC 5321 s4.5.3.1.5
  EXPECT_TRUE(written.ends_with("x\r\n"));
}

TEST(ReplyReader, ReadsWhatIsWritten) {
  ReplyReader reader;
  const auto first = reader.feed("250-2.1.5 one");
  ASSERT_TRUE(first);
  EXPECT_FALSE(*first);
  const auto reply = reader.feed("250 2.1.5 two");
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ(**reply, make_reply(250, 1, 5, "one\ntwo"));
  const auto plain = reader.feed("220");
  ASSERT_TRUE(plain && *plain);
  EXPECT_EQ(**plain, make_plain_reply(220, ""));
  const auto no_status = reader.feed("250 5.1.1 of another class");
  ASSERT_TRUE(no_status && *no_status);
  EXPECT_EQ((*no_status)->status, EnhancedStatus{});
}

TEST(ReplyReader, RefusesWhatIsNoReply) {
  for (const auto* line : {"", "25", "abc x", "150 x", "600 x", "250x", "-50 x"}) {
    SCOPED_TRACE(line);
    ReplyReader reader;
    EXPECT_EQ(reader.feed(line).error(), ReplyError::kMalformed);
  }
  ReplyReader reader;
  ASSERT_TRUE(reader.feed("250-a"));
  EXPECT_EQ(reader.feed("251 b").error(), ReplyError::kCodesDisagree);
}

}  // namespace
}  // namespace veredus::wire::smtp
