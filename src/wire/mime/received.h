#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/codec/date.h"

namespace veredus::wire::mime {

/// What one Received field says. Empty strings: not told. Octets as sent.
struct Received {
  std::string from;        // who it said it was: a name, or an address without brackets
  std::string from_ip;     // the address it came from, without brackets and "IPv6:"
  std::string from_iprev;  // the name that address has
  std::string by;
  std::string recipient;  // "for", without brackets
  std::string protocol;   // "with": a registered one in upper case (SMTP, ESMTPSA, LMTP, HTTP, LOCAL …)
  std::string via;
  std::string id;           // without brackets
  std::string ident;        // user as told by ident or authentication
  std::string helo;         // when it differs in place from `from`: "helo=", "HELO", "EHLO"
  std::string tls_version;  // "TLSv1.3"
  std::string tls_cipher;
  std::optional<base::codec::ZonedTime> date;
};

/// Lenient: the forms of the usual mail servers, not only the grammar's. Linear time. Source: RFC 5321 s4.4, RFC 5322
/// s3.6.7, RFC 3848.
Received parse_received(std::string_view value);

}  // namespace veredus::wire::mime
