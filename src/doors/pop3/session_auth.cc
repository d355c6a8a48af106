#include <fmt/format.h>

#include <utility>

#include "base/codec/base64.h"
#include "base/types/overloaded.h"
#include "doors/pop3/session.h"

namespace veredus::doors::pop3 {

using wire::sasl::SaslError;
using work::login::Attempt;

namespace {

constexpr std::string_view kNeedsTls = "Use STLS first: passwords are not taken without encryption";

/// Response codes: RFC 3206 s3 and s4.
std::string text_for(AuthRefusal refusal) {
  switch (refusal) {
    case AuthRefusal::kUnavailable:
      return "[SYS/TEMP] Logins cannot be checked now";
    case AuthRefusal::kBanned:
      return "[SYS/TEMP] Too many failed logins, try again later";
    case AuthRefusal::kDisabled:
      return "[SYS/PERM] Account is disabled";
    case AuthRefusal::kWrongCredentials:
    case AuthRefusal::kNotAuthorized:
      break;
  }
  return "[AUTH] Wrong user or password";
}

std::string text_for(SaslError error) {
  if (error == SaslError::kCancelled) return "Login cancelled";  // RFC 5034 s4: "*"
  return fmt::format("Cannot understand the response: {}", to_string(error));
}

std::string text_for(const work::login::Failure& why) {
  return std::visit([](auto reason) { return text_for(reason); }, why);
}

}  // namespace

bool Session::may_authenticate() const { return work::login::may_log_in(options_->plain_auth, tls_, local_machine_); }

Step Session::user(std::string_view name) {
  if (!may_authenticate()) return object(kNeedsTls);
  user_ = name;
  return idle_answer("Send the password");  // whether there is such a user or not
}

Step Session::pass(std::string_view password) {
  if (!may_authenticate()) return object(kNeedsTls);
  if (user_.empty()) return object("USER first");
  attempt_ = std::make_unique<Attempt>(Attempt::named(std::exchange(user_, {})));
  return follow(attempt_->check_password(password));
}

/// RFC 5034 s4
Step Session::auth(const Command& command) {
  if (!may_authenticate()) return object(kNeedsTls);
  if (command.text.empty()) {  // what RFC 1734's readers made of it: which mechanisms are there?
    auto step = idle_answer("Mechanisms follow");
    if (!std::holds_alternative<ReadLine>(step)) return step;
    for (const auto name : work::login::offered_mechanisms(channel_bindings_)) replies_.append(name).append("\r\n");
    replies_.append(".\r\n");
    return step;
  }
  Attempt::SaslOptions options;
  options.channel_bindings = channel_bindings_;
  options.unknown_user_secret = options_->unknown_user_secret;
  auto attempt = Attempt::sasl(command.text, std::move(options));
  if (!attempt) return object("Mechanism is not available");
  user_.clear();
  attempt_ = std::make_unique<Attempt>(*std::move(attempt));
  return follow(attempt_->start(command.initial_response));
}

Step Session::follow(work::login::Step step) {
  return std::visit(
      Overloaded{
          [this](work::login::Challenge& challenge) -> Step {
            say("+ ", base::codec::base64_encode(challenge.octets));  // RFC 5034 s4: "+ " and an empty challenge
            return next();
          },
          [this](work::login::Granted&) -> Step { return authenticated(); },
          [this](work::login::Failed& failed) -> Step { return login_failed(failed.why); },
          [](auto& question) -> Step { return std::move(question); },
      },
      step);
}

Step Session::password_checked(std::expected<state::directory::Login, AuthRefusal> answer) {
  return follow(attempt_->password_checked(std::move(answer)));
}

Step Session::scram_keys(std::expected<std::vector<base::crypto::ScramKeys>, AuthRefusal> keys) {
  return follow(attempt_->scram_keys(std::move(keys)));
}

Step Session::authenticated() {
  login_ = attempt_->take_login();
  attempt_.reset();
  return OpenMaildrop{login_->account, utf8_};
}

Step Session::login_failed(const work::login::Failure& why) {
  if (is_guess(why)) return NoteAuthFailure{attempt_->user()};
  attempt_.reset();
  if (why == work::login::Failure(AuthRefusal::kBanned)) return end("-ERR " + text_for(why), "banned");
  return object(text_for(why));
}

Step Session::auth_failure_noted() {
  const auto ended = std::exchange(attempt_, nullptr);
  const auto text = text_for(ended->failure());
  if (++auth_failures_ >= options_->max_auth_failures) return end("-ERR " + text, "too many failed logins");
  return object(text);
}

/// RFC 2595 s4
Step Session::start_tls() {
  if (tls_) return object("TLS is active already");
  if (!options_->offer_tls) return object("TLS is not available");
  say("+OK ", "Begin TLS negotiation");
  return StartTls{};
}

Step Session::tls_started(std::vector<wire::sasl::ChannelBinding> channel_bindings) {
  // RFC 2595 s4: what was learnt before TLS counts no more.
  tls_ = true;
  utf8_ = false;
  user_.clear();
  channel_bindings_ = std::move(channel_bindings);
  return next();
}

}  // namespace veredus::doors::pop3
