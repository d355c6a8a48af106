#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/net/asio.h"
#include "io/net/listener.h"
#include "io/net/tls_context.h"
#include "work/doorstep/session_figures.h"

namespace veredus::base::observe {
class Logger;
}
namespace veredus::state::directory {
class AuthThrottle;
}

namespace veredus::work::doorstep {

/// Why somebody is not served; a door says so in its own words.
enum class TurnedAway : std::uint8_t {
  kUnheard,   // so many are being told already that this one is told nothing
  kStopping,  // the server ends
  kTooMany,   // sessions, of this address or in all
  kBanned,    // too many failed logins
};
[[nodiscard]] std::string_view to_string(TurnedAway why);

/// One session at a door: its name in the logs, its place in the figures, and what happens before the protocol begins.
/// Log lines are called `<protocol>.connected`, `.refused`, `.tls_failed` and `.tls_injection`. Lives as long as the
/// session; what it is given must outlive it.
class Visit {
 public:
  struct Place {
    std::string_view protocol;  // of a literal: "smtp"
    std::string_view listener;
    SessionFigures& figures;
    base::observe::Logger& log;
  };
  Visit(Place place, const io::net::Endpoint& peer);
  ~Visit();
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  /// Random, 13 letters and digits.
  [[nodiscard]] const std::string& session() const { return session_; }
  /// The peer's address without port; "unix" for a UNIX socket.
  [[nodiscard]] const std::string& client() const { return client_; }

  /// Who need not even be greeted. `throttle` null: nobody logs in here.
  [[nodiscard]] std::optional<TurnedAway> turned_away(const io::net::Connection& connection,
                                                      state::directory::AuthThrottle* throttle) const;
  /// Counts and logs that the session was refused before its first command.
  void note_refusal(std::string_view why) const;

  /// TLS from here on, as server. nullopt: the connection is of no more use; counted and logged.
  asio::awaitable<std::optional<io::net::TlsDetails>> start_tls(io::net::LineStream* stream,
                                                                std::shared_ptr<io::net::TlsContext> context,
                                                                std::chrono::milliseconds deadline);

  /// Logs what nobody foresaw, once.
  void note_internal_error(std::string_view what) const;

 private:
  [[nodiscard]] std::string event(std::string_view name) const;
  Place place_;
  std::string session_;
  std::string client_;
};

}  // namespace veredus::work::doorstep
