#include "doors/imap/login_commands.h"

#include <boost/asio/this_coro.hpp>
#include <expected>
#include <utility>

#include "base/codec/base64.h"
#include "base/observe/log.h"
#include "base/types/overloaded.h"
#include "doors/imap/capabilities.h"
#include "doors/imap/input.h"
#include "doors/imap/select_commands.h"
#include "wire/imap/reply.h"
#include "work/login/attempt.h"

namespace veredus::doors::imap {

using io::net::IoError;
using wire::sasl::SaslError;
using work::login::Attempt;
using work::login::AuthRefusal;

namespace {

constexpr std::size_t kResponseOctets = 16 * 1024;  // RFC 9051 s6.2.2: base64 in one line

/// Response codes: RFC 5530 s3.
Outcome refusal(AuthRefusal why) {
  switch (why) {
    case AuthRefusal::kUnavailable:
      return no("UNAVAILABLE", "Logins cannot be checked now");
    case AuthRefusal::kBanned:
      return no("UNAVAILABLE", "Too many failed logins, try again later");
    case AuthRefusal::kDisabled:
      return no("CONTACTADMIN", "The account is disabled");
    case AuthRefusal::kNotAuthorized:
      return no("AUTHORIZATIONFAILED", "May not act as this user");
    case AuthRefusal::kWrongCredentials:
      break;
  }
  return no("AUTHENTICATIONFAILED", "Wrong user or password");
}

Outcome refusal(SaslError error) {
  if (error == SaslError::kCancelled) return bad("Login cancelled");  // RFC 9051 s6.2.2: "*" is answered BAD
  return bad("Cannot understand the response: " + std::string(to_string(error)));
}

Outcome refusal(const work::login::Failure& why) {
  return std::visit([](auto reason) { return refusal(reason); }, why);
}

/// Sends a challenge; answers the line that came back.
asio::awaitable<std::expected<std::string, IoError>> challenge(Talk* talk, std::string octets) {
  wire::imap::append_continuation(talk->out.buffer(), base::codec::base64_encode(octets));
  const auto line = co_await talk->in.line(kResponseOctets, Input::Wait::kMore, talk->timeouts.login);
  if (line) co_return std::string(*line);
  if (line.error() == IoError::kLineTooLong) co_return std::string(1, '*');
  co_return std::unexpected(line.error());
}

Outcome enter(Talk* talk, state::directory::Login login, const asio::any_io_executor& executor) {
  auto& session = talk->session;
  auto place = talk->services.account_sessions.enter(login.account);
  if (!place) {
    talk->services.log.info("imap.login_refused",
                            {{"session", session.id}, {"account", login.account.value}, {"why", "sessions"}});
    return no("LIMIT", "Too many sessions of this account");
  }
  session.place = *std::move(place);
  session.account_watch = std::make_unique<AccountWatch>(talk->services.directory, login.account, executor);
  session.auth_failures = 0;
  session.login = std::move(login);
  return ok("CAPABILITY " + capabilities(session, talk->options), "Logged in");
}

Outcome fail(Talk* talk, const Attempt& attempt, const work::login::Failure& why) {
  auto outcome = refusal(why);
  bool over = why == work::login::Failure(AuthRefusal::kBanned);
  if (is_guess(why)) {
    talk->authenticator.note_guess(talk->caller, attempt.user());
    over = over || ++talk->session.auth_failures >= talk->options.max_auth_failures;
  }
  if (over) {
    wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kBye, "", "Too many failed logins");
    outcome.next = Outcome::Next::kClose;
  }
  return outcome;
}

/// Does what the attempt wants, until it is granted or not. `attempt` is the caller's.
asio::awaitable<Outcome> follow(Talk* talk, Attempt* attempt, work::login::Step step) {
  auto& authenticator = talk->authenticator;
  while (true) {
    if (auto* said = std::get_if<work::login::Challenge>(&step)) {
      const auto response = co_await challenge(talk, std::move(said->octets));
      if (!response) co_return ended(response.error());
      step = attempt->response(*response);
    } else if (auto* check = std::get_if<work::login::CheckPassword>(&step)) {
      auto question = std::move(*check);
      auto answer = co_await authenticator.check(talk->caller, std::move(question));
      step = attempt->password_checked(std::move(answer));
    } else if (auto* fetch = std::get_if<work::login::FetchScramKeys>(&step)) {
      auto question = std::move(*fetch);
      auto keys = co_await authenticator.scram_keys(talk->caller, std::move(question));
      step = attempt->scram_keys(std::move(keys));
    } else if (auto* authorize = std::get_if<work::login::AuthorizeScram>(&step)) {
      auto question = std::move(*authorize);
      auto answer = co_await authenticator.authorize(talk->caller, std::move(question));
      step = attempt->password_checked(std::move(answer));
    } else if (const auto* failed = std::get_if<work::login::Failed>(&step)) {
      co_return fail(talk, *attempt, failed->why);
    } else {
      const auto executor = co_await asio::this_coro::executor;
      co_return enter(talk, attempt->take_login(), executor);
    }
  }
}

bool may_log_in(const Talk& talk) {
  return work::login::may_log_in(talk.options.plain_auth, talk.session.tls, talk.session.local_machine);
}

/// RFC 9051 s6.2.3, RFC 5530 s3.
Outcome needs_tls() { return no("PRIVACYREQUIRED", "Use STARTTLS first: passwords are not taken without encryption"); }

}  // namespace

asio::awaitable<Outcome> authenticate(Talk* talk, wire::imap::Authenticate command) {
  if (!may_log_in(*talk)) co_return needs_tls();
  Attempt::SaslOptions options;
  options.channel_bindings = talk->session.channel_bindings;
  options.unknown_user_secret = talk->options.unknown_user_secret;
  auto attempt = Attempt::sasl(command.mechanism, std::move(options));
  if (!attempt) co_return no("CANNOT", "Mechanism is not available");
  auto step = attempt->start(command.initial_response.value_or(""));
  co_return co_await follow(talk, &*attempt, std::move(step));
}

asio::awaitable<Outcome> login(Talk* talk, wire::imap::Login command) {
  if (!may_log_in(*talk)) co_return needs_tls();
  auto attempt = Attempt::named(command.user);
  auto step = attempt.check_password(command.password);
  co_return co_await follow(talk, &attempt, std::move(step));
}

/// RFC 8437 s4.1: TLS stays; compression ends with the reply, and all else is as after the greeting.
asio::awaitable<Outcome> unauthenticate(Talk* talk, wire::imap::Unauthenticate /*command*/) {
  auto& session = talk->session;
  co_await leave_mailbox(talk);
  session.notification.reset();
  session.used_notify = false;
  session.enabled = 0;
  session.login.reset();
  session.account_watch.reset();
  session.place = {};
  auto outcome = ok("Logged out of the account");
  if (std::exchange(session.compressed, false)) outcome.next = Outcome::Next::kInflate;
  co_return outcome;
}

}  // namespace veredus::doors::imap
