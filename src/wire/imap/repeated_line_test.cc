#include "wire/imap/repeated_line.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "wire/imap/fetch_reply.h"

namespace veredus::wire::imap {
namespace {

struct Shape {
  FetchReply::Form form = FetchReply::Form::kFetch;
  bool uid = true;
};

std::string line(Shape shape, std::uint32_t number, std::uint32_t uid) {
  std::string text;
  FetchReply reply(text, shape.form == FetchReply::Form::kUidFetch ? uid : number, shape.form);
  if (shape.uid) reply.uid(uid);
  reply.flags("(\\Seen 1999)");
  reply.modseq(9);
  reply.finish();
  return text;
}

/// From message 1 with UID `first` on, each line as it should be: how many of them were repeated.
std::uint32_t repeat(Shape shape, std::uint32_t first, std::uint32_t count) {
  RepeatedLine repeated;
  std::uint32_t times = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto expected = line(shape, 1 + i, first + i);
    std::string out = "before";
    if (repeated.append_next(out)) {
      EXPECT_EQ(out, "before" + expected);
      ++times;
    } else {
      EXPECT_EQ(out, "before");
      repeated.keep(expected);
    }
  }
  return times;
}

TEST(RepeatedLine, CountsUpNumberAndUid) {
  // A line of its own: the first, and where a number gets a digit: 10, 100, 1000; UIDs 100, 1000.
  EXPECT_EQ(repeat({}, 95, 1200), 1200U - 6);
}

TEST(RepeatedLine, CountsUpTheUidAfterTheUidToo) {  // RFC 9586 s3.3
  EXPECT_EQ(repeat({.form = FetchReply::Form::kUidFetch}, 95, 1200), 1200U - 3);
  EXPECT_EQ(repeat({.form = FetchReply::Form::kUidFetch}, 1, 120), 120U - 3);
}

TEST(RepeatedLine, CountsUpWhatIsInFrontAlone) {
  EXPECT_EQ(repeat({.form = FetchReply::Form::kFetch, .uid = false}, 95, 1200), 1200U - 4);
  EXPECT_EQ(repeat({.form = FetchReply::Form::kUidFetch, .uid = false}, 95, 1200), 1200U - 3);
}

TEST(RepeatedLine, NumberAndUidMayGetADigitTogether) { EXPECT_EQ(repeat({}, 1, 120), 120U - 3); }

TEST(RepeatedLine, HasNothingToRepeatAtFirst) {
  std::string out;
  EXPECT_FALSE(RepeatedLine().append_next(out));
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace veredus::wire::imap
