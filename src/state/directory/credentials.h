#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/scram.h"
#include "base/crypto/secret.h"
#include "base/types/clock.h"
#include "state/directory/directory_error.h"

namespace veredus::state::directory {

/// One generated password: its SCRAM keys serve PLAIN logins as well, for it is too long to be guessed.
struct StoredAppPassword {
  std::uint64_t id = 0;
  std::string name;
  SystemTime created;
  std::string stored_key;  // 32 octets
  std::string server_key;  // 32 octets
  friend bool operator==(const StoredAppPassword&, const StoredAppPassword&) = default;
};

/// All an account can prove itself with. Both forms of the password are made from the same password; the app passwords
/// share its SCRAM salt and iteration count, so that a SCRAM exchange, which names the salt before it sees a proof, can
/// be finished with any of them.
struct Credentials {
  std::string password_hash;  // argon2id, PHC string; empty: no password set, only app passwords
  std::string scram_salt;     // 16 octets
  int scram_iterations = 0;
  std::string stored_key;  // 32 octets; empty like password_hash
  std::string server_key;
  std::uint64_t revision = 0;  // grows with each change: what was verified before counts no more
  std::uint64_t next_app_password = 1;
  std::vector<StoredAppPassword> app_passwords;
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// The form in which passwords are hashed and compared (codec::prepare_password). Errors: kPasswordTooShort,
/// kPasswordTooLong, kBadPassword.
std::expected<base::crypto::Secret, DirectoryError> accept_new_password(std::string_view password,
                                                                        std::size_t min_octets);

/// Blocking: about 30 ms, for the worker pool. `password` is prepared.
Credentials with_new_password(Credentials before, const base::crypto::Secret& password);
/// With the password's hash at today's cost; nullopt: it is so already. Blocking: 20 ms, for the worker pool.
/// `password` is the right one, prepared.
std::optional<Credentials> with_renewed_hash(Credentials before, const base::crypto::Secret& password);
/// Blocking: some 10 ms, for the worker pool.
Credentials with_new_app_password(Credentials before, std::string name, const base::crypto::Secret& password,
                                  SystemTime now);

/// A password of 100 random bits in groups of five letters and digits: "k7m2x-…". It has the shape `is_app_password`
/// knows.
base::crypto::Secret generate_app_password();
bool is_app_password(std::string_view password);

/// Which of its passwords this is.
struct VerifiedPassword {
  std::uint64_t app_password = 0;  // 0: the account's own
};
/// Blocking: 20 ms, whether there are credentials or not (nullptr: unknown user), for the worker pool. `password` is
/// prepared.
std::optional<VerifiedPassword> verify(const Credentials* credentials, const base::crypto::Secret& password);

/// What a SCRAM exchange is checked against: the account's own keys (if any) first. Same salt and iterations in all.
std::vector<base::crypto::ScramKeys> scram_keys(const Credentials& credentials);

/// Which password `scram_keys(credentials)[key_index]` belongs to; 0: the account's own.
std::uint64_t app_password_of_key(const Credentials& credentials, std::size_t key_index);

}  // namespace veredus::state::directory
