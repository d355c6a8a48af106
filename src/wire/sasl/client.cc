#include "wire/sasl/client.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/codec/saslprep.h"
#include "base/crypto/digest.h"
#include "base/crypto/random.h"
#include "base/crypto/scram.h"
#include "base/types/result.h"
#include "wire/sasl/scram_message.h"

namespace veredus::wire::sasl {
namespace {

using base::codec::iequals_ascii;
using base::crypto::hmac_sha256;
using base::crypto::wipe;

constexpr std::size_t kNonceOctets = 18;

class PlainClient final : public ClientExchange {
 public:
  explicit PlainClient(Credentials credentials) : credentials_(std::move(credentials)) {}
  std::optional<std::string> initial_response() override {
    std::string out = credentials_.authzid;
    out.push_back('\0');
    out.append(credentials_.user).push_back('\0');
    return out.append(credentials_.password.reveal());
  }
  std::expected<std::string, SaslError> respond(std::string_view /*challenge*/) override { return *initial_response(); }
  [[nodiscard]] bool may_succeed() const override { return true; }

 private:
  Credentials credentials_;
};

class LoginClient final : public ClientExchange {
 public:
  explicit LoginClient(Credentials credentials) : credentials_(std::move(credentials)) {}
  std::optional<std::string> initial_response() override { return std::nullopt; }
  // Servers word their questions as they like; only the order is sure.
  std::expected<std::string, SaslError> respond(std::string_view /*challenge*/) override {
    if (questions_ >= 2) return std::unexpected(SaslError::kWrongStep);
    return ++questions_ == 1 ? credentials_.user : std::string(credentials_.password.reveal());
  }
  [[nodiscard]] bool may_succeed() const override { return questions_ == 2; }

 private:
  Credentials credentials_;
  int questions_ = 0;
};

/// A token instead of a password. A server that refuses it says why in one more challenge, which is answered so that
/// the refusal can follow.
class TokenClient final : public ClientExchange {
 public:
  TokenClient(std::string first, std::string_view after_refusal)
      : first_(std::move(first)), after_refusal_(after_refusal) {}
  std::optional<std::string> initial_response() override {
    sent_ = true;
    return std::string(first_.reveal());
  }
  std::expected<std::string, SaslError> respond(std::string_view /*challenge*/) override {
    if (!sent_) return *initial_response();
    if (std::exchange(refused_, true)) return std::unexpected(SaslError::kWrongStep);
    return std::string(after_refusal_);
  }
  [[nodiscard]] bool may_succeed() const override { return sent_ && !refused_; }

 private:
  base::crypto::Secret first_;
  std::string_view after_refusal_;
  bool sent_ = false;
  bool refused_ = false;
};

/// Tokens are printable ASCII without separators (RFC 6750 s2.1), so nothing of one can end up outside of its field.
bool is_token(std::string_view token) {
  return !token.empty() && std::ranges::all_of(token, [](char c) { return c > 32 && c < 127 && c != ','; });
}

std::expected<std::unique_ptr<ClientExchange>, SaslError> token_client(std::string_view mechanism,
                                                                       const Credentials& credentials) {
  const auto has_control = [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; };
  if (!is_token(credentials.password.reveal()) || credentials.user.empty() ||
      std::ranges::any_of(credentials.user, has_control))
    return std::unexpected(SaslError::kForbiddenCharacters);
  const std::string bearer =
      "\x01"
      "auth=Bearer " +
      std::string(credentials.password.reveal()) + "\x01\x01";
  if (iequals_ascii(mechanism, "XOAUTH2"))
    return std::make_unique<TokenClient>("user=" + credentials.user + bearer, std::string_view());
  // RFC 7628 s3.1: the GS2 header, then key=value pairs; s3.2.3: a refusal is acknowledged by ^A.
  return std::make_unique<TokenClient>("n,a=" + escape_name(credentials.user) + "," + bearer, "\x01");
}

class ScramClient final : public ClientExchange {
 public:
  ScramClient(Credentials credentials, std::string_view flag, std::string binding_octets, std::string nonce)
      : credentials_(std::move(credentials)), binding_octets_(std::move(binding_octets)), nonce_(std::move(nonce)) {
    header_ = std::string(flag) + ",";
    if (!credentials_.authzid.empty()) header_ += "a=" + escape_name(credentials_.authzid);
    header_ += ",";
    bare_ = "n=" + escape_name(credentials_.user) + ",r=" + nonce_;
  }

  std::optional<std::string> initial_response() override {
    await_ = Await::kServerFirst;
    return header_ + bare_;
  }

  std::expected<std::string, SaslError> respond(std::string_view challenge) override {
    switch (await_) {
      case Await::kStart:
        if (!challenge.empty()) return std::unexpected(SaslError::kMalformed);
        return *initial_response();
      case Await::kServerFirst:
        return take_server_first(challenge);
      case Await::kServerFinal:
        return take_server_final(challenge);
      case Await::kNothing:
        break;
    }
    return std::unexpected(SaslError::kWrongStep);
  }

  [[nodiscard]] bool may_succeed() const override { return verified_; }

 private:
  enum class Await : std::uint8_t { kStart, kServerFirst, kServerFinal, kNothing };

  std::expected<std::string, SaslError> take_server_first(std::string_view message) {
    await_ = Await::kNothing;
    VEREDUS_TRY(const ServerFirst first, parse_server_first(message));
    if (!first.nonce.starts_with(nonce_) || first.nonce.size() == nonce_.size())
      return std::unexpected(SaslError::kNonceMismatch);
    // Few iterations would let a false server guess the password, many would hold us up.
    if (first.iterations < base::crypto::kScramMinIterations || first.iterations > base::crypto::kScramMaxIterations)
      return std::unexpected(SaslError::kUnacceptableIterations);
    std::string final_message = "c=" + base::codec::base64_encode(header_ + binding_octets_) + ",r=" + first.nonce;
    const std::string signed_text = auth_message(bare_, message, final_message);
    std::string salted =
        base::crypto::scram_salted_password(credentials_.password.reveal(), first.salt, first.iterations);
    std::string client_key = hmac_sha256(salted, "Client Key");  // RFC 5802 s3
    const std::string proof = exclusive_or(client_key, hmac_sha256(base::crypto::sha256(client_key), signed_text));
    server_signature_ = hmac_sha256(hmac_sha256(salted, "Server Key"), signed_text);
    wipe(client_key);
    wipe(salted);
    await_ = Await::kServerFinal;
    return final_message + ",p=" + base::codec::base64_encode(proof);
  }

  std::expected<std::string, SaslError> take_server_final(std::string_view message) {
    await_ = Await::kNothing;
    VEREDUS_TRY(const std::string signature, parse_server_final(message));
    verified_ = base::crypto::equal_in_constant_time(signature, server_signature_);
    if (!verified_) return std::unexpected(SaslError::kServerNotVerified);
    return std::string();
  }

  Credentials credentials_;
  std::string binding_octets_;
  std::string nonce_;
  std::string header_;
  std::string bare_;
  std::string server_signature_;
  Await await_ = Await::kStart;
  bool verified_ = false;
};

std::expected<void, SaslError> prepare(Credentials& credentials) {
  auto user = base::codec::prepare_username(credentials.user);
  auto password = base::codec::prepare_password(credentials.password.reveal());
  if (!user || !password) return std::unexpected(SaslError::kForbiddenCharacters);
  credentials.user = *std::move(user);
  credentials.password = base::crypto::Secret(*std::move(password));
  if (credentials.authzid.empty()) return {};
  auto authzid = base::codec::prepare_username(credentials.authzid);
  if (!authzid) return std::unexpected(SaslError::kForbiddenCharacters);
  credentials.authzid = *std::move(authzid);
  return {};
}

}  // namespace

std::expected<std::unique_ptr<ClientExchange>, SaslError> ClientExchange::create(std::string_view mechanism,
                                                                                 Credentials credentials,
                                                                                 ClientOptions options) {
  if (iequals_ascii(mechanism, "XOAUTH2") || iequals_ascii(mechanism, "OAUTHBEARER"))
    return token_client(mechanism, credentials);
  VEREDUS_TRY(prepare(credentials));
  if (iequals_ascii(mechanism, "PLAIN")) return std::make_unique<PlainClient>(std::move(credentials));
  if (iequals_ascii(mechanism, "LOGIN")) return std::make_unique<LoginClient>(std::move(credentials));
  std::string nonce =
      options.nonce ? options.nonce() : base::codec::base64_encode(base::crypto::random_octets(kNonceOctets));
  const bool can_bind = !options.channel_bindings.empty();
  if (iequals_ascii(mechanism, "SCRAM-SHA-256")) {
    const std::string_view flag = can_bind && !options.server_offers_plus ? "y" : "n";  // RFC 5802 s6
    return std::make_unique<ScramClient>(std::move(credentials), flag, std::string(), std::move(nonce));
  }
  if (iequals_ascii(mechanism, "SCRAM-SHA-256-PLUS") && can_bind) {
    ChannelBinding& binding = options.channel_bindings.front();
    return std::make_unique<ScramClient>(std::move(credentials), "p=" + binding.type, std::move(binding.octets),
                                         std::move(nonce));
  }
  return std::unexpected(SaslError::kUnknownMechanism);
}

std::string_view choose_mechanism(std::span<const std::string_view> offered, bool have_channel_binding,
                                  SecretKind secret) {
  static constexpr std::string_view kForPasswords[] = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"};
  static constexpr std::string_view kForTokens[] = {"OAUTHBEARER", "XOAUTH2"};
  const auto usable = secret == SecretKind::kPassword ? std::span<const std::string_view>(kForPasswords)
                                                      : std::span<const std::string_view>(kForTokens);
  for (const auto ours : usable) {
    if (ours.ends_with("-PLUS") && !have_channel_binding) continue;
    const auto same = [&](std::string_view theirs) { return iequals_ascii(ours, theirs); };
    if (std::ranges::any_of(offered, same)) return ours;
  }
  return {};
}

}  // namespace veredus::wire::sasl
