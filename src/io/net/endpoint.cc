#include "io/net/endpoint.h"

#include <algorithm>
#include <charconv>

namespace veredus::io::net {

namespace codec = base::codec;

namespace {

constexpr std::string_view kUnixScheme = "unix:";

template <class Number>
std::optional<Number> parse_number(std::string_view text, unsigned limit) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > limit) return std::nullopt;
  return static_cast<Number>(value);
}

}  // namespace

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::ranges::copy(octets, address.value_.octets.begin());
  return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> octets) {
  return IpAddress(codec::IpAddress{.family = Family::kV6, .octets = octets});
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const auto value = codec::parse_ip(text);
  if (!value) return std::nullopt;
  return IpAddress(*value);
}

std::string_view IpAddress::octets() const {
  return {reinterpret_cast<const char*>(value_.octets.data()), value_.bits() / 8};
}

bool IpAddress::is_loopback() const {
  const auto& octets = value_.octets;
  if (!is_v6()) return octets[0] == 127;
  return octets[15] == 1 && std::all_of(octets.begin(), octets.end() - 1, [](auto octet) { return octet == 0; });
}

std::string IpAddress::to_string() const { return codec::to_string(value_); }

IpAddress IpAddress::masked(unsigned prefix) const {
  IpAddress result = *this;
  for (unsigned bit = prefix; bit < value_.bits(); ++bit)
    result.value_.octets[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  return result;
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned bits = address->value().bits();
  Network network{*address, static_cast<std::uint8_t>(bits)};
  if (slash != std::string_view::npos) {
    const auto prefix = parse_number<std::uint8_t>(text.substr(slash + 1), bits);
    if (!prefix) return std::nullopt;
    network.prefix = *prefix;
  }
  network.base = network.base.masked(network.prefix);
  return network;
}

bool Network::contains(const IpAddress& address) const {
  return codec::same_network(base.value(), address.value(), prefix);
}

Endpoint Endpoint::ip(IpAddress address, std::uint16_t port) {
  return {.kind = Kind::kIp, .port = port, .address = address, .path = {}};
}

Endpoint Endpoint::unix_socket(std::string path) {
  return {.kind = Kind::kUnix, .port = 0, .address = {}, .path = std::move(path)};
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  if (text.starts_with(kUnixScheme)) text.remove_prefix(kUnixScheme.size());
  if (text.starts_with('/')) return unix_socket(std::string(text));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1), 65535);
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.contains(':') != bracketed) return std::nullopt;  // RFC 3986 s3.2.2: IPv6 stands in brackets
  const auto address = IpAddress::parse(host);
  if (!address || !port) return std::nullopt;
  return ip(*address, *port);
}

bool Endpoint::is_local_machine() const { return kind == Kind::kUnix || (kind == Kind::kIp && address.is_loopback()); }

std::string Endpoint::to_string() const {
  if (kind == Kind::kNone) return "unknown";
  if (kind == Kind::kUnix) return std::string(kUnixScheme) + path;
  const auto host = address.is_v6() ? '[' + address.to_string() + ']' : address.to_string();
  return host + ':' + std::to_string(port);
}

}  // namespace veredus::io::net
