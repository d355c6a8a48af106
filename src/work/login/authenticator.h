#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/observe/metrics.h"
#include "io/net/asio.h"
#include "io/net/endpoint.h"
#include "io/net/tls_context.h"
#include "wire/sasl/channel_binding.h"
#include "work/login/step.h"

namespace veredus::base::observe {
class Logger;
}
namespace veredus::state::directory {
class AuthThrottle;
}

namespace veredus::work::login {

/// What a door counts of its logins.
struct Figures {
  /// `name`: of the counter; a label "result" is added.
  Figures(base::observe::Metrics& metrics, const std::string& name, const base::observe::Labels& labels);

  base::observe::Counter& done;
  base::observe::Counter& failed;
};

/// Who logs in, for the throttle and the log.
struct Caller {
  io::net::Endpoint peer;
  std::string session;  // as the door's other log lines name it
  std::string client;
};

/// Performs the steps of login attempts for one door: asks the throttle, waits as long as it says, asks the directory,
/// counts and logs. Log lines are called `<protocol>.login`, `.login_failed` and `.login_banned`. Thread-safe; what it
/// is given must outlive it.
class Authenticator {
 public:
  using Answer = std::expected<state::directory::Login, AuthRefusal>;
  using Keys = std::expected<std::vector<base::crypto::ScramKeys>, AuthRefusal>;

  Authenticator(std::string_view protocol, state::directory::Directory& directory,
                state::directory::AuthThrottle& throttle, base::observe::Logger& log, Figures figures)
      : protocol_(protocol), directory_(directory), throttle_(throttle), log_(log), figures_(figures) {}

  asio::awaitable<Answer> check(Caller caller, CheckPassword question);
  asio::awaitable<Keys> scram_keys(Caller caller, FetchScramKeys question);
  asio::awaitable<Answer> authorize(Caller caller, AuthorizeScram question);
  /// Somebody failed in a way that is_guess(); `user` may be empty.
  void note_guess(const Caller& caller, std::string_view user);

 private:
  asio::awaitable<bool> pass_throttle(Caller caller, std::string user);
  Answer conclude(const Caller& caller, const std::string& user,
                  std::expected<state::directory::Login, state::directory::AuthError> login);

  std::string protocol_;
  state::directory::Directory& directory_;
  state::directory::AuthThrottle& throttle_;
  base::observe::Logger& log_;
  Figures figures_;
};

/// What a TLS connection can tie an authentication to; strongest first.
[[nodiscard]] std::vector<wire::sasl::ChannelBinding> channel_bindings(const io::net::TlsDetails& tls);

}  // namespace veredus::work::login
