#include "doors/imap/deflate.h"

#include <gtest/gtest.h>

#include <string>

namespace veredus::doors::imap {
namespace {

std::string inflate_all(Inflater& inflater, std::string_view octets) {
  std::string all;
  while (!octets.empty()) {
    const auto piece = inflater.inflate(octets);
    if (!piece) return "no DEFLATE";
    EXPECT_LE(piece->size(), Inflater::kPieceOctets);
    all += *piece;
  }
  return all;
}

TEST(Deflate, GivesEveryPieceBackWhole) {
  Deflater deflater;
  Inflater inflater;
  for (const auto* text : {"* OK first\r\n", "* 1 FETCH (FLAGS ())\r\n", ""}) {
    const auto squeezed = deflater.compress(text);
    EXPECT_EQ(inflate_all(inflater, squeezed), text);
  }
  std::string replies;
  for (int i = 0; i < 5000; ++i) replies += "* " + std::to_string(i) + " FETCH (FLAGS (\\Seen))\r\n";
  const auto squeezed = deflater.compress(replies);
  EXPECT_LT(squeezed.size() * 5, replies.size());
  EXPECT_EQ(inflate_all(inflater, squeezed), replies);
}

TEST(Deflate, KnowsWhereItEnds) {
  Deflater deflater;
  Inflater inflater;
  const auto first = deflater.compress("a1 NOOP\r\n");
  EXPECT_EQ(inflate_all(inflater, first), "a1 NOOP\r\n");
  EXPECT_FALSE(inflater.ended());
  const auto all = deflater.finish("a2 UNAUTHENTICATE\r\n") + "a3 NOOP\r\n";
  std::string_view rest = all;
  const auto last = inflater.inflate(rest);
  ASSERT_TRUE(last);
  EXPECT_EQ(*last, "a2 UNAUTHENTICATE\r\n");
  EXPECT_TRUE(inflater.ended());
  EXPECT_EQ(rest, "a3 NOOP\r\n");
  EXPECT_FALSE(inflater.inflate(rest));
}

TEST(Deflate, RefusesWhatIsNone) {
  Inflater inflater;
  EXPECT_EQ(inflate_all(inflater, "a1 NOOP\r\na2 NOOP\r\n"), "no DEFLATE");
}

TEST(Deflate, GivesWhatComesBeforeWhatIsNone) {
  Deflater deflater;
  Inflater inflater;
  const auto all = deflater.compress("a1 NOOP\r\n") + "a2 NOOP\r\n";
  std::string_view rest = all;
  const auto made = inflater.inflate(rest);
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, "a1 NOOP\r\n");
  EXPECT_TRUE(inflater.failed());
  EXPECT_FALSE(inflater.inflate(rest));
}

}  // namespace
}  // namespace veredus::doors::imap
