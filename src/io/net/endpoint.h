#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/codec/ip_address.h"

namespace veredus::io::net {

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 is kept as IPv4, so that one peer has one form.
class IpAddress {
 public:
  using Family = base::codec::IpAddress::Family;

  constexpr IpAddress() = default;  // 0.0.0.0
  explicit IpAddress(const base::codec::IpAddress& value) : value_(base::codec::unmapped(value)) {}
  static IpAddress v4(std::array<std::uint8_t, 4> octets);
  static IpAddress v6(std::array<std::uint8_t, 16> octets);
  /// "192.0.2.1", "2001:db8::1"; no brackets, no zone.
  static std::optional<IpAddress> parse(std::string_view text);

  /// As those wings know it that have no network.
  [[nodiscard]] const base::codec::IpAddress& value() const { return value_; }
  [[nodiscard]] Family family() const { return value_.family; }
  [[nodiscard]] bool is_v6() const { return family() == Family::kV6; }
  /// 4 or 16 octets, network order.
  [[nodiscard]] std::string_view octets() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] std::string to_string() const;
  /// The address with all but the first `prefix` bits cleared.
  [[nodiscard]] IpAddress masked(unsigned prefix) const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  base::codec::IpAddress value_;
};

/// A range of addresses, "192.0.2.0/24". A bare address is a range of one.
struct Network {
  IpAddress base;
  std::uint8_t prefix = 0;

  static std::optional<Network> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;
};

/// One end of a connection, or a place to listen at.
struct Endpoint {
  enum class Kind : std::uint8_t { kNone, kIp, kUnix };

  Kind kind = Kind::kNone;
  std::uint16_t port = 0;  // 0 when listening: the system chooses
  IpAddress address;
  std::string path;  // of a UNIX socket; empty for an unnamed peer

  static Endpoint ip(IpAddress address, std::uint16_t port);
  static Endpoint unix_socket(std::string path);
  /// "192.0.2.1:25", "[2001:db8::1]:25", "[::]:0", "unix:/run/x.sock" or "/run/x.sock".
  static std::optional<Endpoint> parse(std::string_view text);

  [[nodiscard]] bool is_unix() const { return kind == Kind::kUnix; }
  /// The peer is on this machine: a loopback address or a UNIX socket.
  [[nodiscard]] bool is_local_machine() const;
  /// As `parse` reads it.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace veredus::io::net

template <>
struct std::hash<veredus::io::net::IpAddress> {
  std::size_t operator()(const veredus::io::net::IpAddress& address) const noexcept {
    return std::hash<std::string_view>{}(address.octets());
  }
};
