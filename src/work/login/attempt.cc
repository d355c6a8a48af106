#include "work/login/attempt.h"

#include <utility>

#include "base/types/overloaded.h"
#include "base/types/result.h"
#include "wire/sasl/response_line.h"

namespace veredus::work::login {

using state::directory::Login;
using wire::sasl::SaslError;

std::string_view to_string(AuthRefusal refusal) {
  switch (refusal) {
    case AuthRefusal::kWrongCredentials:
      return "wrong credentials";
    case AuthRefusal::kDisabled:
      return "account disabled";
    case AuthRefusal::kNotAuthorized:
      return "not authorized";
    case AuthRefusal::kUnavailable:
      return "unavailable";
    case AuthRefusal::kBanned:
      return "banned";
  }
  return "unknown";
}

bool is_guess(const Failure& failure) {
  const auto* refusal = std::get_if<AuthRefusal>(&failure);
  return refusal != nullptr && *refusal != AuthRefusal::kUnavailable && *refusal != AuthRefusal::kBanned;
}

std::expected<Attempt, SaslError> Attempt::sasl(std::string_view mechanism, SaslOptions options) {
  wire::sasl::ExchangeOptions chosen;
  chosen.channel_bindings = std::move(options.channel_bindings);
  chosen.success_octets = options.success_octets;
  chosen.proxy_use = wire::sasl::ProxyUse::kCallerDecides;  // the directory knows every name of an account
  chosen.unknown_user_secret = std::move(options.unknown_user_secret);
  VEREDUS_TRY(auto exchange, wire::sasl::Exchange::create(mechanism, std::move(chosen)));
  return Attempt(std::move(exchange));
}

Attempt Attempt::named(std::string_view user) {
  Attempt attempt(nullptr);
  attempt.user_ = user;
  return attempt;
}

Step Attempt::start(std::string_view initial_response) {
  auto decoded = wire::sasl::decode_initial_response(initial_response);
  if (!decoded) return fail(decoded.error());
  return follow(exchange_->start(*std::move(decoded)));
}

Step Attempt::response(std::string_view line) {
  auto decoded = wire::sasl::decode_response(line);
  if (!decoded) return fail(decoded.error());
  return follow(exchange_->resume(*std::move(decoded)));
}

Step Attempt::check_password(std::string_view password) {
  return CheckPassword{{.authzid = {}, .user = user_, .password = base::crypto::Secret(password)}};
}

Step Attempt::follow(wire::sasl::Step step) {
  return std::visit(
      Overloaded{
          [](wire::sasl::Challenge& challenge) -> Step { return Challenge{std::move(challenge.octets)}; },
          [this](wire::sasl::CheckPassword& check) -> Step {
            user_ = check.user;
            return CheckPassword{{std::move(check.authzid), std::move(check.user), std::move(check.password)}};
          },
          [this](wire::sasl::NeedScramKeys& need) -> Step {
            user_ = need.user;
            return FetchScramKeys{std::move(need.user)};
          },
          [this](wire::sasl::Success& success) -> Step {
            if (login_) return Granted{};
            // The client proved that it knows the keys; whose they are is the directory's to say.
            scram_proved_ = true;
            return AuthorizeScram{std::move(success.user), std::move(success.authzid), success.key_index};
          },
          [this](wire::sasl::Failure& failure) -> Step { return fail(failure.error); },
      },
      step);
}

Step Attempt::password_checked(std::expected<Login, AuthRefusal> answer) {
  if (!answer) return fail(answer.error());
  login_ = *std::move(answer);
  if (scram_proved_ || !exchange_) return Granted{};
  return follow(exchange_->password_checked(true));
}

Step Attempt::scram_keys(std::expected<std::vector<base::crypto::ScramKeys>, AuthRefusal> keys) {
  if (!keys) return fail(keys.error());
  return follow(exchange_->scram_keys(*std::move(keys)));
}

Step Attempt::fail(Failure why) {
  if (why == Failure(SaslError::kWrongCredentials)) why = AuthRefusal::kWrongCredentials;
  if (why == Failure(SaslError::kNotAuthorized)) why = AuthRefusal::kNotAuthorized;
  login_.reset();
  failure_ = why;
  return Failed{why};
}

Login Attempt::take_login() {
  VEREDUS_CHECK(login_.has_value());
  return *std::exchange(login_, std::nullopt);
}

std::span<const std::string_view> offered_mechanisms(const std::vector<wire::sasl::ChannelBinding>& channel_bindings) {
  using wire::sasl::Protection;
  return wire::sasl::mechanisms(channel_bindings.empty() ? Protection::kEncrypted : Protection::kEncryptedWithBinding);
}

}  // namespace veredus::work::login
