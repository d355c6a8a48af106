#include "wire/smtp/dot_stuffer.h"

#include <gtest/gtest.h>

#include "wire/smtp/data_stream.h"

namespace veredus::wire::smtp {
namespace {

std::string stuffed(std::string_view message, std::size_t piece) {
  DotStuffer stuffer;
  std::string out;
  for (std::size_t at = 0; at < message.size(); at += piece) stuffer.feed(message.substr(at, piece), out);
  stuffer.finish(out);
  return out;
}

TEST(DotStuffer, MakesWhatDataTakesHoweverItIsFed) {  // RFC 5321 s4.5.2, s2.3.8
  struct Case {
    std::string_view message;
    std::string_view want;
  };
  const Case cases[] = {
      {"", ".\r\n"},
      {"a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
      {"a", "a\r\n.\r\n"},
      {".\r\n..x\r\na.\r\n", "..\r\n...x\r\na.\r\n.\r\n"},
      {"a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"},
      {"a\r.\rb\r\n", "a\r\n..\r\nb\r\n.\r\n"},
      {"a\r\r\n.b", "a\r\n\r\n..b\r\n.\r\n"},
      {"\r", "\r\n.\r\n"},
      {"\n\n", "\r\n\r\n.\r\n"},
      {"a\r\n\r.\r\n", "a\r\n\r\n..\r\n.\r\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.message);
    for (const std::size_t piece : {1, 2, 3, 100}) EXPECT_EQ(stuffed(c.message, piece), c.want) << piece;
  }
}

TEST(DotStuffer, IsUndoneByTheOtherSide) {
  const std::string message = "Subject: x\r\n\r\n.one\r\n..\r\n.\r\n\r\nend\r\n";
  for (const std::size_t piece : {1, 2, 7, 100}) {
    DataStream reader;
    std::string read;
    const auto out = stuffed(message, piece);
    const auto progress = reader.feed(out, read);
    EXPECT_TRUE(progress.ended);
    EXPECT_EQ(progress.used, out.size());
    EXPECT_EQ(reader.fault(), LineFault::kNone);
    EXPECT_EQ(read, message);
  }
}

}  // namespace
}  // namespace veredus::wire::smtp
