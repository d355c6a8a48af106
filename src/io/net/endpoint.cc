#include "io/net/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

namespace veredus::io::net {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};  // RFC 4291 s2.5.5.2
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
  std::ranges::copy(octets, address.octets_.begin());
  return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> octets) {
  IpAddress address;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets.begin())) {
    std::copy(octets.begin() + 12, octets.end(), address.octets_.begin());
    return address;
  }
  address.family_ = Family::kV6;
  address.octets_ = octets;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.contains('\0')) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET6, terminated.data(), octets.data()) == 1) return v6(octets);
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, terminated.data(), four.data()) == 1) return v4(four);
  return std::nullopt;
}

std::string_view IpAddress::octets() const {
  return {reinterpret_cast<const char*>(octets_.data()), is_v6() ? std::size_t{16} : std::size_t{4}};
}

bool IpAddress::is_loopback() const {
  if (!is_v6()) return octets_[0] == 127;
  return octets_[15] == 1 && std::all_of(octets_.begin(), octets_.end() - 1, [](auto octet) { return octet == 0; });
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v6() ? AF_INET6 : AF_INET, octets_.data(), text.data(), text.size());
  return text.data();
}

IpAddress IpAddress::masked(unsigned prefix) const {
  IpAddress result = *this;
  const unsigned bits = is_v6() ? 128 : 32;
  for (unsigned bit = prefix; bit < bits; ++bit)
    result.octets_[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  return result;
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned bits = address->is_v6() ? 128 : 32;
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
  return address.family() == base.family() && address.masked(prefix) == base;
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
