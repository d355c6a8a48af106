#include <algorithm>

#include "state/directory/address_form.h"
#include "state/directory/plan_parts.h"
#include "state/directory/routing_rows.h"
#include "state/directory/rows.h"

namespace veredus::state::directory {

namespace {

RowChange row_of(const Account& account) {
  return {.key = id_key(RowKind::kAccount, account.id.value), .value = write_account(account)};
}

}  // namespace

Planned<Account> plan_create_account(const Snapshot& now, const NewAccount& request,
                                     const std::optional<Credentials>& credentials, SystemTime time) {
  VEREDUS_TRY(const auto ours, our_address(now, request.address));
  VEREDUS_TRY(check_name(request.display_name));
  if (is_taken(now, ours.address)) return std::unexpected(DirectoryError::kAddressTaken);
  Account account{.id = AccountId(now.last_account_id() + 1),
                  .domain = ours.domain->id,
                  .address = ours.address,
                  .address_shown = ours.shown,
                  .display_name = request.display_name,
                  .quota = request.quota,
                  .role = request.role,
                  .created = time};
  const Counters counters{.last_domain = now.last_domain_id(), .last_account = account.id.value};
  std::vector<RowChange> rows{row_of(account), {counters_key(), write_counters(counters)}};
  if (credentials) rows.push_back({id_key(RowKind::kCredentials, account.id.value), write_credentials(*credentials)});
  return Plan<Account>{std::move(account), std::move(rows)};
}

Planned<Account> plan_change_account(const Snapshot& now, AccountId id, const AccountChange& change) {
  const auto* before = now.account(id);
  if (before == nullptr) return std::unexpected(DirectoryError::kNoSuchAccount);
  Account account = *before;
  if (change.display_name) {
    VEREDUS_TRY(check_name(*change.display_name));
    account.display_name = *change.display_name;
  }
  account.quota = change.quota.value_or(account.quota);
  account.role = change.role.value_or(account.role);
  account.disabled = change.disabled.value_or(account.disabled);
  account.can_send = change.can_send.value_or(account.can_send);
  account.can_receive = change.can_receive.value_or(account.can_receive);
  auto row = row_of(account);
  return Plan<Account>{std::move(account), {std::move(row)}};
}

Planned<Account> plan_rename_account(const Snapshot& now, AccountId id, std::string_view address,
                                     OldAddress old_address, SystemTime time) {
  const auto* before = now.account(id);
  if (before == nullptr) return std::unexpected(DirectoryError::kNoSuchAccount);
  VEREDUS_TRY(const auto ours, our_address(now, address));
  Account account = *before;
  account.domain = ours.domain->id;
  account.address = ours.address;
  account.address_shown = ours.shown;
  std::vector<RowChange> rows;
  if (account.address != before->address) {
    const auto* alias = now.alias(ours.address);
    // The account may take over an alias that was nothing but another name of it.
    const bool its_own = alias != nullptr && alias->targets.size() == 1 && alias->targets.front() == before->address;
    if (is_taken(now, ours.address) && !its_own) return std::unexpected(DirectoryError::kAddressTaken);
    replace_target(now, before->address, account.address, rows);
    if (its_own) rows.push_back({alias_key(account.address), std::nullopt});
    if (old_address == OldAddress::kAsAlias) {
      const Alias kept{
          .address = before->address, .domain = before->domain, .targets = {account.address}, .created = time};
      rows.push_back({alias_key(kept.address), write_alias(kept)});
    }
  }
  rows.push_back(row_of(account));
  return Plan<Account>{std::move(account), std::move(rows)};
}

Planned<Nothing> plan_delete_account(const Snapshot& now, AccountId id, SystemTime time) {
  const auto* account = now.account(id);
  if (account == nullptr) return std::unexpected(DirectoryError::kNoSuchAccount);
  std::vector<RowChange> rows;
  rows.push_back({id_key(RowKind::kAccount, id.value), std::nullopt});
  if (const auto* credentials = now.credentials(id)) {
    rows.push_back({id_key(RowKind::kCredentials, id.value), std::nullopt});
    for (const auto& app : credentials->app_passwords) rows.push_back({last_used_key(id, app.id), std::nullopt});
  }
  drop_target(now, account->address, rows);
  if (now.routing().forward(id) != nullptr) rows.push_back({id_key(RowKind::kForward, id.value), std::nullopt});
  if (const auto* sending = now.routing().sending_accounts(id))
    for (const auto& one : *sending) rows.push_back({sending_key(id, one.address), std::nullopt});
  now.for_each_domain([&](const Domain& domain) {
    Domain changed = domain;
    if (changed.catch_all == id) changed.catch_all.reset();
    if (changed.postmaster == id) changed.postmaster.reset();
    if (changed != domain) rows.push_back({id_key(RowKind::kDomain, domain.id.value), write_domain(changed)});
  });
  const DeletedAccount deleted{.id = id, .address = account->address, .deleted = time};
  rows.push_back({id_key(RowKind::kDeleted, id.value), write_deleted(deleted)});
  return Plan<Nothing>{{}, std::move(rows)};
}

Planned<Nothing> plan_forget_deleted(const Snapshot& now, AccountId id) {
  if (now.account(id) != nullptr) return std::unexpected(DirectoryError::kNoSuchAccount);
  return Plan<Nothing>{{}, {{id_key(RowKind::kDeleted, id.value), std::nullopt}}};
}

Planned<Nothing> plan_credentials(const Snapshot& now, AccountId id, std::uint64_t before, const Credentials& after) {
  if (now.account(id) == nullptr) return std::unexpected(DirectoryError::kNoSuchAccount);
  const auto* current = now.credentials(id);
  if ((current != nullptr ? current->revision : 0) != before) return std::unexpected(DirectoryError::kBusy);
  Plan<Nothing> plan{{}, {{id_key(RowKind::kCredentials, id.value), write_credentials(after)}}};
  if (current == nullptr) return plan;
  for (const auto& app : current->app_passwords) {
    const bool stays = std::ranges::any_of(after.app_passwords, [&](const auto& kept) { return kept.id == app.id; });
    if (!stays) plan.rows.push_back({last_used_key(id, app.id), std::nullopt});
  }
  return plan;
}

}  // namespace veredus::state::directory
