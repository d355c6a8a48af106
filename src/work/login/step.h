#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "state/directory/directory.h"
#include "wire/sasl/error.h"

namespace veredus::work::login {

/// Why a login was not granted, as far as the client may know.
enum class AuthRefusal : std::uint8_t {
  kWrongCredentials,
  kDisabled,
  kNotAuthorized,
  kUnavailable,  // could not be checked now
  kBanned,       // too many failures from this address or for this account
};
[[nodiscard]] std::string_view to_string(AuthRefusal refusal);

// What an Attempt wants done next, and by which member function the answer comes back.

/// Send these octets in the protocol's way -> response().
struct Challenge {
  std::string octets;  // raw; may be empty
};
/// Is this the password? Throttled -> password_checked().
struct CheckPassword {
  state::directory::PasswordLogin login;
};
/// The keys of this user, for SCRAM. Throttled -> scram_keys().
struct FetchScramKeys {
  std::string user;
};
/// SCRAM succeeded with the key of this index; whose it is the directory says -> password_checked().
struct AuthorizeScram {
  std::string user;
  std::string authzid;  // empty: acts as himself
  std::size_t key_index = 0;
};
/// The end, a good one: the attempt's login() says whose.
struct Granted {};
/// The end: refused by the directory, or by what the client sent. What was guessed wrong is to be counted against
/// address and account (see is_guess).
using Failure = std::variant<AuthRefusal, wire::sasl::SaslError>;
struct Failed {
  Failure why;
};
using Step = std::variant<Challenge, CheckPassword, FetchScramKeys, AuthorizeScram, Granted, Failed>;

/// Whether whoever fails so may have been guessing.
[[nodiscard]] bool is_guess(const Failure& failure);

}  // namespace veredus::work::login
