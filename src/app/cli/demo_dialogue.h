#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "io/net/asio.h"

namespace veredus::app::cli {

/// What the demonstration says over the wire, and to whom.
struct DemoPlan {
  std::string hostname;         // of the certificate
  std::string certificate_pem;  // the only one trusted
  std::uint16_t submission_port = 0;
  std::uint16_t pop3_port = 0;
  std::string from, from_password;
  std::string to, to_password;
  std::string message;  // RFC 5322, CRLF, no line that is a lone dot
  /// Gets each line as it goes: "C: …" or "S: …", secrets left out.
  std::function<void(const std::string&)> say;
};

/// Sends the message from one account to the other by authenticated submission over TLS, then reads it back by POP3
/// over TLS. Errors: what the server answered, or what broke. Both servers are on loopback.
std::expected<void, std::string> run_demo_dialogue(DemoPlan plan);

}  // namespace veredus::app::cli
