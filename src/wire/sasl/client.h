#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/secret.h"
#include "wire/sasl/channel_binding.h"
#include "wire/sasl/error.h"

namespace veredus::wire::sasl {

struct Credentials {
  std::string authzid;  // empty: act as the user
  std::string user;
  base::crypto::Secret password;  // or the token, for OAUTHBEARER and XOAUTH2
};

/// What is kept of somebody at a relay: it decides which mechanisms can be used.
enum class SecretKind : std::uint8_t { kPassword, kOAuthToken };

struct ClientOptions {
  std::vector<ChannelBinding> channel_bindings;  // of this TLS connection, the preferred one first
  bool server_offers_plus = false;               // -PLUS was in the server's list
  std::function<std::string()> nonce;            // default: 24 random characters
};

/// The client's side of one authentication: for relays that ask for it, and for tests. One thread at a time.
class ClientExchange {
 public:
  /// Errors: kUnknownMechanism, kForbiddenCharacters.
  static std::expected<std::unique_ptr<ClientExchange>, SaslError> create(std::string_view mechanism,
                                                                          Credentials credentials,
                                                                          ClientOptions options = {});
  virtual ~ClientExchange() = default;

  /// What may go with the AUTH command; nullopt: the server speaks first (LOGIN). Call once, first.
  virtual std::optional<std::string> initial_response() = 0;
  /// The answer to a challenge. When the initial response was not sent with the command, it answers the first, empty
  /// challenge.
  virtual std::expected<std::string, SaslError> respond(std::string_view challenge) = 0;
  /// Whether success may be believed: with SCRAM only after the server proved that it knows the keys.
  [[nodiscard]] virtual bool may_succeed() const = 0;
};

/// The strongest of the offered mechanisms (any case) that can be used; empty when none can.
std::string_view choose_mechanism(std::span<const std::string_view> offered, bool have_channel_binding,
                                  SecretKind secret = SecretKind::kPassword);

}  // namespace veredus::wire::sasl
