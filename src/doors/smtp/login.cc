#include <utility>

#include "base/observe/log.h"
#include "doors/smtp/conversation.h"
#include "doors/smtp/figures.h"
#include "state/directory/auth_throttle.h"
#include "state/directory/directory.h"

namespace veredus::doors::smtp {

using state::directory::AuthError;
using state::directory::AuthThrottle;

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

}  // namespace

/// Waits as long as this peer or account has to; false: banned.
asio::awaitable<bool> Conversation::pass_throttle(std::string user) {
  const auto answer = door_->services_.throttle.before_attempt(connection_.stream.peer(), user);
  if (answer.verdict == AuthThrottle::Verdict::kBanned) {
    door_->services_.log.warning("smtp.login_banned", {{"session", id_}, {"client", client_}, {"user", user}});
    co_return false;
  }
  if (answer.delay.count() > 0) co_await pause(answer.delay);
  co_return true;
}

Step Conversation::logged_in(std::expected<state::directory::Login, AuthError> login, const std::string& user) {
  if (!login) return session_.password_checked(std::unexpected(refusal_of(login.error())));
  door_->services_.throttle.succeeded(connection_.stream.peer(), user);
  door_->figures_->logins.add();
  door_->services_.log.info("smtp.login", {{"session", id_}, {"client", client_}, {"account", login->address}});
  return session_.password_checked(*std::move(login));
}

asio::awaitable<Step> Conversation::perform(CheckPassword check) {
  const auto user = check.login.user;
  if (!co_await pass_throttle(user)) co_return session_.password_checked(std::unexpected(AuthRefusal::kBanned));
  auto login = co_await door_->services_.directory.authenticate(std::move(check.login));
  co_return logged_in(std::move(login), user);
}

asio::awaitable<Step> Conversation::perform(FetchScramKeys question) {
  if (!co_await pass_throttle(question.user)) co_return session_.scram_keys(std::unexpected(AuthRefusal::kBanned));
  co_return session_.scram_keys(door_->services_.directory.scram_keys(question.user));
}

asio::awaitable<Step> Conversation::perform(AuthorizeScram question) {
  const auto user = question.user;
  auto login = co_await door_->services_.directory.authorize_scram(std::move(question.user),
                                                                   std::move(question.authzid), question.key_index);
  co_return logged_in(std::move(login), user);
}

asio::awaitable<Step> Conversation::perform(NoteAuthFailure failure) {
  door_->services_.throttle.failed(connection_.stream.peer(), failure.user);
  door_->figures_->logins_failed.add();
  door_->services_.log.warning("smtp.login_failed", {{"session", id_}, {"client", client_}, {"user", failure.user}});
  co_return session_.auth_failure_noted();
}

}  // namespace veredus::doors::smtp
