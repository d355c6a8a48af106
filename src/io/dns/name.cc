#include "io/dns/name.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/dns_name.h"
#include "base/codec/idna.h"
#include "base/codec/ip_address.h"
#include "base/codec/utf8.h"

namespace veredus::io::dns {
namespace {

using namespace base::codec;

constexpr std::size_t kMaxName = 253;  // RFC 1035 s2.3.4: 255 octets on the wire
constexpr std::size_t kMaxLabel = 63;

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

}  // namespace

std::optional<std::string> query_name(std::string_view name_utf8) {
  if (name_utf8 == ".") return std::string(name_utf8);
  if (!is_ascii(name_utf8)) return to_ascii(name_utf8);
  if (name_utf8.ends_with('.')) name_utf8.remove_suffix(1);
  if (!is_name(name_utf8)) return std::nullopt;
  return to_lower_ascii(name_utf8);
}

std::optional<std::string> escaped_query_name(std::string_view name_utf8) {
  return name_utf8.contains('\\') ? normal_presented_name(name_utf8) : query_name(name_utf8);
}

std::string reverse_name(const net::IpAddress& address) { return base::codec::reverse_name(address.value()); }

}  // namespace veredus::io::dns
