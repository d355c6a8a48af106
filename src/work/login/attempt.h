#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/scram.h"
#include "base/crypto/secret.h"
#include "wire/sasl/exchange.h"
#include "work/login/step.h"

namespace veredus::work::login {

/// One attempt to log in, by SASL or with name and password, as a state machine without I/O: tell it what came, do what
/// the step says, tell it the answer. The same for every door; what is said to the client is the door's. Movable.
class Attempt {
 public:
  struct SaslOptions {
    std::vector<wire::sasl::ChannelBinding> channel_bindings;
    wire::sasl::SuccessOctets success_octets = wire::sasl::SuccessOctets::kAsChallenge;
    std::string unknown_user_secret;  // what SCRAM salts of unknown users are made of; empty: new with each start
  };
  /// Errors: kUnknownMechanism.
  static std::expected<Attempt, wire::sasl::SaslError> sasl(std::string_view mechanism, SaslOptions options);
  /// USER and PASS, LOGIN: begins with check_password().
  static Attempt named(std::string_view user);

  /// SASL's first call, with what followed the mechanism: base64, "=" or nothing.
  Step start(std::string_view initial_response);
  /// A line the client sent in answer to a challenge: base64 or "*".
  Step response(std::string_view line);
  /// The first call of a named attempt.
  Step check_password(std::string_view password);
  Step password_checked(std::expected<state::directory::Login, AuthRefusal> answer);
  Step scram_keys(std::expected<std::vector<base::crypto::ScramKeys>, AuthRefusal> keys);

  /// Who it is said to be, as far as it is known.
  [[nodiscard]] const std::string& user() const { return user_; }
  /// After Granted, once.
  [[nodiscard]] state::directory::Login take_login();
  /// After Failed.
  [[nodiscard]] const Failure& failure() const { return failure_; }

 private:
  explicit Attempt(std::unique_ptr<wire::sasl::Exchange> exchange) : exchange_(std::move(exchange)) {}
  Step follow(wire::sasl::Step step);
  Step fail(Failure why);

  std::unique_ptr<wire::sasl::Exchange> exchange_;  // nullptr: name and password
  std::string user_;
  std::optional<state::directory::Login> login_;  // the password was right
  bool scram_proved_ = false;                     // only whose keys they are is left to ask
  Failure failure_ = AuthRefusal::kUnavailable;
};

/// What to name behind AUTH or SASL on a connection where logins may happen, strongest first.
[[nodiscard]] std::span<const std::string_view> offered_mechanisms(
    const std::vector<wire::sasl::ChannelBinding>& channel_bindings);

}  // namespace veredus::work::login
