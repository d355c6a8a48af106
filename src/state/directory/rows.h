#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/directory/credentials.h"
#include "state/directory/model.h"

namespace veredus::state::directory {

/// Rows of the directory's partition: docs/formats/directory.md. Every value begins with its format version. The
/// `read_` functions answer nullopt for what their `write_` never wrote.

/// First octet of a key. On disk, do not renumber.
enum class RowKind : char {
  kAccount = 'a',      // a|account8 -> Account
  kCredentials = 'c',  // c|account8 -> Credentials
  kDomain = 'd',       // d|domain8 -> Domain
  kSending = 'e',      // e|account8|address -> SendingAccount
  kForward = 'f',      // f|account8 -> Forward
  kDeleted = 'g',      // g|account8 -> DeletedAccount
  kSigningKey = 'k',   // k|domain8|selector -> SigningKey
  kAlias = 'l',        // l|address -> Alias
  kMailList = 'm',     // m|address -> MailList
  kCounters = 'n',     // n -> Counters
  kRoute = 'o',        // o|name -> Route
  kRelayDomain = 'r',  // r|domain -> RelayDomain
  kSrsSecrets = 's',   // s -> SrsSecret, the newest first
  kLastUsed = 'u',     // u|account8|app password8 -> when
};

/// The last ids given out: they only grow, so that no id ever means two things.
struct Counters {
  std::uint64_t last_domain = 0;
  std::uint64_t last_account = 0;
  friend bool operator==(Counters, Counters) = default;
};

std::string id_key(RowKind kind, std::uint64_t id);
std::string alias_key(std::string_view address);
std::string counters_key();
std::string last_used_key(AccountId account, std::uint64_t app_password);
/// The id behind a key of `id_key`.
std::optional<std::uint64_t> id_of_key(std::string_view key);

std::string write_domain(const Domain& domain);
std::optional<Domain> read_domain(DomainId id, std::string_view value);
std::string write_account(const Account& account);
std::optional<Account> read_account(AccountId id, std::string_view value);
std::string write_credentials(const Credentials& credentials);
std::optional<Credentials> read_credentials(std::string_view value);
std::string write_alias(const Alias& alias);
std::optional<Alias> read_alias(std::string_view address, std::string_view value);
std::string write_deleted(const DeletedAccount& account);
std::optional<DeletedAccount> read_deleted(AccountId id, std::string_view value);
std::string write_counters(Counters counters);
std::optional<Counters> read_counters(std::string_view value);
std::string write_time(SystemTime time);
std::optional<SystemTime> read_time(std::string_view value);

}  // namespace veredus::state::directory
