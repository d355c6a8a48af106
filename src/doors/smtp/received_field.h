#pragma once

#include <string>
#include <string_view>

#include "base/types/clock.h"

namespace veredus::doors::smtp {

/// What a Received field tells. Views live only for the call.
struct ReceivedFacts {
  std::string_view helo;
  std::string_view client;    // an address literal without brackets, "IPv6:…" for IPv6; empty: a UNIX socket
  std::string_view hostname;  // ours
  std::string_view protocol;  // RFC 3848
  std::string_view id;
  std::string_view recipient;   // empty: not told
  std::string_view tls_cipher;  // empty: no TLS
  std::string_view login;       // empty: not told
  int priority = 0;             // RFC 6710; 0: not told
  SystemTime now;
};

/// The trace field of RFC 5321 s4.4, with the `tls` clause of RFC 8314 s4.3; folded, ended by CRLF. What is in the
/// facts cannot break out of its place.
[[nodiscard]] std::string received_field(const ReceivedFacts& facts);

}  // namespace veredus::doors::smtp
