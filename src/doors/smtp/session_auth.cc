#include <utility>

#include "base/codec/base64.h"
#include "doors/smtp/authentication.h"
#include "doors/smtp/session.h"
#include "wire/sasl/response_line.h"

namespace veredus::doors::smtp {

using wire::sasl::SaslError;
using wire::smtp::make_plain_reply;
using wire::smtp::make_reply;

namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

bool Session::may_authenticate() const {
  if (!options_->offer_auth || login_) return false;
  return tls_ || (local_machine_ && options_->plain_auth == PlainAuth::kLocalMachine);
}

/// RFC 4954 s4
Step Session::on(const wire::smtp::Auth& auth) {
  if (!options_->offer_auth) return object(make_reply(502, 5, 1, "Authentication is not available"));
  if (login_) return object(make_reply(503, 5, 1, "You have authenticated already"));
  if (auto refusal = out_of_order()) return object(*refusal);
  if (transaction_) return object(make_reply(503, 5, 1, "Not while a message is under way"));
  if (!may_authenticate()) return object(make_reply(538, 7, 11, "Encryption is required: use STARTTLS first"));

  wire::sasl::ExchangeOptions options;
  options.channel_bindings = channel_bindings_;
  options.unknown_user_secret = options_->unknown_user_secret;
  auto exchange = wire::sasl::Exchange::create(auth.mechanism, std::move(options));
  if (!exchange) return object(make_reply(504, 5, 4, "Mechanism is not available"));
  authentication_ = std::make_unique<Authentication>();
  authentication_->exchange = *std::move(exchange);
  auto initial = wire::sasl::decode_initial_response(auth.initial_response.value_or(""));
  if (!initial) return fail_auth(initial.error());
  return follow(authentication_->exchange->start(*std::move(initial)));
}

Step Session::take_response(std::string_view line) {
  auto response = wire::sasl::decode_response(line);
  if (!response) return fail_auth(response.error());
  return follow(authentication_->exchange->resume(*std::move(response)));
}

Step Session::follow(wire::sasl::Step step) {
  return std::visit(
      Overloaded{
          [this](wire::sasl::Challenge& challenge) -> Step {
            say(make_plain_reply(334, base::codec::base64_encode(challenge.octets)));
            return ReadLine{wire::smtp::kMaxAuthLineOctets};
          },
          [this](wire::sasl::CheckPassword& check) -> Step {
            authentication_->user = check.user;
            return CheckPassword{{std::move(check.authzid), std::move(check.user), std::move(check.password)}};
          },
          [this](wire::sasl::NeedScramKeys& need) -> Step {
            authentication_->user = need.user;
            return FetchScramKeys{std::move(need.user)};
          },
          [this](wire::sasl::Success& success) -> Step {
            if (authentication_->login) return logged_in();
            // The client proved that it knows the keys; whose they are is the directory's to say.
            authentication_->scram_proved = true;
            return AuthorizeScram{std::move(success.user), std::move(success.authzid), success.key_index};
          },
          [this](wire::sasl::Failure& failure) -> Step { return fail_auth(failure.error); },
      },
      step);
}

Step Session::password_checked(std::expected<state::directory::Login, AuthRefusal> answered) {
  if (!answered) return refuse_auth(answered.error());
  authentication_->login = *std::move(answered);
  if (authentication_->scram_proved) return logged_in();
  return follow(authentication_->exchange->password_checked(true));
}

Step Session::logged_in() {
  login_ = std::move(authentication_->login);
  authentication_.reset();
  return answer(make_reply(235, 7, 0, "Authentication succeeded"));
}

Step Session::scram_keys(std::expected<std::vector<base::crypto::ScramKeys>, AuthRefusal> keys) {
  if (!keys) return refuse_auth(keys.error());
  return follow(authentication_->exchange->scram_keys(*std::move(keys)));
}

/// The exchange ends here, by what the client sent.
Step Session::fail_auth(SaslError error) {
  switch (error) {
    case SaslError::kWrongCredentials:
      return refuse_auth(AuthRefusal::kWrongCredentials);
    case SaslError::kNotAuthorized:
      return refuse_auth(AuthRefusal::kNotAuthorized);
    case SaslError::kCancelled:  // RFC 4954 s4: "*"
      authentication_->refusal = make_reply(501, 7, 0, "Authentication cancelled");
      break;
    case SaslError::kTooLong:
      authentication_->refusal = make_reply(500, 5, 6, "Authentication exchange line is too long");
      break;
    case SaslError::kMalformedBase64:
    case SaslError::kMalformed:
    case SaslError::kUnsupportedExtension:
    case SaslError::kUnsupportedChannelBinding:
      authentication_->refusal =
          make_reply(501, 5, 2, "Cannot understand the response: " + std::string(to_string(error)));
      break;
    default:
      authentication_->refusal = make_reply(535, 7, 8, "Authentication failed: " + std::string(to_string(error)));
      break;
  }
  return auth_failure_noted();
}

/// The exchange ends here, by what the directory said.
Step Session::refuse_auth(AuthRefusal refusal) {
  switch (refusal) {
    case AuthRefusal::kUnavailable:
      authentication_.reset();
      return answer(make_reply(454, 7, 0, "Temporary authentication failure"));
    case AuthRefusal::kBanned:
      authentication_.reset();
      return end(make_reply(421, 7, 0, "Too many failed logins, try again later"), "banned");
    case AuthRefusal::kDisabled:  // RFC 5248 s2.4 X.7.13
      authentication_->refusal = make_reply(535, 7, 13, "Account is disabled");
      break;
    case AuthRefusal::kWrongCredentials:
    case AuthRefusal::kNotAuthorized:
      authentication_->refusal = make_reply(535, 7, 8, "Authentication credentials invalid");
      break;
  }
  return NoteAuthFailure{authentication_->user};
}

Step Session::auth_failure_noted() {
  const auto ended = std::exchange(authentication_, nullptr);
  if (++auth_failures_ >= options_->max_auth_failures)
    return end(make_reply(421, 7, 0, "Too many failed logins"), "too many failed logins");
  return object(ended->refusal);
}

}  // namespace veredus::doors::smtp
