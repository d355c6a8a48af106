#include "base/codec/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace veredus::base::codec {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.contains('\0')) return std::nullopt;
  const std::string terminated(text);
  IpAddress out;
  out.family = text.contains(':') ? IpAddress::Family::kV6 : IpAddress::Family::kV4;
  const int family = out.family == IpAddress::Family::kV6 ? AF_INET6 : AF_INET;
  if (::inet_pton(family, terminated.c_str(), out.octets.data()) != 1) return std::nullopt;
  return out;
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.family == IpAddress::Family::kV6 ? AF_INET6 : AF_INET;
  ::inet_ntop(family, address.octets.data(), text.data(), text.size());
  return text.data();
}

IpAddress unmapped(const IpAddress& address) {
  if (address.family == IpAddress::Family::kV4 ||
      !std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.octets.begin()))
    return address;
  IpAddress out;
  std::copy(address.octets.begin() + kMappedPrefix.size(), address.octets.end(), out.octets.begin());
  return out;
}

bool same_network(const IpAddress& a, const IpAddress& b, unsigned prefix_bits) {
  if (a.family != b.family || prefix_bits > a.bits()) return false;
  const unsigned whole = prefix_bits / 8;
  if (!std::equal(a.octets.begin(), a.octets.begin() + whole, b.octets.begin())) return false;
  const unsigned rest = prefix_bits % 8;
  return rest == 0 || ((a.octets[whole] ^ b.octets[whole]) >> (8 - rest)) == 0;
}

std::string reverse_name(const IpAddress& address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  if (address.family == IpAddress::Family::kV4) {
    for (std::size_t i = 4; i-- > 0;) out += std::to_string(address.octets[i]) + '.';
    return out + "in-addr.arpa";
  }
  for (std::size_t i = 16; i-- > 0;) {
    out += kDigits[address.octets[i] & 0x0F];
    out += '.';
    out += kDigits[address.octets[i] >> 4];
    out += '.';
  }
  return out + "ip6.arpa";
}

std::optional<IpAddress> address_of_reverse_name(std::string_view name) {
  // Labels stand the other way round; IPv6 wants a ':' after each four.
  const bool v6 = name.ends_with(".ip6.arpa");
  if (!v6 && !name.ends_with(".in-addr.arpa")) return std::nullopt;
  name.remove_suffix(v6 ? 9 : 13);
  std::string text;
  std::size_t labels = 0;
  while (true) {
    const auto dot = name.rfind('.');
    const auto label = dot == std::string_view::npos ? name : name.substr(dot + 1);
    if (labels > 0 && (!v6 || labels % 4 == 0)) text += v6 ? ':' : '.';
    text += label;
    ++labels;
    if (dot == std::string_view::npos) break;
    name = name.substr(0, dot);
  }
  const auto address = parse_ip(text);
  return labels == (v6 ? 32U : 4U) ? address : std::nullopt;
}

}  // namespace veredus::base::codec
