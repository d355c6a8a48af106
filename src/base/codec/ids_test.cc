#include <gtest/gtest.h>

#include "base/codec/base32.h"
#include "base/codec/hex.h"

namespace veredus::base::codec {
namespace {

TEST(Hex, ComesBackAsItWas) {
  EXPECT_EQ(hex_encode(std::string_view("\x00\xAB\xff", 3)), "00abff");
  EXPECT_EQ(hex_decode("00ABfF"), std::string("\x00\xAB\xff", 3));
  EXPECT_EQ(hex_decode("0"), std::nullopt);
  EXPECT_EQ(hex_decode("0g"), std::nullopt);
}

TEST(Base32, ComesBackAsItWasAndSortsAsItsOctets) {
  std::string last;
  for (int i = 0; i < 256; ++i) {
    std::string octets(static_cast<std::size_t>(i % 11), static_cast<char>(255 - i));
    EXPECT_EQ(base32_decode(base32_encode(octets)), octets) << i;
    const std::string one = base32_encode(std::string(10, static_cast<char>(i)));
    EXPECT_EQ(one.size(), 16u);
    EXPECT_LT(last, one);
    last = one;
  }
}

TEST(Base32, ForgivesWhatPeopleMisread) {
  EXPECT_EQ(base32_encode("\x00\x44\x32\x14\xc7"),
            base32_encode(*base32_decode(base32_encode("\x00\x44\x32\x14\xc7"))));
  EXPECT_EQ(base32_decode("0O"), base32_decode("00"));
  EXPECT_EQ(base32_decode("il1L0000"), base32_decode("11110000"));
  EXPECT_EQ(base32_decode("ABCDEFGH"), base32_decode("abcdefgh"));
}

TEST(Base32, RefusesWhatItNeverWrites) {
  for (const std::string_view text : {"u0", "0-", "0", "000", "01", "0 "}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(base32_decode(text), std::nullopt);
  }
}

}  // namespace
}  // namespace veredus::base::codec
