#include "io/dns/rdata.h"

#include <algorithm>
#include <array>

#include "base/codec/dns_name.h"
#include "base/types/bytes.h"

namespace veredus::io::dns {
namespace {

constexpr std::size_t kMaxNameOctets = 255;  // RFC 1035 s2.3.4, on the wire
constexpr std::size_t kMaxLabelOctets = 63;  // above it are pointers, which uncompressed names do not have

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> exactly(std::string_view rdata) {
  if (rdata.size() != N) return std::nullopt;
  std::array<std::uint8_t, N> octets{};
  std::ranges::copy(rdata, octets.begin());
  return octets;
}

}  // namespace

std::optional<std::string> parse_target(std::string_view rdata) {
  if (rdata.empty() || rdata.size() > kMaxNameOctets) return std::nullopt;
  std::string name;
  while (!rdata.empty()) {
    const auto length = static_cast<std::uint8_t>(rdata.front());
    rdata.remove_prefix(1);
    if (length == 0) {
      if (!rdata.empty()) return std::nullopt;
      return name.empty() ? "." : name;
    }
    if (length > kMaxLabelOctets || length > rdata.size()) return std::nullopt;
    if (!name.empty()) name.push_back('.');
    for (const char c : rdata.substr(0, length)) base::codec::append_presented(name, c);
    rdata.remove_prefix(length);
  }
  return std::nullopt;  // the root's label is missing
}

std::optional<MxRecord> parse_mx(std::string_view rdata) {
  ByteReader in(rdata);
  const auto preference = in.take_be<std::uint16_t>();
  auto exchange = parse_target(in.rest());
  if (!preference || !exchange) return std::nullopt;
  return MxRecord{*preference, *std::move(exchange)};
}

std::optional<SrvRecord> parse_srv(std::string_view rdata) {
  ByteReader in(rdata);
  const auto priority = in.take_be<std::uint16_t>();
  const auto weight = in.take_be<std::uint16_t>();
  const auto port = in.take_be<std::uint16_t>();
  auto target = parse_target(in.rest());
  if (!priority || !weight || !port || !target) return std::nullopt;
  return SrvRecord{*priority, *weight, *port, *std::move(target)};
}

std::optional<net::IpAddress> parse_a(std::string_view rdata) {
  const auto octets = exactly<4>(rdata);
  if (!octets) return std::nullopt;
  return net::IpAddress::v4(*octets);
}

std::optional<net::IpAddress> parse_aaaa(std::string_view rdata) {
  const auto octets = exactly<16>(rdata);
  if (!octets) return std::nullopt;
  const auto address = net::IpAddress::v6(*octets);
  if (!address.is_v6()) return std::nullopt;
  return address;
}

std::optional<std::string> parse_txt(std::string_view rdata) {
  if (rdata.empty()) return std::nullopt;
  std::string text;
  while (!rdata.empty()) {
    const auto length = static_cast<std::uint8_t>(rdata.front());
    rdata.remove_prefix(1);
    if (length > rdata.size()) return std::nullopt;
    text.append(rdata.substr(0, length));
    rdata.remove_prefix(length);
  }
  return text;
}

std::optional<TlsaRecord> parse_tlsa(std::string_view rdata) {
  ByteReader in(rdata);
  const auto usage = in.take_be<std::uint8_t>();
  const auto selector = in.take_be<std::uint8_t>();
  const auto matching = in.take_be<std::uint8_t>();
  if (!usage || !selector || !matching || in.empty()) return std::nullopt;
  return TlsaRecord{*usage, *selector, *matching, std::string(in.rest())};
}

}  // namespace veredus::io::dns
