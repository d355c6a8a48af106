#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// Lower-case hexadecimal, two characters for each octet.
std::string hex_encode(std::string_view octets);

/// Either case; nullopt for an odd length or any other character.
std::optional<std::string> hex_decode(std::string_view text);

/// The value of one hexadecimal digit of either case, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace veredus::base::codec
