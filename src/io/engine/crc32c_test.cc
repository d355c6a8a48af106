#include "io/engine/crc32c.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace rocksdb::crc32c {
std::uint32_t Extend(std::uint32_t crc, const char* octets, std::size_t size);
}

namespace veredus::io::engine {
namespace {

std::uint32_t bit_by_bit(std::uint32_t crc, std::string_view octets) {
  crc = ~crc;
  for (const char octet : octets) {
    crc ^= static_cast<std::uint8_t>(octet);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
  }
  return ~crc;
}

std::uint32_t extend(std::uint32_t crc, std::string_view octets) {
  return rocksdb::crc32c::Extend(crc, octets.data(), octets.size());
}

TEST(Crc32c, IsThatOfTheStandard) {  // RFC 3720 appendix B.4
  EXPECT_EQ(extend(0, std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(extend(0, std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(extend(0, "123456789"), 0xE3069283U);
}

TEST(Crc32c, IsTheSameForEveryLengthAndPlaceAndGoesOn) {
  std::string octets;
  for (unsigned i = 0; i < 100; ++i) octets.push_back(static_cast<char>(i * 37 + 11));
  for (std::size_t begin = 0; begin < 9; ++begin)
    for (std::size_t size = 0; begin + size <= octets.size(); ++size) {
      const auto part = std::string_view(octets).substr(begin, size);
      EXPECT_EQ(extend(0, part), bit_by_bit(0, part)) << begin << " " << size;
      EXPECT_EQ(extend(extend(0, part.substr(0, size / 3)), part.substr(size / 3)), bit_by_bit(0, part));
    }
}

TEST(Crc32c, IsTheProcessorsWhereItHasOne) {
#if defined(__x86_64__)
  EXPECT_EQ(is_crc32c_by_processor(), __builtin_cpu_supports("sse4.2") != 0);
#else
  EXPECT_FALSE(is_crc32c_by_processor());
#endif
}

}  // namespace
}  // namespace veredus::io::engine
