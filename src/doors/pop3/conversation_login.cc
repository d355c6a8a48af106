#include <boost/asio/steady_timer.hpp>

#include "base/observe/log.h"
#include "doors/pop3/conversation.h"
#include "state/directory/auth_throttle.h"
#include "state/directory/directory.h"

namespace veredus::doors::pop3 {

using state::directory::AuthThrottle;

namespace {

AuthRefusal refusal_of(state::directory::AuthError error) {
  switch (error) {
    case state::directory::AuthError::kWrongCredentials:
      return AuthRefusal::kWrongCredentials;
    case state::directory::AuthError::kDisabled:
      return AuthRefusal::kDisabled;
    case state::directory::AuthError::kNotAuthorized:
      return AuthRefusal::kNotAuthorized;
    case state::directory::AuthError::kUnavailable:
      return AuthRefusal::kUnavailable;
  }
  return AuthRefusal::kUnavailable;
}

std::expected<state::directory::Login, AuthRefusal> answer_of(
    std::expected<state::directory::Login, state::directory::AuthError> login) {
  if (login) return *std::move(login);
  return std::unexpected(refusal_of(login.error()));
}

}  // namespace

asio::awaitable<std::optional<AuthRefusal>> Conversation::throttle(std::string user) {
  const auto answer = services().throttle.before_attempt(stream_.peer(), user);
  if (answer.verdict == AuthThrottle::Verdict::kBanned) {
    services().log.warning("pop3.banned", {{"session", id_}, {"peer", peer_}, {"user", user}});
    co_return AuthRefusal::kBanned;
  }
  if (answer.delay.count() != 0) {
    asio::steady_timer timer(co_await asio::this_coro::executor, answer.delay);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return std::nullopt;
}

asio::awaitable<Step> Conversation::check_password(CheckPassword check) {
  const auto user = check.login.user;
  if (const auto refusal = co_await throttle(user)) co_return answer_login(user, std::unexpected(*refusal));
  auto login = co_await services().directory.authenticate(std::move(check.login));
  co_return answer_login(user, answer_of(std::move(login)));
}

asio::awaitable<Step> Conversation::fetch_scram_keys(std::string user) {
  if (const auto refusal = co_await throttle(user)) co_return session_.scram_keys(std::unexpected(*refusal));
  co_return session_.scram_keys(services().directory.scram_keys(user));
}

asio::awaitable<Step> Conversation::authorize_scram(AuthorizeScram authorize) {
  const auto user = authorize.user;
  auto login = co_await services().directory.authorize_scram(user, std::move(authorize.authzid), authorize.key_index);
  co_return answer_login(user, answer_of(std::move(login)));
}

Step Conversation::answer_login(std::string_view user, std::expected<state::directory::Login, AuthRefusal> answer) {
  if (answer) {
    services().throttle.succeeded(stream_.peer(), user);
    door_->figures_->logins.add();
  } else {
    door_->figures_->logins_failed.add();
    services().log.info("pop3.login_refused",
                        {{"session", id_}, {"peer", peer_}, {"user", user}, {"why", to_string(answer.error())}});
  }
  return session_.password_checked(std::move(answer));
}

Step Conversation::note_auth_failure(std::string_view user) {
  services().throttle.failed(stream_.peer(), user);
  return session_.auth_failure_noted();
}

}  // namespace veredus::doors::pop3
