#include "io/dns/name.h"

#include <algorithm>
#include <array>

#include "base/codec/ascii.h"
#include "base/codec/idna.h"
#include "base/codec/utf8.h"

namespace veredus::io::dns {
namespace {

using namespace base::codec;

constexpr std::size_t kMaxName = 253;  // RFC 1035 s2.3.4: 255 octets on the wire
constexpr std::size_t kMaxLabel = 63;
constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabel) return false;
  return std::ranges::all_of(label, [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_name(std::string_view name) {
  if (name.size() > kMaxName) return false;
  while (true) {
    const auto dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

std::string reverse_v4(std::string_view octets) {
  std::string name;
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    name += std::to_string(static_cast<std::uint8_t>(*octet));
    name += '.';
  }
  return name + "in-addr.arpa";
}

std::string reverse_v6(std::string_view octets) {
  std::string name;
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    const auto value = static_cast<std::uint8_t>(*octet);
    const std::array<char, 4> nibbles{kHexDigits[value & 0xFU], '.', kHexDigits[value >> 4U], '.'};
    name.append(nibbles.data(), nibbles.size());
  }
  return name + "ip6.arpa";
}

}  // namespace

std::optional<std::string> query_name(std::string_view name_utf8) {
  if (name_utf8 == ".") return std::string(name_utf8);
  if (!is_ascii(name_utf8)) return to_ascii(name_utf8);
  if (name_utf8.ends_with('.')) name_utf8.remove_suffix(1);
  if (!is_name(name_utf8)) return std::nullopt;
  return to_lower_ascii(name_utf8);
}

std::string reverse_name(const net::IpAddress& address) {
  return address.is_v6() ? reverse_v6(address.octets()) : reverse_v4(address.octets());
}

}  // namespace veredus::io::dns
