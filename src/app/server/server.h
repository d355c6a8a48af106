#pragma once

#include <expected>
#include <memory>
#include <string>

#include "app/config/configuration.h"

namespace veredus::app::server {

/// The whole server, wired: engine, state, work and doors on their reactors. One for a process.
class Server {
 public:
  /// Loads certificates, binds, becomes `run_as`, opens the store and begins to serve. Blocks while the store recovers.
  /// Errors: a sentence for the person who started it.
  static std::expected<std::unique_ptr<Server>, std::string> start(config::Configuration configuration);
  /// stop() if it was not called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves until SIGTERM, SIGINT or request_stop(), reloading at SIGHUP; then stops. Blocks.
  void run();
  /// Any thread.
  void request_stop();
  /// Reads the configuration and the certificates again and opens the log file again. Taken over: the log's level, and
  /// the limits and time limits of sessions, SMTP, POP3 and logins, for who comes from now on. Any thread. Errors: what
  /// went wrong; the server goes on with what it had.
  std::expected<void, std::string> reload();
  /// No new sessions; those that are there end within the drain time; everything durable is written. Blocks.
  void stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace veredus::app::server
