#include <utility>

#include "base/codec/base64.h"
#include "base/types/overloaded.h"
#include "doors/smtp/session.h"

namespace veredus::doors::smtp {

using wire::sasl::SaslError;
using wire::smtp::make_plain_reply;
using wire::smtp::make_reply;
using wire::smtp::Reply;

namespace {

/// The exchange ends here, by what the client sent.
Reply reply_for(SaslError error) {
  switch (error) {
    case SaslError::kCancelled:  // RFC 4954 s4: "*"
      return make_reply(501, 7, 0, "Authentication cancelled");
    case SaslError::kTooLong:
      return make_reply(500, 5, 6, "Authentication exchange line is too long");
    case SaslError::kMalformedBase64:
    case SaslError::kMalformed:
    case SaslError::kUnsupportedExtension:
    case SaslError::kUnsupportedChannelBinding:
      return make_reply(501, 5, 2, "Cannot understand the response: " + std::string(to_string(error)));
    default:
      return make_reply(535, 7, 8, "Authentication failed: " + std::string(to_string(error)));
  }
}

/// The exchange ends here, by what the directory said.
Reply reply_for(AuthRefusal refusal) {
  switch (refusal) {
    case AuthRefusal::kUnavailable:
      return make_reply(454, 7, 0, "Temporary authentication failure");
    case AuthRefusal::kBanned:
      return make_reply(421, 7, 0, "Too many failed logins, try again later");
    case AuthRefusal::kDisabled:  // RFC 5248 s2.4 X.7.13
      return make_reply(535, 7, 13, "Account is disabled");
    case AuthRefusal::kWrongCredentials:
    case AuthRefusal::kNotAuthorized:
      break;
  }
  return make_reply(535, 7, 8, "Authentication credentials invalid");
}

}  // namespace

bool Session::may_authenticate() const {
  return options_->offer_auth && !login_ && work::login::may_log_in(options_->plain_auth, tls_, local_machine_);
}

/// RFC 4954 s4
Step Session::on(const wire::smtp::Auth& auth) {
  if (!options_->offer_auth) return object(make_reply(502, 5, 1, "Authentication is not available"));
  if (login_) return object(make_reply(503, 5, 1, "You have authenticated already"));
  if (auto refusal = out_of_order()) return object(*refusal);
  if (transaction_) return object(make_reply(503, 5, 1, "Not while a message is under way"));
  if (!may_authenticate()) return object(make_reply(538, 7, 11, "Encryption is required: use STARTTLS first"));

  work::login::Attempt::SaslOptions options;
  options.channel_bindings = channel_bindings_;
  options.unknown_user_secret = options_->unknown_user_secret;
  auto attempt = work::login::Attempt::sasl(auth.mechanism, std::move(options));
  if (!attempt) return object(make_reply(504, 5, 4, "Mechanism is not available"));
  attempt_ = std::make_unique<work::login::Attempt>(*std::move(attempt));
  return follow(attempt_->start(auth.initial_response.value_or("")));
}

Step Session::follow(work::login::Step step) {
  return std::visit(Overloaded{
                        [this](work::login::Challenge& challenge) -> Step {
                          say(make_plain_reply(334, base::codec::base64_encode(challenge.octets)));
                          return ReadLine{wire::smtp::kMaxAuthLineOctets};
                        },
                        [this](work::login::Granted&) -> Step { return logged_in(); },
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

Step Session::logged_in() {
  login_ = attempt_->take_login();
  attempt_.reset();
  return answer(make_reply(235, 7, 0, "Authentication succeeded"));
}

Step Session::login_failed(const work::login::Failure& why) {
  if (is_guess(why)) return NoteAuthFailure{attempt_->user()};
  const auto* refusal = std::get_if<AuthRefusal>(&why);
  if (refusal == nullptr) return auth_failure_noted();
  attempt_.reset();
  if (*refusal == AuthRefusal::kBanned) return end(reply_for(*refusal), "banned");
  return answer(reply_for(*refusal));
}

Step Session::auth_failure_noted() {
  const auto ended = std::exchange(attempt_, nullptr);
  // Who takes it back has not tried: programs do it to ask for another password. object() bounds how often.
  const auto* error = std::get_if<SaslError>(&ended->failure());
  if (error != nullptr && *error == SaslError::kCancelled) return object(reply_for(*error));
  if (++auth_failures_ >= options_->max_auth_failures)
    return end(make_reply(421, 7, 0, "Too many failed logins"), "too many failed logins");
  return object(std::visit([](auto why) { return reply_for(why); }, ended->failure()));
}

}  // namespace veredus::doors::smtp
