#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "work/login/plain_auth.h"

namespace veredus {
class Clock;
}

namespace veredus::doors::smtp {

/// What a listener is for.
enum class Role : std::uint8_t {
  kMx,          // from other servers, for our mailboxes (RFC 5321)
  kSubmission,  // from our people, who authenticate (RFC 6409)
  kLmtp,        // from a mail transfer agent we trust, one answer for each recipient (RFC 2033)
};
[[nodiscard]] std::string_view to_string(Role role);

/// Which names are taken in HELO and EHLO. What DNS says of the name never matters (RFC 5321 s4.1.4).
enum class HeloCheck : std::uint8_t {
  kAnyWord,     // one word, whatever it is
  kSyntax,      // a domain or an address literal
  kNotOurName,  // the same, and not the name of this server
};

using work::login::PlainAuth;

/// How a session behaves. One for each listener; its sessions refer to it.
struct SessionOptions {
  Role role = Role::kMx;
  std::string hostname = "localhost";  // in the greeting, EHLO and Received
  bool offer_tls = false;              // STARTTLS: there is a certificate
  bool offer_auth = false;
  PlainAuth plain_auth = PlainAuth::kNever;
  HeloCheck helo_check = HeloCheck::kAnyWord;
  std::uint64_t max_message_octets = 100ULL * 1024 * 1024;  // RFC 1870 SIZE; keep it at most Receptions'
  std::uint32_t max_recipients = 1000;                      // of one message; RFC 5321 s4.5.3.1.8 asks for 100
  std::uint32_t max_messages = 10'000;                      // of one session; RFC 9422 MAILMAX
  std::uint32_t max_errors = 20;                            // commands refused before 421
  std::uint32_t max_auth_failures = 3;                      // RFC 4954 s4: at least 3
  std::uint32_t max_idle_commands = 200;  // NOOP, RSET, VRFY… between messages; beyond, each counts as an error
  bool note_login = false;                // Received tells who authenticated
  const Clock* clock = nullptr;           // null: messages cannot be held for later (RFC 4865)
  std::chrono::hours max_hold{30 * 24};   // RFC 4865: of a message submitted for later
  std::string unknown_user_secret;        // what SCRAM salts of unknown users are made of; empty: new with each start
};

/// RFC 5321 s4.5.3.2: how long a peer may be silent.
struct Timeouts {
  std::chrono::seconds command{5 * 60};         // RFC 5321 s4.5.3.2.7
  std::chrono::seconds data{3 * 60};            // RFC 5321 s4.5.3.2.5, for each piece
  std::chrono::seconds reply{5 * 60};           // for the peer to take what we say
  std::chrono::seconds tls{60};                 // handshake
  std::chrono::milliseconds greeting_delay{0};  // before the banner; who speaks meanwhile is refused
  std::chrono::seconds refusal{5};              // for peers that are told 421 or 554 at once
};

/// How many sessions may begin and messages be sent in a minute; 0: no limit.
struct RateOptions {
  std::uint32_t sessions_from_address = 600;
  std::uint32_t messages_from_address = 3000;
  std::uint32_t sessions_in_all = 0;
  std::uint32_t messages_in_all = 0;
  bool limit_local_machine = false;    // whether loopback counts by address
  std::size_t max_addresses = 65'536;  // remembered; others are not limited by address until the next minute
};

}  // namespace veredus::doors::smtp
