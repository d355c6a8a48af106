#include "state/directory/credentials.h"

#include <array>

#include "base/codec/saslprep.h"
#include "base/crypto/digest.h"
#include "base/crypto/password.h"
#include "base/crypto/random.h"
#include "state/directory/model.h"

namespace veredus::state::directory {

namespace crypto = base::crypto;

namespace {

// Letters and digits that nobody mixes up when reading them from a screen: 32, so 5 bits each.
constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
static_assert(kAlphabet.size() == 32);
constexpr std::size_t kGroups = 4;
constexpr std::size_t kGroupOctets = 5;
constexpr std::size_t kAppPasswordOctets = kGroups * kGroupOctets + kGroups - 1;

/// The keys of `password` with the salt that all passwords of the account share, made now when there is none.
crypto::ScramKeys derive(Credentials& credentials, const crypto::Secret& password) {
  if (credentials.scram_salt.empty()) {
    credentials.scram_salt = crypto::random_octets(crypto::kScramSaltOctets);
    credentials.scram_iterations = crypto::kScramIterations;
  }
  return crypto::derive_scram_sha256(password.reveal(), credentials.scram_salt, credentials.scram_iterations);
}

std::optional<VerifiedPassword> verify_app_password(const Credentials* credentials, const crypto::Secret& password) {
  if (credentials == nullptr || credentials->scram_salt.empty()) {
    // As long as for somebody who has app passwords.
    static const std::string salt(crypto::kScramSaltOctets, '\0');
    crypto::derive_scram_sha256(password.reveal(), salt, crypto::kScramIterations);
    return std::nullopt;
  }
  const auto keys =
      crypto::derive_scram_sha256(password.reveal(), credentials->scram_salt, credentials->scram_iterations);
  std::optional<VerifiedPassword> found;
  for (const auto& app : credentials->app_passwords)
    if (crypto::equal_in_constant_time(app.stored_key, keys.stored_key)) found = {.app_password = app.id};
  return found;
}

}  // namespace

std::expected<crypto::Secret, DirectoryError> accept_new_password(std::string_view password, std::size_t min_octets) {
  if (password.size() > kMaxPasswordOctets) return std::unexpected(DirectoryError::kPasswordTooLong);
  if (password.size() < min_octets || password.empty()) return std::unexpected(DirectoryError::kPasswordTooShort);
  auto prepared = base::codec::prepare_password(password);
  if (!prepared) return std::unexpected(DirectoryError::kBadPassword);
  return crypto::Secret(*std::move(prepared));
}

Credentials with_new_password(Credentials before, const crypto::Secret& password) {
  if (before.app_passwords.empty()) before.scram_salt.clear();  // nothing else hangs on the old salt
  auto keys = derive(before, password);
  before.password_hash = crypto::hash_password(password.reveal());
  before.stored_key = std::move(keys.stored_key);
  before.server_key = std::move(keys.server_key);
  ++before.revision;
  return before;
}

std::optional<Credentials> with_renewed_hash(Credentials before, const crypto::Secret& password) {
  if (!crypto::needs_rehash(before.password_hash)) return std::nullopt;
  before.password_hash = crypto::hash_password(password.reveal());
  ++before.revision;
  return before;
}

Credentials with_new_app_password(Credentials before, std::string name, const crypto::Secret& password,
                                  SystemTime now) {
  auto keys = derive(before, password);
  before.app_passwords.push_back({.id = before.next_app_password++,
                                  .name = std::move(name),
                                  .created = now,
                                  .stored_key = std::move(keys.stored_key),
                                  .server_key = std::move(keys.server_key)});
  ++before.revision;
  return before;
}

crypto::Secret generate_app_password() {
  std::string octets = crypto::random_octets(kGroups * kGroupOctets);
  std::string password;
  password.reserve(kAppPasswordOctets);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0 && i % kGroupOctets == 0) password.push_back('-');
    password.push_back(kAlphabet[static_cast<std::uint8_t>(octets[i]) & 31]);
  }
  crypto::wipe(octets);
  return crypto::Secret(std::move(password));
}

bool is_app_password(std::string_view password) {
  if (password.size() != kAppPasswordOctets) return false;
  for (std::size_t i = 0; i < password.size(); ++i) {
    const bool between = i % (kGroupOctets + 1) == kGroupOctets;
    if (between ? password[i] != '-' : !kAlphabet.contains(password[i])) return false;
  }
  return true;
}

std::optional<VerifiedPassword> verify(const Credentials* credentials, const crypto::Secret& password) {
  // The shape is a property of what was typed, so looking at it first tells nothing about the account.
  if (is_app_password(password.reveal()))
    if (const auto app = verify_app_password(credentials, password)) return app;
  if (credentials == nullptr || credentials->password_hash.empty()) {
    crypto::verify_nothing(password.reveal());
    return std::nullopt;
  }
  if (!crypto::verify_password(credentials->password_hash, password.reveal())) return std::nullopt;
  return VerifiedPassword{};
}

std::vector<crypto::ScramKeys> scram_keys(const Credentials& credentials) {
  std::vector<crypto::ScramKeys> out;
  const auto add = [&](const std::string& stored_key, const std::string& server_key) {
    out.push_back({.salt = credentials.scram_salt,
                   .iterations = credentials.scram_iterations,
                   .stored_key = stored_key,
                   .server_key = server_key});
  };
  if (!credentials.stored_key.empty()) add(credentials.stored_key, credentials.server_key);
  for (const auto& app : credentials.app_passwords) add(app.stored_key, app.server_key);
  return out;
}

std::uint64_t app_password_of_key(const Credentials& credentials, std::size_t key_index) {
  if (!credentials.stored_key.empty() && key_index-- == 0) return 0;
  return key_index < credentials.app_passwords.size() ? credentials.app_passwords[key_index].id : 0;
}

}  // namespace veredus::state::directory
