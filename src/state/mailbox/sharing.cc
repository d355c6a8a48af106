#include <algorithm>
#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/rows.h"
#include "state/mailbox/sharing_operations.h"

/// Mailboxes: who may do what with them. The owner's partition holds who may; so that a reader finds the owners, each
/// reader's partition holds hints, and kForAnyone those of owners who share with everybody. A hint is written before
/// what it hints at and believed only when the owner's partition says the same; and once more after it, which wakes
/// those who watch for it.
namespace veredus::state::mailbox {
namespace {

using io::engine::Batch;
using io::engine::Durability;
using io::engine::Engine;
using io::engine::ScanOptions;
using keys::kForAnyone;

/// By trying again. Damage in one account must not keep another one.
bool may_be_mended(MailboxError error) {
  return error != MailboxError::kCorrupt && permanence(error) == Permanence::kTemporary;
}

AsyncOutcome<void> note_for_anyone(Engine* engine, AccountId owner, SystemTime now, Durability durability) {
  Batch batch;
  batch.put(keys::sharer(owner), rows::encode_sharer(now));
  const auto noted = co_await engine->commit(kForAnyone, std::move(batch), durability);
  if (!noted) co_return std::unexpected(from_store(noted.error()));
  co_return Outcome<void>();
}

AsyncOutcome<void> forget_for_anyone(Engine* engine, AccountId owner, SystemTime now) {
  std::vector<std::string> wanted(1, keys::sharer(owner));
  const auto rows = co_await engine->get(kForAnyone, std::move(wanted));
  if (!rows) co_return std::unexpected(from_store(rows.error()));
  if (!rows->front()) co_return Outcome<void>();
  VEREDUS_CO_TRY(const auto noted, rows::decode_sharer(*rows->front()));
  if (noted + kHintAge >= now) co_return Outcome<void>();
  Batch batch;
  batch.expect(keys::sharer(owner), *rows->front()).erase(keys::sharer(owner));
  co_await engine->commit(kForAnyone, std::move(batch), Durability::kRelaxed);  // a conflict: it was noted again
  co_return Outcome<void>();
}

AsyncOutcome<std::vector<AccountId>> sharers_with_anyone(Engine* engine) {
  std::vector<AccountId> owners;
  std::string low = keys::all_sharers();
  const std::string high = keys::after(low);
  ScanOptions options;
  options.keys_only = true;
  while (!low.empty()) {
    const auto page = co_await engine->scan(kForAnyone, low, high, options);
    if (!page) co_return std::unexpected(from_store(page.error()));
    for (const auto& row : page->rows) {
      const auto owner = keys::parse_sharer(row.key);
      if (!owner) co_return std::unexpected(MailboxError::kCorrupt);
      owners.push_back(*owner);
    }
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  co_return owners;
}

/// The owners a hint says share something with `reader`.
std::vector<AccountId> hinted(const AccountState& state) { return {state.sharers.begin(), state.sharers.end()}; }

}  // namespace

/// Whether there is such an account in the engine: looking at one with `view` would make it.
AsyncOutcome<bool> Mailboxes::Impl::exists(AccountId account) {
  const auto seen = accounts.get(account)->look([](const AccountState&) { return true; });
  if (seen) co_return true;
  std::vector<std::string> wanted(1, keys::account());
  const auto rows = co_await engine.get(partition(account), std::move(wanted));
  if (!rows) co_return std::unexpected(from_store(rows.error()));
  co_return rows->front().has_value();
}

AsyncOutcome<bool> Mailboxes::Impl::shares(AccountId owner, AccountId reader) {
  VEREDUS_CO_TRY(const bool there, co_await exists(owner));
  if (!there) co_return false;
  const auto look = [reader](const AccountState& state) {
    return std::ranges::any_of(state.grants,
                               [&](const auto& entry) { return !rights_of(state, entry.first, reader).empty(); });
  };
  co_return co_await view(owner, look);
}

AsyncOutcome<void> Mailboxes::Impl::note_sharer(AccountId owner, AccountId to, Durability durability) {
  if (to == kAnyone) co_return co_await note_for_anyone(&engine, owner, clock.now(), durability);
  NoteSharer hint(owner, durability);
  co_return co_await perform(to, &hint);
}

AsyncOutcome<void> Mailboxes::Impl::sweep_hints(AccountId account) {
  VEREDUS_CO_TRY(const auto owners, co_await view(account, hinted));
  std::vector<AccountId> in_vain;
  for (const AccountId owner : owners) {
    VEREDUS_CO_TRY(const bool so, co_await shares(owner, account));
    if (!so) in_vain.push_back(owner);
  }
  if (!in_vain.empty()) {
    ForgetSharers operation(std::move(in_vain));
    VEREDUS_CO_TRY(co_await perform(account, &operation));
  }
  VEREDUS_CO_TRY(const bool with_anyone, co_await shares(account, kAnyone));
  if (!with_anyone) VEREDUS_CO_TRY(co_await forget_for_anyone(&engine, account, clock.now()));
  co_return Outcome<void>();
}

/// Of a reader that goes.
AsyncOutcome<void> Mailboxes::Impl::revoke(AccountId owner, AccountId reader) {
  VEREDUS_CO_TRY(const bool there, co_await exists(owner));
  if (!there) co_return Outcome<void>();
  ForgetReader operation(reader);
  co_return co_await perform(owner, &operation);
}

AsyncOutcome<void> Mailboxes::Impl::revoke_all_of(AccountId reader) {
  VEREDUS_CO_TRY(auto owners, co_await sharers_with_anyone(&engine));  // its annotations may be there
  VEREDUS_CO_TRY(const bool there, co_await exists(reader));
  if (there) {
    VEREDUS_CO_TRY(const auto by_name, co_await view(reader, hinted));
    owners.insert(owners.end(), by_name.begin(), by_name.end());
  }
  for (const AccountId owner : owners) {
    if (owner == reader) continue;
    const auto revoked = co_await revoke(owner, reader);
    if (!revoked && may_be_mended(revoked.error())) co_return revoked;
  }
  co_return Outcome<void>();
}

Mailboxes::Result<std::vector<Grant>> Mailboxes::grants(AccountId owner) {
  const auto look = [](const AccountState& state) {
    std::vector<Grant> all;
    for (const auto& [mailbox, grants] : state.grants)
      for (const auto& [to, rights] : grants) all.push_back({mailbox, to, rights});
    return all;
  };
  co_return co_await impl_->view(owner, look);
}

Mailboxes::Result<Rights> Mailboxes::change_rights(AccountId owner, MailboxId mailbox, AccountId to,
                                                   RightsChange change) {
  VEREDUS_CHECK(to != owner);
  if (change.gives()) {
    VEREDUS_CO_TRY(co_await status(owner, mailbox));
    VEREDUS_CO_TRY(co_await impl_->note_sharer(owner, to, Durability::kSynced));
  }
  ChangeRights operation(owner, mailbox, to, change, impl_->options.grants);
  VEREDUS_CO_TRY(co_await impl_->perform(owner, &operation));
  if (change.gives()) co_await impl_->note_sharer(owner, to, Durability::kRelaxed);  // it is shared, should this fail
  co_return operation.rights();
}

Mailboxes::Result<std::vector<AccountId>> Mailboxes::sharers(AccountId reader) {
  VEREDUS_CO_TRY(auto owners, co_await impl_->view(reader, hinted));
  VEREDUS_CO_TRY(const auto with_anyone, co_await sharers_with_anyone(&impl_->engine));
  owners.insert(owners.end(), with_anyone.begin(), with_anyone.end());
  std::ranges::sort(owners);
  owners.erase(std::ranges::unique(owners).begin(), owners.end());
  std::erase(owners, reader);
  std::vector<AccountId> verified;
  for (const AccountId owner : owners) {
    VEREDUS_CO_TRY(const bool so, co_await impl_->shares(owner, reader));
    if (so) verified.push_back(owner);
  }
  co_return verified;
}

Mailboxes::Result<std::vector<SharedMailbox>> Mailboxes::shared(AccountId owner, AccountId reader) {
  std::vector<SharedMailbox> found;
  VEREDUS_CO_TRY(const bool so, co_await impl_->shares(owner, reader));
  if (!so) co_return found;
  VEREDUS_CO_TRY(auto all, co_await list(owner));
  const auto look = [&](const AccountState& state) {
    for (auto& mailbox : all) {
      const auto rights = rights_of(state, mailbox.id, reader);
      if (!rights.empty()) found.push_back({std::move(mailbox), rights});
    }
    return true;
  };
  VEREDUS_CO_TRY(co_await impl_->view(owner, look));
  co_return found;
}

Mailboxes::Result<Rights> Mailboxes::rights(AccountId owner, MailboxId mailbox, AccountId reader) {
  if (owner == reader) co_return Rights::all();
  VEREDUS_CO_TRY(const bool there, co_await impl_->exists(owner));
  if (!there) co_return Rights();
  const auto look = [mailbox, reader](const AccountState& state) { return rights_of(state, mailbox, reader); };
  co_return co_await impl_->view(owner, look);
}

}  // namespace veredus::state::mailbox
