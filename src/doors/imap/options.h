#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "work/login/plain_auth.h"

namespace veredus::doors::imap {

using work::login::PlainAuth;

/// How a session behaves. One for each listener; its sessions refer to it.
struct SessionOptions {
  std::string hostname = "localhost";  // in the greeting
  bool offer_tls = false;              // STARTTLS: there is a certificate
  PlainAuth plain_auth = PlainAuth::kNever;
  std::uint32_t max_errors = 50;           // commands answered BAD before the session ends
  std::uint32_t max_auth_failures = 3;     // of one session
  std::string unknown_user_secret;         // what SCRAM salts of unknown users are made of; empty: new with each start
  std::string implementation = "Veredus";  // ID
  std::string version;                     // ID, told only to those who have logged in

  // RFC 7888 s4: what a client may send without being asked is bounded all the same.
  std::size_t line_octets = 64 * 1024;                      // of one command line, after the login
  std::size_t literal_octets = 1024 * 1024;                 // of one literal that is no message
  std::size_t command_octets = 2 * 1024 * 1024;             // of a whole command without messages
  std::uint64_t max_message_octets = 100ULL * 1024 * 1024;  // APPENDLIMIT
  std::uint32_t message_limit = 1'000'000;  // RFC 9738: messages one command may touch; 0: none is announced
  std::uint32_t max_append_messages = 1000;
};

struct Timeouts {
  std::chrono::seconds idle{30 * 60};         // RFC 9051 s5.4: at least 30 minutes
  std::chrono::milliseconds login{120'000};   // the same before the login
  std::chrono::seconds literal{5 * 60};       // for the next piece of a command that has begun
  std::chrono::seconds write{5 * 60};         // for the peer to take what we send
  std::chrono::seconds sign_of_life{2 * 60};  // IDLE: `* OK Still here`, so that dead peers are found
  std::chrono::seconds tls{60};               // handshake
  std::chrono::seconds progress{10};          // RFC 9585 s4: between two notes of how far a command is
  std::chrono::seconds refusal{5};            // for peers that are turned away at once
};

/// Bounds shared by all IMAP listeners.
struct AccountOptions {
  std::uint32_t sessions = 50;  // of one account at a time
};

}  // namespace veredus::doors::imap
