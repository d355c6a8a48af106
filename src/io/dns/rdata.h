#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/dns/records.h"
#include "io/net/endpoint.h"

namespace veredus::io::dns {

/// Each reads the data of one record (RDATA), whole and with its names uncompressed. nullopt: it is not of the form its
/// type has. Names come out as records.h says.

std::optional<MxRecord> parse_mx(std::string_view rdata);  // RFC 1035 s3.3.9
std::optional<net::IpAddress> parse_a(std::string_view rdata);
/// An IPv4 address in IPv6's clothes is refused: no host has it. RFC 4291 s2.5.5.2.
std::optional<net::IpAddress> parse_aaaa(std::string_view rdata);
std::optional<std::string> parse_txt(std::string_view rdata);     // RFC 1035 s3.3.14: strings, joined
std::optional<TlsaRecord> parse_tlsa(std::string_view rdata);     // RFC 6698 s2.1
std::optional<SrvRecord> parse_srv(std::string_view rdata);       // RFC 2782
std::optional<std::string> parse_target(std::string_view rdata);  // one name: PTR, CNAME, NS

}  // namespace veredus::io::dns
