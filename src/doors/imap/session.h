#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "doors/imap/account_sessions.h"
#include "doors/imap/account_watch.h"
#include "doors/imap/notification.h"
#include "doors/imap/selected.h"
#include "state/directory/directory.h"
#include "wire/sasl/channel_binding.h"

namespace veredus::doors::imap {

/// What ENABLE switches on (RFC 5161). Bits.
enum class Extension : std::uint8_t { kCondstore = 1, kQresync = 2, kUtf8 = 4, kRev2 = 8, kUidOnly = 16 };

/// One connection's state, a plain value (RFC 9051 s3).
struct Session {
  enum class State : std::uint8_t { kNotAuthenticated, kAuthenticated, kSelected };

  // The connection.
  std::string id;  // in logs
  bool local_machine = false;
  bool tls = false;
  bool compressed = false;
  std::vector<wire::sasl::ChannelBinding> channel_bindings;

  // Who.
  std::optional<state::directory::Login> login;
  AccountSessions::Place place;
  std::unique_ptr<AccountWatch> account_watch;  // with the login
  std::uint32_t auth_failures = 0;
  std::uint32_t errors = 0;

  // What.
  std::uint8_t enabled = 0;
  std::unique_ptr<Selected> selected;
  std::unique_ptr<Notification> notification;  // what NOTIFY asked for
  bool used_notify = false;                    // from then on IDLE tells what it asked for (RFC 5465 s4)

  [[nodiscard]] State state() const {
    if (!login) return State::kNotAuthenticated;
    return selected ? State::kSelected : State::kAuthenticated;
  }
  [[nodiscard]] AccountId account() const { return login->account; }
  [[nodiscard]] bool has(Extension extension) const { return (enabled & static_cast<std::uint8_t>(extension)) != 0; }
  void enable(Extension extension) { enabled |= static_cast<std::uint8_t>(extension); }
  /// Names and texts may be sent as UTF-8 in quoted strings: RFC 6855 s3, RFC 9051 s5.1.
  [[nodiscard]] bool utf8() const { return has(Extension::kUtf8) || has(Extension::kRev2); }
  [[nodiscard]] bool rev2() const { return has(Extension::kRev2); }
};

}  // namespace veredus::doors::imap
