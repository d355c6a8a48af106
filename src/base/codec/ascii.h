#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// Case and classes of US-ASCII alone: no locale, octets above 0x7F are left as they are.

constexpr char to_lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr char to_upper_ascii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

inline std::string to_lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower_ascii(c);
  return out;
}

inline std::string to_upper_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_upper_ascii(c);
  return out;
}

constexpr bool iequals_ascii(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return to_lower_ascii(x) == to_lower_ascii(y); });
}

constexpr bool istarts_with_ascii(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && iequals_ascii(text.substr(0, prefix.size()), prefix);
}

constexpr bool iends_with_ascii(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && iequals_ascii(text.substr(text.size() - suffix.size()), suffix);
}

/// `text` without the given octets at either end; by default space, tab, CR and LF.
constexpr std::string_view trim_ascii(std::string_view text, std::string_view octets = " \t\r\n") {
  const auto first = text.find_first_not_of(octets);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(octets) - first + 1);
}

}  // namespace veredus::base::codec
