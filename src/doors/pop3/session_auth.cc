#include <fmt/format.h>

#include <utility>

#include "base/codec/base64.h"
#include "doors/pop3/authentication.h"
#include "wire/sasl/response_line.h"

namespace veredus::doors::pop3 {

using wire::sasl::SaslError;

namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

bool Session::may_authenticate() const {
  return tls_ || (local_machine_ && options_->plain_auth == PlainAuth::kLocalMachine);
}

wire::sasl::Protection Session::protection() const {
  if (!may_authenticate()) return wire::sasl::Protection::kNone;
  return channel_bindings_.empty() ? wire::sasl::Protection::kEncrypted : wire::sasl::Protection::kEncryptedWithBinding;
}

bool Session::in_exchange() const { return authentication_ != nullptr && authentication_->exchange != nullptr; }

Step Session::user(std::string_view name) {
  if (!may_authenticate()) return object("Use STLS first: passwords are not taken without encryption");
  user_ = name;
  return idle_answer("Send the password");  // whether there is such a user or not
}

Step Session::pass(std::string_view password) {
  if (!may_authenticate()) return object("Use STLS first: passwords are not taken without encryption");
  if (user_.empty()) return object("USER first");
  authentication_ = std::make_unique<Authentication>();
  authentication_->user = std::exchange(user_, {});
  return CheckPassword{{.authzid = {}, .user = authentication_->user, .password = base::crypto::Secret(password)}};
}

/// RFC 5034 s4
Step Session::auth(const Command& command) {
  if (!may_authenticate()) return object("Use STLS first: passwords are not taken without encryption");
  if (command.text.empty()) {  // what RFC 1734's readers made of it: which mechanisms are there?
    auto step = idle_answer("Mechanisms follow");
    if (!std::holds_alternative<ReadLine>(step)) return step;
    for (const auto name : wire::sasl::mechanisms(protection())) replies_.append(name).append("\r\n");
    replies_.append(".\r\n");
    return step;
  }
  wire::sasl::ExchangeOptions options;
  options.channel_bindings = channel_bindings_;
  options.proxy_use = wire::sasl::ProxyUse::kCallerDecides;
  options.unknown_user_secret = options_->unknown_user_secret;
  auto exchange = wire::sasl::Exchange::create(command.text, std::move(options));
  if (!exchange) return object("Mechanism is not available");
  user_.clear();
  authentication_ = std::make_unique<Authentication>();
  authentication_->exchange = *std::move(exchange);
  auto initial = wire::sasl::decode_initial_response(command.initial_response);
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
            say("+ ", base::codec::base64_encode(challenge.octets));  // RFC 5034 s4: "+ " and an empty challenge
            return next();
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
            if (authentication_->login) return proved();
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
  if (authentication_->scram_proved || !in_exchange()) return proved();
  return follow(authentication_->exchange->password_checked(true));
}

Step Session::scram_keys(std::expected<std::vector<base::crypto::ScramKeys>, AuthRefusal> keys) {
  if (!keys) return refuse_auth(keys.error());
  return follow(authentication_->exchange->scram_keys(*std::move(keys)));
}

Step Session::proved() {
  login_ = std::move(authentication_->login);
  authentication_.reset();
  return OpenMaildrop{login_->account};
}

/// The exchange ends here, by what the client sent.
Step Session::fail_auth(SaslError error) {
  switch (error) {
    case SaslError::kWrongCredentials:
      return refuse_auth(AuthRefusal::kWrongCredentials);
    case SaslError::kNotAuthorized:
      return refuse_auth(AuthRefusal::kNotAuthorized);
    case SaslError::kCancelled:  // RFC 5034 s4: "*"
      authentication_.reset();
      return object("Login cancelled");
    default:
      authentication_.reset();
      return object(fmt::format("Cannot understand the response: {}", to_string(error)));
  }
}

/// The exchange ends here, by what the directory said. Response codes: RFC 3206 s3.
Step Session::refuse_auth(AuthRefusal refusal) {
  switch (refusal) {
    case AuthRefusal::kUnavailable:
      authentication_.reset();
      return object("[SYS/TEMP] Logins cannot be checked now");
    case AuthRefusal::kBanned:
      authentication_.reset();
      return end("-ERR [SYS/TEMP] Too many failed logins, try again later", "banned");
    case AuthRefusal::kDisabled:
      authentication_->refusal = "[SYS/PERM] Account is disabled";
      break;
    case AuthRefusal::kWrongCredentials:
    case AuthRefusal::kNotAuthorized:
      authentication_->refusal = "[AUTH] Wrong user or password";
      break;
  }
  return NoteAuthFailure{authentication_->user};
}

Step Session::auth_failure_noted() {
  const auto ended = std::exchange(authentication_, nullptr);
  if (++auth_failures_ >= options_->max_auth_failures) {
    say("-ERR ", ended->refusal);
    return Close{"too many failed logins"};
  }
  return object(ended->refusal);
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
