#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/scram.h"
#include "base/crypto/secret.h"
#include "base/types/clock.h"
#include "io/engine/engine.h"
#include "state/directory/directory_error.h"
#include "state/directory/model.h"
#include "state/directory/requests.h"
#include "state/directory/resolution.h"

namespace veredus::io::net {
class WorkerPool;
}

namespace veredus::state::directory {

class Snapshot;
enum class KeyState : std::uint8_t;
struct SigningKey;

/// What a password login says of itself.
struct PasswordLogin {
  std::string authzid;  // empty: act as the user
  std::string user;
  base::crypto::Secret password;  // prepared, as wire/sasl gives it, or as typed
};

/// Who is logged in.
struct Login {
  AccountId account;
  std::string address;             // the account's primary one
  std::uint64_t app_password = 0;  // 0: the account's own password
};

struct NewAppPassword {
  std::uint64_t id = 0;
  base::crypto::Secret password;  // shown once, kept nowhere
};

/// Domains, accounts, aliases and credentials: one engine partition (docs/formats/directory.md), all of it in memory.
/// Reading never suspends: it looks into an immutable snapshot that each change replaces. Changes are one synced commit
/// each and take turns. Thread-safe. The engine, pool and clock must outlive it.
class Directory {
 public:
  struct Options {
    std::string default_domain;  // for logins and <postmaster> without a domain; empty: the oldest domain
    std::size_t min_password_octets = 8;
    base::crypto::Secret sealing_key;             // 32 octets, for what we log in elsewhere with; empty: no such logins
    std::chrono::hours srs_secret_age{24 * 30};   // then a new one signs
    std::chrono::hours srs_secret_life{24 * 23};  // how long a replaced one is still checked
    std::size_t verified_passwords = 100'000;     // how many recent logins are remembered (as HMACs)
    std::chrono::seconds verified_for{60 * 60};   // and for how long
    std::chrono::seconds last_used_step{60 * 60};  // how exactly the last use of an app password is kept
  };
  template <class T>
  using Result = asio::awaitable<std::expected<T, DirectoryError>>;

  /// Reads everything into memory.
  static Result<std::unique_ptr<Directory>> open(io::engine::Engine* engine, io::net::WorkerPool* pool,
                                                 const Clock* clock, Options options);
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();

  // Reading, without suspension.
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
  /// Where mail to `address` goes, when `poster` sends it.
  [[nodiscard]] std::expected<Resolution, ResolveError> resolve_now(const wire::smtp::Address& address,
                                                                    Poster poster = {}) const;
  [[nodiscard]] bool is_ours(std::string_view domain) const;
  [[nodiscard]] bool may_send_as(AccountId account, const wire::smtp::Address& address) const;
  [[nodiscard]] std::optional<Account> account(AccountId id) const;
  [[nodiscard]] std::optional<Account> account_by_address(std::string_view address) const;
  [[nodiscard]] std::optional<Domain> domain(std::string_view name) const;
  /// Calls `changed`, from whatever thread made the change, once the account is seen to be another: disabled, renamed,
  /// deleted. A hint: look at it again. What somebody else changes (another node) wakes nobody.
  [[nodiscard]] io::engine::Subscription watch(AccountId id, std::function<void()> changed) const;

  // Logging in. The user is an account's primary address, or an alias that leads to it alone, in any case; without a
  // domain the default domain's. The authorisation identity must be the same account. Throttling is the door's
  // (auth_throttle.h).
  /// Takes as long for users that do not exist. Errors: AuthError.
  asio::awaitable<std::expected<Login, AuthError>> authenticate(PasswordLogin login);
  /// What a SCRAM exchange of this user may be finished with; empty: nobody, or nobody with such keys. All share one
  /// salt.
  [[nodiscard]] std::vector<base::crypto::ScramKeys> scram_keys(std::string_view user) const;
  /// After a SCRAM exchange succeeded with `scram_keys(user)[key_index]`.
  asio::awaitable<std::expected<Login, AuthError>> authorize_scram(std::string user, std::string authzid,
                                                                   std::size_t key_index);

  // Changing. Names and addresses in any form people write.
  Result<Domain> create_domain(NewDomain domain);
  Result<Domain> change_domain(std::string name, DomainChange change);
  /// Errors: kDomainNotEmpty.
  Result<void> delete_domain(std::string name);

  Result<Account> create_account(NewAccount account);
  Result<Account> change_account(AccountId id, AccountChange change);
  /// Aliases that led to the old address lead to the new one. kAsAlias keeps the old address as an alias.
  Result<Account> rename_account(AccountId id, std::string address, OldAddress old_address);
  /// Takes its credentials and its place in aliases, catch-alls and postmasters with it. Its id is never used again;
  /// its mailboxes are the caller's to erase (deleted_accounts, then forget_deleted).
  Result<void> delete_account(AccountId id);
  [[nodiscard]] std::vector<DeletedAccount> deleted_accounts() const;
  Result<void> forget_deleted(AccountId id);

  /// Creates the alias or replaces the one with this address.
  Result<Alias> put_alias(NewAlias alias);
  Result<void> delete_alias(std::string address);

  // Lists and ways out. `put_` creates, or replaces all but the age.
  Result<MailList> put_mail_list(NewMailList list);
  Result<MailList> change_members(std::string address, MembersChange change);
  /// Something came back from a member; answers the list as it is then. kNoSuchAccount: he is none (any more).
  Result<MailList> note_trouble(std::string address, NewTrouble trouble);
  Result<void> delete_mail_list(std::string address);
  Result<Forward> put_forward(AccountId id, NewForward forward);
  Result<void> delete_forward(AccountId id);
  Result<Route> put_route(NewRoute route);
  Result<void> delete_route(std::string name);
  Result<RelayDomain> put_relay_domain(NewRelayDomain domain);
  Result<void> delete_relay_domain(std::string name);
  Result<SendingAccount> put_sending_account(AccountId id, NewSendingAccount sending);
  /// What a test message through it came to; an empty `failure` verifies it.
  Result<SendingAccount> note_sending_test(AccountId id, std::string address, std::string failure);
  Result<void> delete_sending_account(AccountId id, std::string address);
  /// What a login was sealed from; nullopt: it cannot be opened with our key. Never to be logged or shown.
  [[nodiscard]] std::optional<base::crypto::Secret> open_login(const Route& route) const;
  [[nodiscard]] std::optional<base::crypto::Secret> open_login(const SendingAccount& sending) const;
  /// A new secret when the newest is older than `age`; every day or so.
  Result<void> rotate_srs_secret(std::chrono::milliseconds age);
  Result<void> rotate_srs_secret();

  // Keys that sign the mail of a domain.
  /// Makes new ones, RSA on the pool, or takes those brought along; pending all. Errors: kBadKey, kBadSelector…
  Result<std::vector<SigningKey>> add_signing_keys(std::string domain, std::vector<NewSigningKey> keys);
  /// Errors: kNoSuchKey, kKeyGone.
  Result<SigningKey> change_signing_key(std::string domain, std::string selector, KeyState state);
  /// Errors: kKeyInUse, unless it is forced.
  Result<void> remove_signing_key(std::string domain, std::string selector, Force force);
  /// PEM; nullopt: gone, or it cannot be opened with our key. Never to be logged or shown.
  [[nodiscard]] std::optional<base::crypto::Secret> open_signing_key(const SigningKey& key) const;

  Result<void> set_password(AccountId id, base::crypto::Secret password);
  Result<NewAppPassword> create_app_password(AccountId id, std::string name);
  Result<void> revoke_app_password(AccountId id, std::uint64_t app_password);
  [[nodiscard]] std::vector<AppPassword> app_passwords(AccountId id) const;

  /// Reads everything again when somebody else (another node) changed it.
  Result<void> refresh();

 private:
  struct Core;
  explicit Directory(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace veredus::state::directory
