#include "io/net/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/types/bytes.h"
#include "base/types/result.h"

namespace veredus::io::net {
namespace {

constexpr std::string_view kV1Signature = "PROXY ";
constexpr std::string_view kV2Signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kV1Limit = 107;       // section 2.1, CRLF included
constexpr std::size_t kV2FixedOctets = 16;  // section 2.2
constexpr std::uint8_t kV2Local = 0x20;     // version 2, command LOCAL
constexpr std::uint8_t kV2Proxy = 0x21;     // version 2, command PROXY
constexpr std::uint8_t kFamilyUnspecified = 0;
constexpr std::uint8_t kFamilyIpv4 = 1;
constexpr std::uint8_t kFamilyIpv6 = 2;
constexpr std::uint8_t kFamilyUnix = 3;
constexpr std::uint8_t kTransportStream = 1;
constexpr std::size_t kUnixPathOctets = 108;

using Parsed = std::expected<std::optional<ProxyHeader>, ProxyError>;

/// 0..65535 in decimal, without leading zeros.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

/// Cuts off what stands before the next space, and the space.
std::string_view next_word(std::string_view& rest) {
  const auto space = rest.find(' ');
  const auto word = rest.substr(0, space);
  rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
  return word;
}

/// `line`: without "PROXY " and CRLF. "TCP4" SP source SP destination SP port SP port, section 2.1.
Parsed parse_v1_line(std::string_view line, std::size_t octets) {
  ProxyHeader header{.octets = octets};
  const auto transport = next_word(line);
  if (transport == "UNKNOWN") return header;  // whatever follows does not count
  if (transport != "TCP4" && transport != "TCP6") return std::unexpected(ProxyError::kUnsupported);
  if (std::ranges::count(line, ' ') != 3) return std::unexpected(ProxyError::kMalformed);
  const auto source_text = next_word(line);
  const auto destination_text = next_word(line);
  const auto source_port = parse_port(next_word(line));
  const auto destination_port = parse_port(line);
  const bool six = transport == "TCP6";
  if (source_text.contains(':') != six || destination_text.contains(':') != six)
    return std::unexpected(ProxyError::kAddress);
  const auto source = IpAddress::parse(source_text);
  const auto destination = IpAddress::parse(destination_text);
  if (!source || !destination || !source_port || !destination_port) return std::unexpected(ProxyError::kAddress);
  header.command = ProxyHeader::Command::kProxy;
  header.source = Endpoint::ip(*source, *source_port);
  header.destination = Endpoint::ip(*destination, *destination_port);
  return header;
}

Parsed parse_v1(std::string_view input) {
  const auto end = input.substr(0, kV1Limit).find("\r\n");
  if (end != std::string_view::npos)
    return parse_v1_line(input.substr(kV1Signature.size(), end - kV1Signature.size()), end + 2);
  if (input.size() >= kV1Limit) return std::unexpected(ProxyError::kTooLong);
  if (input.contains('\n')) return std::unexpected(ProxyError::kMalformed);
  return std::nullopt;
}

template <std::size_t octets>
IpAddress take_ip(std::string_view block, std::size_t at) {
  std::array<std::uint8_t, octets> address{};
  std::ranges::copy(block.substr(at, octets), address.begin());
  if constexpr (octets == 4) {
    return IpAddress::v4(address);
  } else {
    return IpAddress::v6(address);
  }
}

std::uint16_t take_port(std::string_view block, std::size_t at) {
  return *ByteReader(block.substr(at, 2)).take_be<std::uint16_t>();
}

/// Two addresses, then two ports. What follows are TLVs, which say nothing we need.
template <std::size_t octets>
Parsed parse_v2_ip(ProxyHeader header, std::string_view block) {
  if (block.size() < 2 * octets + 4) return std::unexpected(ProxyError::kMalformed);
  header.source = Endpoint::ip(take_ip<octets>(block, 0), take_port(block, 2 * octets));
  header.destination = Endpoint::ip(take_ip<octets>(block, octets), take_port(block, 2 * octets + 2));
  return header;
}

Parsed parse_v2_unix(ProxyHeader header, std::string_view block) {
  if (block.size() < 2 * kUnixPathOctets) return std::unexpected(ProxyError::kMalformed);
  const auto path = [&](std::size_t at) {
    const auto field = block.substr(at, kUnixPathOctets);
    return Endpoint::unix_socket(std::string(field.substr(0, field.find('\0'))));
  };
  header.source = path(0);
  header.destination = path(kUnixPathOctets);
  return header;
}

Parsed parse_v2(std::string_view input) {
  if (input.size() < kV2FixedOctets) return std::nullopt;
  const auto command = static_cast<std::uint8_t>(input[12]);
  const auto family = static_cast<std::uint8_t>(static_cast<std::uint8_t>(input[13]) >> 4);
  const auto transport = static_cast<std::uint8_t>(input[13] & 0x0F);
  const std::size_t octets = kV2FixedOctets + take_port(input, 14);
  if (command != kV2Local && command != kV2Proxy) return std::unexpected(ProxyError::kUnsupported);
  if (octets > kProxyHeaderLimit) return std::unexpected(ProxyError::kTooLong);
  if (input.size() < octets) return std::nullopt;
  ProxyHeader header{.octets = octets};
  if (command == kV2Local || family == kFamilyUnspecified) return header;
  if (transport != kTransportStream) return std::unexpected(ProxyError::kUnsupported);
  header.command = ProxyHeader::Command::kProxy;
  const auto block = input.substr(kV2FixedOctets, octets - kV2FixedOctets);
  if (family == kFamilyIpv4) return parse_v2_ip<4>(std::move(header), block);
  if (family == kFamilyIpv6) return parse_v2_ip<16>(std::move(header), block);
  if (family == kFamilyUnix) return parse_v2_unix(std::move(header), block);
  return std::unexpected(ProxyError::kUnsupported);
}

}  // namespace

std::string_view to_string(ProxyError error) {
  switch (error) {
    case ProxyError::kSignature:
      return "no PROXY header";
    case ProxyError::kTooLong:
      return "PROXY header too long";
    case ProxyError::kMalformed:
      return "PROXY header malformed";
    case ProxyError::kAddress:
      return "PROXY header with an unusable address";
    case ProxyError::kUnsupported:
      return "PROXY header of an unsupported kind";
  }
  return "unknown error";
}

std::expected<std::optional<ProxyHeader>, ProxyError> parse_proxy_header(std::string_view input) {
  const auto begins = [&](std::string_view signature) {
    const auto compared = std::min(input.size(), signature.size());
    return input.substr(0, compared) == signature.substr(0, compared);
  };
  if (begins(kV1Signature)) return input.size() < kV1Signature.size() ? Parsed(std::nullopt) : parse_v1(input);
  if (begins(kV2Signature)) return parse_v2(input);
  return std::unexpected(ProxyError::kSignature);
}

std::size_t proxy_header_needs(std::string_view seen) {
  constexpr std::size_t kShortestV1 = 15;  // "PROXY UNKNOWN" CRLF
  constexpr std::size_t kFixedV2 = 16;     // signature, version, family and the length of the rest
  if (seen.size() < kShortestV1) return kShortestV1 - seen.size();
  if (seen.front() == 'P') return seen.back() == '\r' ? 1 : 2;
  if (seen.size() < kFixedV2) return kFixedV2 - seen.size();
  const auto rest =
      (static_cast<std::size_t>(static_cast<unsigned char>(seen[14])) << 8) | static_cast<unsigned char>(seen[15]);
  return std::max<std::size_t>(1, kFixedV2 + rest - std::min(kFixedV2 + rest, seen.size()));
}

std::string format_proxy_v1(const Endpoint& source, const Endpoint& destination) {
  if (source.kind != Endpoint::Kind::kIp) return "PROXY UNKNOWN\r\n";
  std::string line(kV1Signature);
  line += source.address.is_v6() ? "TCP6 " : "TCP4 ";
  line += source.address.to_string() + ' ' + destination.address.to_string() + ' ';
  line += std::to_string(source.port) + ' ' + std::to_string(destination.port) + "\r\n";
  return line;
}

std::string format_proxy_v2(const Endpoint& source, const Endpoint& destination) {
  std::string block;
  std::uint8_t family = kFamilyUnspecified;
  if (source.kind == Endpoint::Kind::kIp) {
    family = source.address.is_v6() ? kFamilyIpv6 : kFamilyIpv4;
    block.append(source.address.octets()).append(destination.address.octets());
    put_be(block, source.port);
    put_be(block, destination.port);
  } else if (source.kind == Endpoint::Kind::kUnix) {
    family = kFamilyUnix;
    for (const auto* end : {&source, &destination}) {
      block.append(end->path, 0, kUnixPathOctets);
      block.append(kUnixPathOctets - std::min(end->path.size(), kUnixPathOctets), '\0');
    }
  }
  std::string header(kV2Signature);
  put_be(header, kV2Proxy);
  put_be(header, static_cast<std::uint8_t>(family == kFamilyUnspecified ? 0 : family << 4 | kTransportStream));
  put_be(header, static_cast<std::uint16_t>(block.size()));
  return header + block;
}

}  // namespace veredus::io::net
