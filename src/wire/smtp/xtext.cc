#include "wire/smtp/xtext.h"

#include <cstdint>

#include "base/codec/utf8.h"

namespace veredus::wire::smtp {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

constexpr bool is_xchar(char c) { return c >= 33 && c <= 126 && c != '+' && c != '='; }

/// `\x{HEXPOINT}` at the front of `text`: 2..6 digits (RFC 6533 s3). Leaves `text` behind it.
std::optional<std::uint32_t> take_code_point(std::string_view& text) {
  if (!text.starts_with("\\x{")) return std::nullopt;
  std::uint32_t value = 0;
  std::size_t i = 3;
  for (; i < text.size() && text[i] != '}'; ++i) {
    const auto digit = hex_digit(text[i]);
    if (!digit || i > 8) return std::nullopt;
    value = value * 16 + *digit;
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (i < 5 || i == text.size() || value == 0 || value > 0x10FFFF || surrogate) return std::nullopt;
  text.remove_prefix(i + 1);
  return value;
}

}  // namespace

std::string xtext_encode(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(octets.size());
  for (const char c : octets) {
    if (is_xchar(c)) {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<std::uint8_t>(c);
    out.push_back('+');
    out.push_back(kDigits[octet >> 4]);
    out.push_back(kDigits[octet & 15]);
  }
  return out;
}

std::optional<std::string> xtext_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_xchar(text[i])) {
      out.push_back(text[i]);
      continue;
    }
    if (text[i] != '+' || text.size() - i < 3) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(*high * 16 + *low)));
    i += 2;
  }
  return out;
}

std::string utf8_addr_encode(std::string_view text_utf8) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  while (!text_utf8.empty()) {
    const auto [code_point, octets] = base::codec::first_utf8_character(text_utf8);
    const char32_t value = octets == 0 ? U'\uFFFD' : code_point;
    text_utf8.remove_prefix(octets == 0 ? 1 : octets);
    if (value < 0x80 && value != U'\\' && is_xchar(static_cast<char>(value))) {
      out.push_back(static_cast<char>(value));
      continue;
    }
    // EmbeddedUnicodeChar = "\x{" HEXPOINT "}": two digits at least, no zeroes in front of more
    out.append("\\x{");
    int shift = 20;
    while (shift > 4 && (value >> shift) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) out.push_back(kDigits[(value >> shift) & 15]);
    out.push_back('}');
  }
  return out;
}

std::optional<std::string> utf8_addr_decode(std::string_view text) {
  if (!base::codec::is_valid_utf8(text)) return std::nullopt;
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    if (c == '\\') {
      const auto code_point = take_code_point(text);
      if (!code_point) return std::nullopt;
      base::codec::append_utf8(out, static_cast<char32_t>(*code_point));
      continue;
    }
    if (c == '+' || c == '=' || (static_cast<unsigned char>(c) < 0x80 && !is_xchar(c))) return std::nullopt;
    out.push_back(c);
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace veredus::wire::smtp
