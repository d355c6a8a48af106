#include <algorithm>

#include "base/codec/base64.h"
#include "base/crypto/digest.h"
#include "base/crypto/random.h"
#include "base/types/result.h"
#include "wire/sasl/server_mechanisms.h"

namespace veredus::wire::sasl {
namespace {

using base::crypto::equal_in_constant_time;
using base::crypto::hmac_sha256;
using base::crypto::ScramKeys;

constexpr std::size_t kNonceOctets = 18;  // 24 characters of base64, without padding

std::string random_nonce() { return base::codec::base64_encode(base::crypto::random_octets(kNonceOctets)); }

const std::string& secret_of_process() {
  static const std::string secret = base::crypto::random_octets(base::crypto::kSha256Octets);
  return secret;
}

}  // namespace

Step ScramExchange::take_response(std::string_view response) {
  if (await_ == Await::kFirst) return take_first(response);
  if (await_ == Await::kFinal) return take_final(response);
  if (!response.empty()) return Failure{SaslError::kMalformed};
  return success_;
}

Step ScramExchange::take_first(std::string_view message) {
  auto first = parse_client_first(message);
  if (!first) return Failure{first.error()};
  first_ = *std::move(first);
  if (const auto chosen = choose_binding(); !chosen) return Failure{chosen.error()};
  if (const auto named = set_names(first_.authzid, first_.user); !named) return Failure{named.error()};
  return NeedScramKeys{.authzid = authzid_, .user = user_};
}

// RFC 5802 s6
std::expected<void, SaslError> ScramExchange::choose_binding() {
  if (variant_ == Variant::kPlain) {
    if (first_.flag == BindingFlag::kUsed) return std::unexpected(SaslError::kMalformed);
    if (first_.flag == BindingFlag::kNotOffered && !options_.channel_bindings.empty())
      return std::unexpected(SaslError::kDowngraded);
    return {};
  }
  if (first_.flag != BindingFlag::kUsed) return std::unexpected(SaslError::kMalformed);
  const auto binding = std::ranges::find(options_.channel_bindings, first_.binding_type, &ChannelBinding::type);
  if (binding == options_.channel_bindings.end() || binding->octets.empty())
    return std::unexpected(SaslError::kUnsupportedChannelBinding);
  binding_octets_ = binding->octets;
  return {};
}

// Told for unknown users: the same salt each time, and the same cost as everybody's.
ScramKeys ScramExchange::keys_of_nobody() const {
  const std::string& secret = options_.unknown_user_secret.empty() ? secret_of_process() : options_.unknown_user_secret;
  ScramKeys keys;
  keys.salt = hmac_sha256(secret, user_).substr(0, base::crypto::kScramSaltOctets);
  keys.iterations = base::crypto::kScramIterations;
  keys.stored_key = base::crypto::random_octets(base::crypto::kSha256Octets);
  keys.server_key = base::crypto::random_octets(base::crypto::kSha256Octets);
  return keys;
}

Step ScramExchange::take_keys(std::vector<ScramKeys> keys) {
  known_user_ = !keys.empty();
  keys_ = std::move(keys);
  if (!known_user_) keys_.push_back(keys_of_nobody());
  nonce_ = first_.nonce + (options_.nonce ? options_.nonce() : random_nonce());
  server_first_ = to_message(ServerFirst{.nonce = nonce_, .salt = keys_[0].salt, .iterations = keys_[0].iterations});
  await_ = Await::kFinal;
  return Challenge{server_first_};
}

std::optional<std::size_t> ScramExchange::matching_key(std::string_view proof, std::string_view signed_text) const {
  if (proof.size() != base::crypto::kSha256Octets) return std::nullopt;
  std::optional<std::size_t> match;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].salt != keys_[0].salt || keys_[i].iterations != keys_[0].iterations) continue;
    std::string client_key = exclusive_or(proof, hmac_sha256(keys_[i].stored_key, signed_text));  // RFC 5802 s3
    if (equal_in_constant_time(base::crypto::sha256(client_key), keys_[i].stored_key) && !match) match = i;
    base::crypto::wipe(client_key);
  }
  return match;
}

Step ScramExchange::take_final(std::string_view message) {
  const auto final_message = parse_client_final(message);
  if (!final_message) return Failure{final_message.error()};
  if (!equal_in_constant_time(final_message->nonce, nonce_)) return Failure{SaslError::kNonceMismatch};
  if (!equal_in_constant_time(final_message->binding_input, first_.gs2_header + binding_octets_))
    return Failure{SaslError::kChannelBindingMismatch};
  const std::string signed_text = auth_message(first_.bare, server_first_, final_message->without_proof);
  const auto match = matching_key(final_message->proof, signed_text);
  if (!match || !known_user_) return Failure{SaslError::kWrongCredentials};
  std::string verifier = "v=" + base::codec::base64_encode(hmac_sha256(keys_[*match].server_key, signed_text));
  success_ = Success{.authzid = authzid_, .user = user_, .final_octets = {}, .key_index = *match};
  if (options_.success_octets == SuccessOctets::kWithSuccess) {
    success_.final_octets = std::move(verifier);
    return success_;
  }
  await_ = Await::kNothing;
  return Challenge{std::move(verifier)};
}

}  // namespace veredus::wire::sasl
