#include "io/engine/layout.h"

#include <gtest/gtest.h>

#include "base/codec/hex.h"

namespace veredus::io::engine::layout {
namespace {

using base::codec::hex_encode;

constexpr Partition kAlice{.kind = Kind::kAccount, .id = 0x0102030405060708};

// The octets on disk, as docs/formats/engine.md describes them. These never change within format 1.
TEST(Layout, OctetsOnDiskAreThoseOfFormatOne) {
  EXPECT_EQ(hex_encode(prefix(kAlice)), "410102030405060708");
  EXPECT_EQ(hex_encode(full_key(kAlice, "b1")), "4101020304050607086231");
  EXPECT_EQ(hex_encode(encode(PartitionState{.version = Version(258), .epoch = Epoch(3)})),
            "00000000000001020000000000000003");
  EXPECT_EQ(hex_encode(encode_format(kFormat)), "00000001");
  EXPECT_EQ(static_cast<char>(Kind::kJournal), 'J');
  EXPECT_EQ(static_cast<char>(Kind::kReports), 'P');
}

TEST(Layout, WhatIsWrittenIsReadBack) {
  const auto name = full_key(kAlice, "x99");
  const auto split = split_key(name);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->first, kAlice);
  EXPECT_EQ(split->second, "x99");
  const PartitionState state{.version = Version(UINT64_MAX), .epoch = Epoch(5)};
  EXPECT_EQ(decode_state(encode(state)), state);
  EXPECT_EQ(decode_format(encode_format(77)), 77U);
}

TEST(Layout, WhatIsNotOursIsRefused) {
  EXPECT_FALSE(split_key(""));
  EXPECT_FALSE(split_key("A1234567"));
  EXPECT_FALSE(split_key("?12345678key"));
  EXPECT_FALSE(decode_state(std::string(15, '\0')));
  EXPECT_FALSE(decode_state(std::string(17, '\0')));
  EXPECT_FALSE(decode_format("123"));
}

TEST(Layout, PartitionsEndWhereTheNextBegins) {
  EXPECT_EQ(hex_encode(end_of(kAlice)), "410102030405060709");
  EXPECT_EQ(hex_encode(end_of({Kind::kAccount, UINT64_MAX})), "42");
}

TEST(Layout, RangesAreCutAtTheColumnFamilies) {
  struct Case {
    std::string_view low, high;
    std::string_view want;  // r: rows, b: bodies
  };
  const Case cases[] = {{"", "", "rbr"},   {"a", "b", "r"},   {"a", "x", "r"},   {"x", "y", "b"},
                        {"x1", "x2", "b"}, {"w", "x1", "rb"}, {"x1", "z", "br"}, {"y", "", "r"},
                        {"b", "a", ""},    {"a", "a", ""},    {"", "a", "r"},    {"z", "x", ""}};
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.low) + ".." + std::string(c.high));
    std::string got;
    for (const auto& segment : segments_of(kAlice, c.low, c.high)) {
      got.push_back(segment.family == Family::kRows ? 'r' : 'b');
      EXPECT_LT(segment.low, segment.high);
      EXPECT_GT(segment.low, prefix(kAlice)) << "the state row is in no range";
    }
    EXPECT_EQ(got, c.want);
  }
}

}  // namespace
}  // namespace veredus::io::engine::layout
