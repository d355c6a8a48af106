#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/smtp/reply.h"

namespace veredus::wire::smtp {

/// What a server says of itself in its reply to EHLO or LHLO. A reply to HELO has the name alone.
struct Capabilities {
  std::string name;  // the first word of the first line: the server's own name; may be anything

  bool pipelining = false;          // RFC 2920
  bool eight_bit_mime = false;      // RFC 6152
  bool smtputf8 = false;            // RFC 6531
  bool chunking = false;            // RFC 3030
  bool binary_mime = false;         // RFC 3030
  bool dsn = false;                 // RFC 3461
  bool start_tls = false;           // RFC 3207
  bool require_tls = false;         // RFC 8689
  bool enhanced_status = false;     // RFC 2034
  bool mt_priority = false;         // RFC 6710
  bool deliver_by = false;          // RFC 2852
  std::int32_t deliver_by_min = 0;  // RFC 2852 s3: seconds; 0: none told
  bool future_release = false;      // RFC 4865

  std::optional<std::uint64_t> size;  // RFC 1870: announced; 0: no fixed limit
  std::vector<std::string> auth;      // RFC 4954: mechanisms, upper case

  // RFC 9422 s4; 0: none told
  std::uint32_t limit_mails = 0;
  std::uint32_t limit_recipients = 0;
  std::uint32_t limit_domains = 0;
};

/// Lenient: keywords in any case, `AUTH=` of old servers, unknown keywords and unreadable parameters are passed over.
/// Source: RFC 5321 s4.1.1.1.
[[nodiscard]] Capabilities parse_capabilities(const Reply& reply);

}  // namespace veredus::wire::smtp
