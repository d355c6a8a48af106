#include "doors/pop3/message_stream.h"

#include <gtest/gtest.h>

namespace veredus::doors::pop3 {
namespace {

std::string sent(MessageStream stream, std::string_view message, std::size_t chunk_octets) {
  std::string out;
  for (std::size_t at = 0; at < message.size() && !stream.satisfied(); at += chunk_octets)
    out += stream.feed(std::string(message.substr(at, chunk_octets)));
  return out + stream.finish();
}

TEST(MessageStream, DoublesDotsAtLineBeginningsWhereverTheChunksEnd) {  // RFC 1939 s3
  struct Case {
    std::string_view message, want;
  };
  const Case cases[] = {
      {"", ".\r\n"},
      {"a\r\n", "a\r\n.\r\n"},
      {"a", "a\r\n.\r\n"},
      {".", "..\r\n.\r\n"},
      {".\r\n", "..\r\n.\r\n"},
      {"..a\r\n.b\r\n..\r\n", "...a\r\n..b\r\n...\r\n.\r\n"},
      {"a.b\r\n", "a.b\r\n.\r\n"},
      {"a\r\n.\r\nb.\r\n", "a\r\n..\r\nb.\r\n.\r\n"},
      {"a\r.b\r\n", "a\r.b\r\n.\r\n"},
      {"a\n.\r\nb\r\n", "a\n..\r\nb\r\n.\r\n"},  // a bare LF could be taken for a line end
      {"\r\n.\r\n.\r\n", "\r\n..\r\n..\r\n.\r\n"},
  };
  for (const auto& c : cases) {
    for (std::size_t chunk = 1; chunk <= c.message.size() + 1; ++chunk) {
      SCOPED_TRACE(std::string(c.message) + " in chunks of " + std::to_string(chunk));
      EXPECT_EQ(sent(MessageStream(), c.message, chunk), c.want);
    }
  }
}

TEST(MessageStream, CountsTheBodyLinesOfTopAndNotItsHeader) {  // RFC 1939 s7
  const std::string_view message = "A: 1\r\nB: 2\r\n\r\n.one\r\n\r\nthree\r\nfour";
  struct Case {
    std::uint32_t lines;
    std::string_view want;
  };
  const Case cases[] = {
      {0, "A: 1\r\nB: 2\r\n\r\n.\r\n"},
      {1, "A: 1\r\nB: 2\r\n\r\n..one\r\n.\r\n"},
      {2, "A: 1\r\nB: 2\r\n\r\n..one\r\n\r\n.\r\n"},
      {3, "A: 1\r\nB: 2\r\n\r\n..one\r\n\r\nthree\r\n.\r\n"},
      {4, "A: 1\r\nB: 2\r\n\r\n..one\r\n\r\nthree\r\nfour\r\n.\r\n"},
      {4'000'000'000, "A: 1\r\nB: 2\r\n\r\n..one\r\n\r\nthree\r\nfour\r\n.\r\n"},
  };
  for (const auto& c : cases) {
    for (std::size_t chunk = 1; chunk <= message.size(); ++chunk) {
      SCOPED_TRACE(std::to_string(c.lines) + " lines, chunks of " + std::to_string(chunk));
      EXPECT_EQ(sent(MessageStream(c.lines), message, chunk), c.want);
    }
  }
  EXPECT_EQ(sent(MessageStream(0), "A: 1\r\n", 3), "A: 1\r\n.\r\n") << "no body at all";
  EXPECT_EQ(sent(MessageStream(0), "\r\nbody\r\n", 3), "\r\n.\r\n") << "no header at all";
  EXPECT_EQ(sent(MessageStream(1), "A: 1\n\nbody\nmore\n", 2), "A: 1\n\nbody\n.\r\n");
}

TEST(MessageStream, StopsReadingWhenTopHasAllItWants) {
  MessageStream stream(0);
  EXPECT_EQ(stream.feed("A: 1\r\n\r\nbody"), "A: 1\r\n\r\n");
  EXPECT_TRUE(stream.satisfied());
}

}  // namespace
}  // namespace veredus::doors::pop3
