#include "work/login/authenticator.h"

#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "base/observe/log.h"
#include "state/directory/auth_throttle.h"

namespace veredus::work::login {

using state::directory::AuthError;
using state::directory::AuthThrottle;
using state::directory::Login;

namespace {

AuthRefusal refusal_of(AuthError error) {
  switch (error) {
    case AuthError::kWrongCredentials:
      return AuthRefusal::kWrongCredentials;
    case AuthError::kDisabled:
      return AuthRefusal::kDisabled;
    case AuthError::kNotAuthorized:
      return AuthRefusal::kNotAuthorized;
    case AuthError::kUnavailable:
      return AuthRefusal::kUnavailable;
  }
  return AuthRefusal::kUnavailable;
}

base::observe::Counter& counter(base::observe::Metrics& metrics, const std::string& name, base::observe::Labels labels,
                                std::string_view result) {
  labels.emplace_back("result", result);
  return metrics.counter(name, "Logins", labels);
}

}  // namespace

Figures::Figures(base::observe::Metrics& metrics, const std::string& name, const base::observe::Labels& labels)
    : done(counter(metrics, name, labels, "done")), failed(counter(metrics, name, labels, "failed")) {}

/// Waits as long as this peer or account has to; false: banned.
asio::awaitable<bool> Authenticator::pass_throttle(Caller caller, std::string user) {
  const auto answer = throttle_.before_attempt(caller.peer, user);
  if (answer.verdict == AuthThrottle::Verdict::kBanned) {
    log_.warning(protocol_ + ".login_banned", {{"session", caller.session}, {"client", caller.client}, {"user", user}});
    co_return false;
  }
  if (answer.delay.count() > 0) {
    asio::steady_timer timer(co_await asio::this_coro::executor, answer.delay);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return true;
}

Authenticator::Answer Authenticator::conclude(const Caller& caller, const std::string& user,
                                              std::expected<Login, AuthError> login) {
  if (!login) {
    if (login.error() == AuthError::kUnavailable) {
      log_.warning(protocol_ + ".login_unavailable",
                   {{"session", caller.session}, {"client", caller.client}, {"user", user}});
    }
    return std::unexpected(refusal_of(login.error()));
  }
  throttle_.succeeded(caller.peer, user);
  figures_.done.add();
  log_.info(protocol_ + ".login",
            {{"session", caller.session}, {"client", caller.client}, {"account", login->address}});
  return *std::move(login);
}

asio::awaitable<Authenticator::Answer> Authenticator::check(Caller caller, CheckPassword question) {
  const auto user = question.login.user;
  if (!co_await pass_throttle(caller, user)) co_return std::unexpected(AuthRefusal::kBanned);
  auto login = co_await directory_.authenticate(std::move(question.login));
  co_return conclude(caller, user, std::move(login));
}

asio::awaitable<Authenticator::Keys> Authenticator::scram_keys(Caller caller, FetchScramKeys question) {
  if (!co_await pass_throttle(std::move(caller), question.user)) co_return std::unexpected(AuthRefusal::kBanned);
  co_return directory_.scram_keys(question.user);
}

asio::awaitable<Authenticator::Answer> Authenticator::authorize(Caller caller, AuthorizeScram question) {
  const auto user = question.user;
  auto login =
      co_await directory_.authorize_scram(std::move(question.user), std::move(question.authzid), question.key_index);
  co_return conclude(caller, user, std::move(login));
}

void Authenticator::note_guess(const Caller& caller, std::string_view user) {
  throttle_.failed(caller.peer, user);
  figures_.failed.add();
  log_.warning(protocol_ + ".login_failed", {{"session", caller.session}, {"client", caller.client}, {"user", user}});
}

std::vector<wire::sasl::ChannelBinding> channel_bindings(const io::net::TlsDetails& tls) {
  std::vector<wire::sasl::ChannelBinding> bindings;
  if (!tls.tls_exporter.empty()) bindings.push_back({std::string(wire::sasl::kTlsExporter), tls.tls_exporter});
  if (!tls.tls_server_end_point.empty())
    bindings.push_back({std::string(wire::sasl::kTlsServerEndPoint), tls.tls_server_end_point});
  return bindings;
}

}  // namespace veredus::work::login
