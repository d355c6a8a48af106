#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/net/endpoint.h"

namespace veredus::io::dns {

/// A name as it is asked for: A-labels, lower case, without the last dot; "." is the root. Labels of ASCII may hold
/// letters, digits, '-' and '_' anywhere: DNS knows more hosts than RFC 952 allows. nullopt: an empty label, a label
/// above 63 octets, a name above 253, other octets, or no IDNA2008 name. Source: RFC 1035 s2.3.4, RFC 5891 s5.
std::optional<std::string> query_name(std::string_view name_utf8);

/// The same for names with escapes, as names of records are written: `a\+b.example.org`. They may hold any octets.
/// Without a backslash it is query_name(). Source: RFC 2181 s11, RFC 1035 s5.1.
std::optional<std::string> escaped_query_name(std::string_view name_utf8);

/// The name whose PTR records name the address: "1.2.0.192.in-addr.arpa". Source: RFC 1035 s3.5, RFC 3596 s2.5.
std::string reverse_name(const net::IpAddress& address);

}  // namespace veredus::io::dns
