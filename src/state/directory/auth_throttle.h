#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "base/types/lru.h"
#include "io/net/endpoint.h"

namespace veredus::state::directory {

/// Slows down and bans for a while those who guess passwords: per peer address (IPv4 /32, IPv6 /64) and per account.
/// One for the whole program, shared by all doors. Memory is bounded: the entries longest untouched go first.
/// Thread-safe.
///
/// A door asks `before_attempt`, waits `delay` (or answers at once and closes when banned), checks the password, and
/// says how it went.
class AuthThrottle {
 public:
  struct Options {
    std::uint32_t free_failures = 3;  // cost nothing
    std::chrono::milliseconds first_delay{500};
    std::chrono::milliseconds longest_delay{8'000};  // each failure doubles the delay up to this
    std::uint32_t failures_to_ban_address = 20;
    std::uint32_t failures_to_ban_account = 100;  // higher: a stranger must not lock people out easily
    std::chrono::seconds ban{15 * 60};
    std::chrono::seconds forget_after{60 *
                                      60};  // a failure halves in weight... is forgotten after this without another
    std::size_t max_entries = 100'000;      // about 200 octets each
  };

  enum class Verdict : std::uint8_t { kGo, kBanned };
  struct Answer {
    Verdict verdict = Verdict::kGo;
    std::chrono::milliseconds delay{0};  // before the attempt is looked at
    std::chrono::seconds ban_left{0};
  };

  AuthThrottle(const Clock* clock, Options options) : clock_(clock), options_(options), entries_(options.max_entries) {}

  /// `peer`: its port does not matter; UNIX sockets are not counted. `account`: the user as given at login, in any
  /// form; may be empty when it is not known yet.
  Answer before_attempt(const io::net::Endpoint& peer, std::string_view account);
  void failed(const io::net::Endpoint& peer, std::string_view account);
  /// Forgets the failures of both: who knows a password is no guesser.
  void succeeded(const io::net::Endpoint& peer, std::string_view account);
  /// Is this peer banned now? For a door to refuse the connection.
  bool banned(const io::net::Endpoint& peer);

  /// From now on, but for `max_entries`; what was counted stays.
  void change(Options options);

  [[nodiscard]] std::size_t entries() const;

 private:
  struct Entry {
    std::uint32_t failures = 0;
    SteadyTime last_failure;
    SteadyTime banned_until;
  };

  Answer answer(const std::string& key, SteadyTime now);
  void count(std::string key, std::uint32_t failures_to_ban, SteadyTime now);
  /// Null: nothing is held against it any more.
  const Entry* find(const std::string& key, SteadyTime now);

  const Clock* clock_;
  Options options_;
  mutable std::mutex mutex_;
  Lru<std::string, Entry> entries_;
};

}  // namespace veredus::state::directory
