#include "base/codec/base32.h"

#include <array>
#include <cstdint>

#include "base/codec/ascii.h"

namespace veredus::base::codec {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

constexpr std::array<std::int16_t, 256> make_values() {
  std::array<std::int16_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    const auto value = static_cast<std::int16_t>(i);
    values[static_cast<std::uint8_t>(kAlphabet[i])] = value;
    values[static_cast<std::uint8_t>(to_upper_ascii(kAlphabet[i]))] = value;
  }
  for (const char c : {'o', 'O'}) values[static_cast<std::uint8_t>(c)] = 0;
  for (const char c : {'i', 'I', 'l', 'L'}) values[static_cast<std::uint8_t>(c)] = 1;
  return values;
}
constexpr auto kValues = make_values();

}  // namespace

std::string base32_encode(std::string_view octets) {
  std::string out;
  out.reserve((octets.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : octets) {
    bits = bits << 8 | static_cast<std::uint8_t>(c);
    count += 8;
    while (count >= 5) {
      count -= 5;
      out.push_back(kAlphabet[bits >> count & 0x1F]);
    }
    bits &= (1u << count) - 1;
  }
  if (count > 0) out.push_back(kAlphabet[bits << (5 - count) & 0x1F]);
  return out;
}

std::optional<std::string> base32_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 5 / 8);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = kValues[static_cast<std::uint8_t>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 5 | static_cast<std::uint32_t>(value);
    count += 5;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count));
    }
    bits &= (1u << count) - 1;
  }
  if (count >= 5 || bits != 0) return std::nullopt;
  return out;
}

}  // namespace veredus::base::codec
