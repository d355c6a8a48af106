#include "base/codec/dns_name.h"

#include <algorithm>
#include <cstdint>

#include "base/codec/ascii.h"

namespace veredus::base::codec {
namespace {

constexpr std::size_t kMostLabelOctets = 63;
constexpr std::size_t kMostNameOctets = 253;  // with the dots between labels: 255 on the wire

bool stands_for_itself(char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; }
bool is_printable(char c) { return c > ' ' && c < '\x7F'; }

/// What follows a backslash, taken off the front of `rest`.
std::optional<char> take_escaped(std::string_view& rest) {
  if (rest.empty() || !is_printable(rest.front())) return std::nullopt;
  const bool is_number = is_digit(rest.front());
  const auto escape = rest.substr(0, is_number ? 3 : 1);
  rest.remove_prefix(escape.size());
  if (!is_number) return escape.front();
  if (escape.size() < 3 || !std::ranges::all_of(escape, is_digit)) return std::nullopt;
  const int number = (escape[0] - '0') * 100 + (escape[1] - '0') * 10 + (escape[2] - '0');
  if (number > 255) return std::nullopt;
  return static_cast<char>(number);
}

}  // namespace

void append_presented(std::string& out, char octet) {
  if (stands_for_itself(octet)) {
    out.push_back(to_lower_ascii(octet));
  } else if (is_printable(octet)) {
    out.push_back('\\');
    out.push_back(octet);
  } else {
    const auto number = static_cast<std::uint8_t>(octet);
    for (const char digit : {'\\', static_cast<char>('0' + number / 100), static_cast<char>('0' + number / 10 % 10),
                             static_cast<char>('0' + number % 10)})
      out.push_back(digit);
  }
}

std::string presented_name(std::string_view octets) {
  std::string out;
  out.reserve(octets.size());
  for (const char c : octets) {
    if (c == '.')
      out.push_back('.');
    else
      append_presented(out, c);
  }
  return out;
}

std::optional<std::string> normal_presented_name(std::string_view text) {
  std::string out;
  std::size_t name = 0;
  std::size_t label = 0;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '.') {
      if (label == 0) return std::nullopt;
      if (text.empty()) break;  // fully qualified
      out.push_back('.');
      label = 0;
      ++name;
      continue;
    }
    const auto octet = c == '\\' ? take_escaped(text) : stands_for_itself(c) ? std::optional(c) : std::nullopt;
    if (!octet || ++label > kMostLabelOctets) return std::nullopt;
    append_presented(out, *octet);
    ++name;
  }
  if (label == 0 || name > kMostNameOctets) return std::nullopt;
  return out;
}

}  // namespace veredus::base::codec
