#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/crypto/scram.h"
#include "base/crypto/secret.h"
#include "wire/sasl/channel_binding.h"
#include "wire/sasl/error.h"

namespace veredus::wire::sasl {

/// What the exchange wants next. Octets are raw: the door puts them into base64 (see response_line.h).
struct Challenge {
  std::string octets;  // may be empty; the answer goes into resume()
};
struct CheckPassword {
  std::string authzid;            // empty: the user acts as himself
  std::string user;               // prepared (codec::prepare_username); case as sent
  base::crypto::Secret password;  // prepared; the answer goes into password_checked()
};
struct NeedScramKeys {
  std::string authzid;
  std::string user;  // the answer goes into scram_keys()
};
struct Success {
  std::string authzid;        // empty: the user acts as himself
  std::string user;           // as in CheckPassword
  std::string final_octets;   // only with SuccessOctets::kWithSuccess
  std::size_t key_index = 0;  // SCRAM: which of the keys given to scram_keys() matched
};
struct Failure {
  SaslError error;
};
using Step = std::variant<Challenge, CheckPassword, NeedScramKeys, Success, Failure>;

/// Whether the protocol can carry data with its success reply. SMTP, POP3 and IMAP cannot (RFC 4954 s4, RFC 5034 s4):
/// the last octets go as one more challenge, which the client answers with an empty response. ManageSieve can.
enum class SuccessOctets : std::uint8_t { kAsChallenge, kWithSuccess };

/// Who decides about an authorisation identity that is not the user: kOnlySelf refuses it here.
enum class ProxyUse : std::uint8_t { kOnlySelf, kCallerDecides };

struct ExchangeOptions {
  std::vector<ChannelBinding> channel_bindings;  // of this TLS connection; empty: no -PLUS was offered
  SuccessOctets success_octets = SuccessOctets::kAsChallenge;
  ProxyUse proxy_use = ProxyUse::kOnlySelf;
  std::function<std::string()> nonce;  // printable, without ','; default: 24 random characters
  std::string unknown_user_secret;     // makes the salt told for unknown users; default: one for this process
};

/// The server's side of one authentication, as a state machine without I/O: feed what came, do what the step says, feed
/// the answer. After Success or Failure only destroy it. Mechanisms: PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256 and -PLUS
/// (RFC 5802, RFC 7677). One thread at a time.
class Exchange {
 public:
  /// `mechanism` in any case. Errors: kUnknownMechanism, also for -PLUS without channel bindings.
  static std::expected<std::unique_ptr<Exchange>, SaslError> create(std::string_view mechanism,
                                                                    ExchangeOptions options = {});
  virtual ~Exchange() = default;

  /// The first call. nullopt: the client sent no initial response, which is not the same as an empty one.
  Step start(std::optional<std::string> initial_response);
  /// The client's answer to a Challenge.
  Step resume(std::string response);
  /// The directory's answer to CheckPassword.
  Step password_checked(bool correct);
  /// The directory's answer to NeedScramKeys: one for each password the user may give (all with one salt and one cost,
  /// since the client learns these before it proves anything; others are left out). Empty: unknown user, or one without
  /// such keys. The exchange then goes on with keys that look the same each time and match no password, so that nobody
  /// learns which users exist.
  Step scram_keys(std::vector<base::crypto::ScramKeys> keys);

 protected:
  enum class State : std::uint8_t { kNew, kResponse, kPassword, kKeys, kEnded };
  explicit Exchange(ExchangeOptions options) : options_(std::move(options)) {}
  virtual Step take_response(std::string_view response) = 0;
  /// What is sent when the client sent no initial response.
  [[nodiscard]] virtual std::string first_challenge() const { return {}; }
  virtual Step take_keys(std::vector<base::crypto::ScramKeys> keys);
  Step check_password(std::string_view authzid, std::string_view user, std::string_view password);
  /// Prepares the names as the client sent them into authzid_ and user_.
  std::expected<void, SaslError> set_names(std::string_view authzid, std::string_view user);

  ExchangeOptions options_;
  std::string authzid_;
  std::string user_;

 private:
  Step remember(Step step);
  State state_ = State::kNew;
};

/// How the connection is protected, so what may be offered on it.
enum class Protection : std::uint8_t { kNone, kEncrypted, kEncryptedWithBinding };
/// What to put behind AUTH or SASL, strongest first. kNone: nothing; a door that lets loopback in says kEncrypted.
std::span<const std::string_view> mechanisms(Protection protection);

}  // namespace veredus::wire::sasl
