#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// An IPv4 or IPv6 address as a value, where no socket is near.
struct IpAddress {
  enum class Family : std::uint8_t { kV4, kV6 };

  Family family = Family::kV4;
  std::array<std::uint8_t, 16> octets{};  // network order; of IPv4 the first four, the others 0

  [[nodiscard]] unsigned bits() const { return family == Family::kV4 ? 32 : 128; }
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

/// Dotted quads without leading zeros and without parts left out, or RFC 4291 s2.2 text without a zone.
std::optional<IpAddress> parse_ip(std::string_view text);

/// Dotted quads, or RFC 5952 text.
std::string to_string(const IpAddress& address);

/// An IPv4-mapped IPv6 address as IPv4 (RFC 4291 s2.5.5.2); others as they are.
IpAddress unmapped(const IpAddress& address);

/// Whether both are of one family and their first `prefix_bits` bits are the same.
bool same_network(const IpAddress& a, const IpAddress& b, unsigned prefix_bits);

/// The name under which DNS keeps what an address is called: `4.3.2.1.in-addr.arpa`. Source: RFC 1035 s3.5, RFC 3596
/// s2.5.
std::string reverse_name(const IpAddress& address);
/// The address that such a name is made of; nullopt: it is another kind of name.
std::optional<IpAddress> address_of_reverse_name(std::string_view name);

}  // namespace veredus::base::codec
