#include "wire/sasl/exchange.h"

#include <array>

#include "base/codec/ascii.h"
#include "base/codec/saslprep.h"
#include "base/types/result.h"
#include "wire/sasl/response_line.h"
#include "wire/sasl/server_mechanisms.h"

namespace veredus::wire::sasl {
namespace {

constexpr std::size_t kMaxResponseOctets = kMaxResponseLineOctets / 4 * 3;
constexpr std::size_t kMaxNameOctets = 512;       // an address has 320 at most, RFC 5321 s4.5.3.1
constexpr std::size_t kMaxPasswordOctets = 1024;  // an app token fits, an attack on the hash does not

constexpr std::array<std::string_view, 4> kMechanisms = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"};

}  // namespace

std::span<const std::string_view> mechanisms(Protection protection) {
  switch (protection) {
    case Protection::kEncryptedWithBinding:
      return kMechanisms;
    case Protection::kEncrypted:
      return std::span(kMechanisms).subspan(1);
    case Protection::kNone:
      break;
  }
  return {};
}

std::expected<std::unique_ptr<Exchange>, SaslError> Exchange::create(std::string_view mechanism,
                                                                     ExchangeOptions options) {
  using base::codec::iequals_ascii;
  using Variant = ScramExchange::Variant;
  if (iequals_ascii(mechanism, "PLAIN")) return std::make_unique<PlainExchange>(std::move(options));
  if (iequals_ascii(mechanism, "LOGIN")) return std::make_unique<LoginExchange>(std::move(options));
  if (iequals_ascii(mechanism, "SCRAM-SHA-256"))
    return std::make_unique<ScramExchange>(Variant::kPlain, std::move(options));
  if (iequals_ascii(mechanism, "SCRAM-SHA-256-PLUS") && !options.channel_bindings.empty())
    return std::make_unique<ScramExchange>(Variant::kPlus, std::move(options));
  return std::unexpected(SaslError::kUnknownMechanism);
}

// Keeps the state in step with what was answered.
Step Exchange::remember(Step step) {
  if (std::holds_alternative<Challenge>(step))
    state_ = State::kResponse;
  else if (std::holds_alternative<CheckPassword>(step))
    state_ = State::kPassword;
  else if (std::holds_alternative<NeedScramKeys>(step))
    state_ = State::kKeys;
  else
    state_ = State::kEnded;
  return step;
}

Step Exchange::start(std::optional<std::string> initial_response) {
  if (state_ != State::kNew) return remember(Failure{SaslError::kWrongStep});
  if (!initial_response) return remember(Challenge{first_challenge()});
  state_ = State::kResponse;
  return resume(*std::move(initial_response));
}

Step Exchange::resume(std::string response) {
  if (state_ != State::kResponse) return remember(Failure{SaslError::kWrongStep});
  Step step = response.size() > kMaxResponseOctets ? Step(Failure{SaslError::kTooLong}) : take_response(response);
  base::crypto::wipe(response);
  return remember(std::move(step));
}

Step Exchange::password_checked(bool correct) {
  if (state_ != State::kPassword) return remember(Failure{SaslError::kWrongStep});
  if (!correct) return remember(Failure{SaslError::kWrongCredentials});
  return remember(Success{.authzid = authzid_, .user = user_, .final_octets = {}});
}

Step Exchange::scram_keys(std::vector<base::crypto::ScramKeys> keys) {
  if (state_ != State::kKeys) return remember(Failure{SaslError::kWrongStep});
  return remember(take_keys(std::move(keys)));
}

Step Exchange::take_keys(std::vector<base::crypto::ScramKeys> /*keys*/) { return Failure{SaslError::kWrongStep}; }

std::expected<void, SaslError> Exchange::set_names(std::string_view authzid, std::string_view user) {
  if (authzid.size() > kMaxNameOctets || user.size() > kMaxNameOctets) return std::unexpected(SaslError::kTooLong);
  auto prepared_user = base::codec::prepare_username(user);
  if (!prepared_user) return std::unexpected(SaslError::kForbiddenCharacters);
  user_ = *std::move(prepared_user);
  authzid_.clear();
  if (authzid.empty()) return {};
  auto prepared_authzid = base::codec::prepare_username(authzid);
  if (!prepared_authzid) return std::unexpected(SaslError::kForbiddenCharacters);
  if (base::codec::iequals_ascii(*prepared_authzid, user_)) return {};
  if (options_.proxy_use == ProxyUse::kOnlySelf) return std::unexpected(SaslError::kNotAuthorized);
  authzid_ = *std::move(prepared_authzid);
  return {};
}

Step Exchange::check_password(std::string_view authzid, std::string_view user, std::string_view password) {
  if (password.size() > kMaxPasswordOctets) return Failure{SaslError::kTooLong};
  if (const auto named = set_names(authzid, user); !named) return Failure{named.error()};
  auto prepared = base::codec::prepare_password(password);
  if (!prepared) return Failure{SaslError::kForbiddenCharacters};
  return CheckPassword{.authzid = authzid_, .user = user_, .password = base::crypto::Secret(*std::move(prepared))};
}

}  // namespace veredus::wire::sasl
