#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "work/login/plain_auth.h"

namespace veredus::doors::pop3 {

using work::login::PlainAuth;

/// How a session behaves. One for each listener; its sessions refer to it.
struct SessionOptions {
  std::string hostname = "localhost";  // in the greeting
  bool offer_tls = false;              // STLS: there is a certificate
  PlainAuth plain_auth = PlainAuth::kNever;
  std::uint32_t max_errors = 20;           // commands refused before the session ends
  std::uint32_t max_auth_failures = 3;     // of one session
  std::uint32_t max_idle_commands = 1000;  // NOOP, CAPA, … one after another without a message read or deleted
  std::chrono::seconds login_delay{0};     // RFC 2449 s6.5: between two logins of one account; 0: none
  std::string implementation = "Veredus";  // RFC 2449 s6.9, told only to those who have logged in
  std::string unknown_user_secret;         // what SCRAM salts of unknown users are made of; empty: new with each start
};

struct Timeouts {
  std::chrono::seconds idle{10 * 60};  // RFC 1939 s3: at least 10 minutes
  std::chrono::seconds login{2 * 60};  // the same before the login, where RFC 1939 s3 does not yet bind
  std::chrono::seconds write{5 * 60};  // for the peer to take what we send
  std::chrono::seconds tls{60};        // handshake
  std::chrono::seconds refusal{5};     // for peers that are turned away at once
};

/// Bounds shared by all POP3 listeners.
struct AccountOptions {
  std::uint32_t sessions = 1;          // of one account at a time; RFC 1939 s4 asks for one alone, answered [IN-USE]
  std::size_t max_accounts = 100'000;  // last logins remembered for login_delay; the oldest go first
};

}  // namespace veredus::doors::pop3
