#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/engine/batch.h"
#include "state/directory/cow_map.h"
#include "state/directory/credentials.h"
#include "state/directory/directory_error.h"
#include "state/directory/mail_list.h"
#include "state/directory/model.h"
#include "state/directory/routing_table.h"
#include "state/directory/rows.h"
#include "state/directory/signing_key.h"
#include "state/directory/text_hash.h"

namespace veredus::state::directory {

/// The whole directory at one version: rows of the engine applied one by one, in any order. Immutable once published;
/// copies share what is equal. All names and addresses are in normal form (address_form.h).
class Snapshot {
 public:
  /// Takes one row, or its absence. Errors: kCorrupt.
  std::expected<void, DirectoryError> apply(std::string_view key, const std::optional<std::string>& value);
  void set_version(io::engine::Version version) { version_ = version; }
  [[nodiscard]] io::engine::Version version() const { return version_; }

  // Pointers and views are good as long as the snapshot is.
  [[nodiscard]] const Domain* domain(std::string_view name) const;
  [[nodiscard]] const Domain* domain(DomainId id) const;
  [[nodiscard]] const Account* account(AccountId id) const;
  [[nodiscard]] const Account* account(std::string_view address) const;
  [[nodiscard]] const Alias* alias(std::string_view address) const;
  [[nodiscard]] const MailList* mail_list(std::string_view address) const;
  [[nodiscard]] const Credentials* credentials(AccountId id) const;
  /// Of one domain, by selector; nullptr: it never had any.
  [[nodiscard]] const std::vector<SigningKey>* signing_keys(DomainId domain) const {
    return signing_keys_.find(domain);
  }
  [[nodiscard]] bool has_signing_keys() const { return signing_keys_.size() != 0; }
  [[nodiscard]] const SigningKey* signing_key(DomainId domain, std::string_view selector) const;
  /// Routes, relay domains, forwards, sending accounts.
  [[nodiscard]] const RoutingTable& routing() const { return routing_; }
  [[nodiscard]] const Domain* oldest_domain() const;

  /// What belongs to one domain. `accounts` is sorted.
  struct Members {
    std::vector<AccountId> accounts;
    std::vector<AccountId> administrators;
    std::size_t aliases = 0;
    std::size_t lists = 0;
  };
  [[nodiscard]] const Members* members(DomainId id) const;
  [[nodiscard]] const std::vector<AccountId>& administrators() const { return administrators_; }

  // Lists, sorted by name or address; for people, not for the hot path.
  [[nodiscard]] std::vector<Domain> domains() const;
  [[nodiscard]] std::vector<Account> accounts(std::optional<DomainId> domain = std::nullopt) const;
  [[nodiscard]] std::vector<Alias> aliases(std::optional<DomainId> domain = std::nullopt) const;
  [[nodiscard]] std::vector<MailList> mail_lists(std::optional<DomainId> domain = std::nullopt) const;
  [[nodiscard]] std::vector<DeletedAccount> deleted_accounts() const;

  template <class F>
  void for_each_domain(F&& visit) const {
    domains_.for_each([&](const auto&, const Domain& domain) { visit(domain); });
  }
  template <class F>
  void for_each_alias(F&& visit) const {
    aliases_.for_each([&](const auto&, const Alias& alias) { visit(alias); });
  }
  template <class F>
  void for_each_mail_list(F&& visit) const {
    lists_.for_each([&](const auto&, const MailList& list) { visit(list); });
  }

  [[nodiscard]] std::size_t domain_count() const { return domains_.size(); }
  [[nodiscard]] std::size_t account_count() const { return accounts_.size(); }
  [[nodiscard]] std::uint64_t last_domain_id() const { return last_domain_id_; }
  [[nodiscard]] std::uint64_t last_account_id() const { return last_account_id_; }

 private:
  std::expected<void, DirectoryError> apply_by_id(RowKind kind, std::string_view key,
                                                  const std::optional<std::string>& value);
  void take_domain(DomainId id, std::optional<Domain> domain);
  void take_account(AccountId id, std::optional<Account> account);
  void take_alias(std::string address, std::optional<Alias> alias);
  void take_signing_key(DomainId domain, std::string_view selector, std::optional<SigningKey> key);
  void take_mail_list(std::string address, std::optional<MailList> list);
  void leave(const Account& account);

  io::engine::Version version_;
  std::uint64_t last_domain_id_ = 0;
  std::uint64_t last_account_id_ = 0;
  CowMap<std::string, Domain, TextHash, std::equal_to<>> domains_;
  CowMap<DomainId, std::string> domain_names_;
  std::vector<DomainId> domain_ids_;  // sorted
  CowMap<DomainId, Members> members_;
  std::vector<AccountId> administrators_;  // of all domains, sorted
  CowMap<AccountId, Account> accounts_;
  CowMap<std::string, AccountId, TextHash, std::equal_to<>> addresses_;
  CowMap<std::string, Alias, TextHash, std::equal_to<>> aliases_;
  CowMap<std::string, MailList, TextHash, std::equal_to<>> lists_;
  CowMap<AccountId, Credentials> credentials_;
  CowMap<DomainId, std::vector<SigningKey>> signing_keys_;
  RoutingTable routing_;
  std::map<std::uint64_t, DeletedAccount> deleted_;
};

}  // namespace veredus::state::directory
