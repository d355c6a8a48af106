#include "base/types/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace veredus {
namespace {

TEST(Bytes, BigEndianKeysSortAsTheirNumbers) {
  std::string a;
  std::string b;
  put_be<std::uint32_t>(a, 0x00FF);
  put_be<std::uint32_t>(b, 0x0100);
  EXPECT_LT(a, b);
  EXPECT_EQ(a, std::string("\0\0\0\xFF", 4));
}

TEST(Bytes, WhatIsWrittenIsReadBack) {
  std::string out;
  put_be<std::uint64_t>(out, 0x0123456789ABCDEF);
  put_varint(out, 0);
  put_varint(out, 300);
  put_varint(out, std::numeric_limits<std::uint64_t>::max());
  put_string(out, "veredus");
  ByteReader reader(out);
  EXPECT_EQ(reader.take_be<std::uint64_t>(), 0x0123456789ABCDEFu);
  EXPECT_EQ(reader.take_varint(), 0u);
  EXPECT_EQ(reader.take_varint(), 300u);
  EXPECT_EQ(reader.take_varint(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(reader.take_string(), "veredus");
  EXPECT_TRUE(reader.empty());
}

TEST(Bytes, ShortOrMalformedInputIsRefusedAndNotConsumed) {
  ByteReader few("\x01");
  EXPECT_FALSE(few.take_be<std::uint16_t>());
  EXPECT_EQ(few.rest().size(), 1u);
  ByteReader endless("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80");
  EXPECT_FALSE(endless.take_varint());
  ByteReader long_string(
      std::string_view("\x05"
                       "abc",
                       4));
  EXPECT_FALSE(long_string.take_string());
  EXPECT_EQ(long_string.rest().size(), 4u);
}

}  // namespace
}  // namespace veredus
