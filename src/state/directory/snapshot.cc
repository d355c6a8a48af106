#include "state/directory/snapshot.h"

#include <algorithm>

#include "state/directory/routing_rows.h"
#include "state/directory/rows.h"
#include "state/directory/signing_rows.h"

namespace veredus::state::directory {

namespace {

void insert_sorted(std::vector<AccountId>& ids, AccountId id) {
  const auto at = std::ranges::lower_bound(ids, id);
  if (at == ids.end() || *at != id) ids.insert(at, id);
}

void erase_sorted(std::vector<AccountId>& ids, AccountId id) {
  const auto at = std::ranges::lower_bound(ids, id);
  if (at != ids.end() && *at == id) ids.erase(at);
}

std::expected<void, DirectoryError> corrupt() { return std::unexpected(DirectoryError::kCorrupt); }

}  // namespace

std::expected<void, DirectoryError> Snapshot::apply(std::string_view key, const std::optional<std::string>& value) {
  if (key.empty()) return corrupt();
  const auto kind = static_cast<RowKind>(key.front());
  switch (kind) {
    case RowKind::kAlias: {
      auto alias = value ? read_alias(key.substr(1), *value) : std::nullopt;
      if (value && !alias) return corrupt();
      take_alias(std::string(key.substr(1)), std::move(alias));
      return {};
    }
    case RowKind::kMailList: {
      auto list = value ? read_mail_list(key.substr(1), *value) : std::nullopt;
      if (value && !list) return corrupt();
      take_mail_list(std::string(key.substr(1)), std::move(list));
      return {};
    }
    case RowKind::kCounters: {
      const auto counters = read_counters(value.value_or(std::string()));
      if (!counters) return corrupt();
      last_domain_id_ = counters->last_domain;
      last_account_id_ = counters->last_account;
      return {};
    }
    case RowKind::kSigningKey: {
      const auto which = parse_signing_key(key);
      if (!which) return corrupt();
      auto row = value ? read_signing_key(which->domain, which->selector, *value) : std::nullopt;
      if (value && !row) return corrupt();
      take_signing_key(which->domain, which->selector, std::move(row));
      return {};
    }
    case RowKind::kLastUsed:
      return {};  // changes too often for a snapshot: the Directory keeps it aside
    default:
      break;
  }
  if (auto routed = routing_.apply(key, value)) return *routed;
  return apply_by_id(kind, key, value);
}

std::expected<void, DirectoryError> Snapshot::apply_by_id(RowKind kind, std::string_view key,
                                                          const std::optional<std::string>& value) {
  const auto id = id_of_key(key);
  if (!id) return corrupt();
  const auto take = [&](auto read, auto&& keep) -> std::expected<void, DirectoryError> {
    auto row = value ? read(*value) : std::nullopt;
    if (value && !row) return corrupt();
    keep(std::move(row));
    return {};
  };
  switch (kind) {
    case RowKind::kDomain:
      return take([&](std::string_view text) { return read_domain(DomainId(*id), text); },
                  [&](std::optional<Domain> row) { take_domain(DomainId(*id), std::move(row)); });
    case RowKind::kAccount:
      return take([&](std::string_view text) { return read_account(AccountId(*id), text); },
                  [&](std::optional<Account> row) { take_account(AccountId(*id), std::move(row)); });
    case RowKind::kCredentials:
      return take([](std::string_view text) { return read_credentials(text); },
                  [&](std::optional<Credentials> row) {
                    if (row) credentials_.put(AccountId(*id), *std::move(row));
                    if (!value) credentials_.erase(AccountId(*id));
                  });
    case RowKind::kDeleted:
      return take([&](std::string_view text) { return read_deleted(AccountId(*id), text); },
                  [&](std::optional<DeletedAccount> row) {
                    if (row) deleted_.insert_or_assign(*id, *std::move(row));
                    if (!value) deleted_.erase(*id);
                  });
    default:
      return corrupt();
  }
}

void Snapshot::take_domain(DomainId id, std::optional<Domain> domain) {
  if (const auto* name = domain_names_.find(id)) domains_.erase(std::string(*name));
  domain_names_.erase(id);
  std::erase(domain_ids_, id);
  if (!domain) return;
  domain_ids_.insert(std::ranges::lower_bound(domain_ids_, id), id);
  domain_names_.put(id, domain->name);
  std::string name = domain->name;
  domains_.put(std::move(name), *std::move(domain));
}

void Snapshot::take_account(AccountId id, std::optional<Account> account) {
  if (const auto* before = accounts_.find(id)) leave(Account(*before));
  accounts_.erase(id);
  if (!account) return;
  const auto* had = members_.find(account->domain);
  Members members = had != nullptr ? *had : Members();
  insert_sorted(members.accounts, id);
  if (account->role == Role::kAdministrator) {
    insert_sorted(members.administrators, id);
    insert_sorted(administrators_, id);
  }
  members_.put(account->domain, std::move(members));
  addresses_.put(account->address, id);
  accounts_.put(id, *std::move(account));
}

void Snapshot::leave(const Account& account) {
  addresses_.erase(account.address);
  erase_sorted(administrators_, account.id);
  if (const auto* had = members_.find(account.domain)) {
    Members members = *had;
    erase_sorted(members.accounts, account.id);
    erase_sorted(members.administrators, account.id);
    members_.put(account.domain, std::move(members));
  }
}

void Snapshot::take_alias(std::string address, std::optional<Alias> alias) {
  const auto count = [this](DomainId domain, std::size_t more, std::size_t less) {
    const auto* had = members_.find(domain);
    Members members = had != nullptr ? *had : Members();
    members.aliases += more - less;
    members_.put(domain, std::move(members));
  };
  if (const auto* before = aliases_.find(address)) count(before->domain, 0, 1);
  if (!alias) {
    aliases_.erase(address);
    return;
  }
  count(alias->domain, 1, 0);
  aliases_.put(std::move(address), *std::move(alias));
}

void Snapshot::take_mail_list(std::string address, std::optional<MailList> list) {
  const auto count = [this](DomainId domain, std::size_t more, std::size_t less) {
    const auto* had = members_.find(domain);
    Members members = had != nullptr ? *had : Members();
    members.lists += more - less;
    members_.put(domain, std::move(members));
  };
  if (const auto* before = lists_.find(address)) count(before->domain, 0, 1);
  if (!list) {
    lists_.erase(address);
    return;
  }
  count(list->domain, 1, 0);
  lists_.put(std::move(address), *std::move(list));
}

void Snapshot::take_signing_key(DomainId domain, std::string_view selector, std::optional<SigningKey> key) {
  const auto* had = signing_keys_.find(domain);
  std::vector<SigningKey> all = had != nullptr ? *had : std::vector<SigningKey>();
  std::erase_if(all, [&](const SigningKey& one) { return one.selector == selector; });
  if (key) all.insert(std::ranges::lower_bound(all, key->selector, {}, &SigningKey::selector), *std::move(key));
  if (all.empty()) {
    signing_keys_.erase(domain);
  } else {
    signing_keys_.put(domain, std::move(all));
  }
}

const SigningKey* Snapshot::signing_key(DomainId domain, std::string_view selector) const {
  const auto* all = signing_keys(domain);
  if (all == nullptr) return nullptr;
  const auto at = std::ranges::find(*all, selector, &SigningKey::selector);
  return at == all->end() ? nullptr : &*at;
}

const Domain* Snapshot::domain(std::string_view name) const { return domains_.find(name); }

const Domain* Snapshot::domain(DomainId id) const {
  const auto* name = domain_names_.find(id);
  return name != nullptr ? domains_.find(*name) : nullptr;
}

const Domain* Snapshot::oldest_domain() const { return domain_ids_.empty() ? nullptr : domain(domain_ids_.front()); }

const Account* Snapshot::account(AccountId id) const { return accounts_.find(id); }

const Account* Snapshot::account(std::string_view address) const {
  const auto* id = addresses_.find(address);
  return id != nullptr ? accounts_.find(*id) : nullptr;
}

const Alias* Snapshot::alias(std::string_view address) const { return aliases_.find(address); }

const MailList* Snapshot::mail_list(std::string_view address) const {
  return lists_.size() == 0 ? nullptr : lists_.find(address);
}

const Credentials* Snapshot::credentials(AccountId id) const { return credentials_.find(id); }

const Snapshot::Members* Snapshot::members(DomainId id) const { return members_.find(id); }

std::vector<Domain> Snapshot::domains() const {
  std::vector<Domain> out;
  domains_.for_each([&](const auto&, const Domain& domain) { out.push_back(domain); });
  std::ranges::sort(out, {}, &Domain::name);
  return out;
}

std::vector<Account> Snapshot::accounts(std::optional<DomainId> domain) const {
  std::vector<Account> out;
  accounts_.for_each([&](AccountId, const Account& account) {
    if (!domain || account.domain == *domain) out.push_back(account);
  });
  std::ranges::sort(out, {}, &Account::address);
  return out;
}

std::vector<Alias> Snapshot::aliases(std::optional<DomainId> domain) const {
  std::vector<Alias> out;
  aliases_.for_each([&](const auto&, const Alias& alias) {
    if (!domain || alias.domain == *domain) out.push_back(alias);
  });
  std::ranges::sort(out, {}, &Alias::address);
  return out;
}

std::vector<MailList> Snapshot::mail_lists(std::optional<DomainId> domain) const {
  std::vector<MailList> out;
  lists_.for_each([&](const auto&, const MailList& list) {
    if (!domain || list.domain == *domain) out.push_back(list);
  });
  std::ranges::sort(out, {}, &MailList::address);
  return out;
}

std::vector<DeletedAccount> Snapshot::deleted_accounts() const {
  std::vector<DeletedAccount> out;
  for (const auto& [id, account] : deleted_) out.push_back(account);
  return out;
}

}  // namespace veredus::state::directory
