#include <algorithm>
#include <set>
#include <utility>

#include "state/mailbox/mailbox_name.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"

/// Mailboxes: what concerns the mailboxes themselves.
namespace veredus::state::mailbox {
namespace {

/// INBOX first, then by name.
bool comes_first(const Mailbox& a, const Mailbox& b) {
  return std::pair(a.id != kInbox, std::string_view(a.name)) < std::pair(b.id != kInbox, std::string_view(b.name));
}

/// The one alive mailbox for which `is_it(id, row)`.
template <class IsIt>
auto describe_one(IsIt is_it) {
  return [is_it](const AccountState& state) -> Outcome<Mailbox> {
    for (const auto& [id, row] : state.mailboxes)
      if (row.state == rows::MailboxState::kAlive && is_it(id, row)) return describe(state, id, row);
    return std::unexpected(MailboxError::kNoSuchMailbox);
  };
}

std::vector<Mailbox> describe_all(const AccountState& state) {
  std::set<std::string_view> above;  // names with something below them
  for (const auto& [id, row] : state.mailboxes) {
    if (row.state != rows::MailboxState::kAlive) continue;
    for (auto name = name_above(row.name); !name.empty() && above.insert(name).second;) name = name_above(name);
  }
  std::vector<Mailbox> mailboxes;
  mailboxes.reserve(state.mailboxes.size());
  for (const auto& [id, row] : state.mailboxes) {
    if (row.state != rows::MailboxState::kAlive) continue;
    mailboxes.push_back(describe_alone(state, id, row));
    mailboxes.back().has_children = above.contains(row.name);
  }
  std::ranges::sort(mailboxes, comes_first);
  return mailboxes;
}

}  // namespace

Mailboxes::Result<std::vector<Mailbox>> Mailboxes::list(AccountId account) {
  co_return co_await impl_->view(account, describe_all);
}

Mailboxes::Result<Mailbox> Mailboxes::status(AccountId account, MailboxId mailbox) {
  const auto look = [mailbox](const AccountState& state) -> Outcome<Mailbox> {
    const auto* row = alive_mailbox(state, mailbox);
    if (row == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
    return describe(state, mailbox, *row);
  };
  VEREDUS_CO_TRY(auto found, co_await impl_->view(account, look));
  co_return found;
}

Mailboxes::Result<Mailbox> Mailboxes::find(AccountId account, std::string name) {
  VEREDUS_CO_TRY(const auto wanted, canonical_name(name, impl_->options.name_octets));
  const auto look = describe_one([&wanted](MailboxId, const rows::MailboxRow& row) { return row.name == wanted; });
  VEREDUS_CO_TRY(auto found, co_await impl_->view(account, look));
  co_return found;
}

Mailboxes::Result<Mailbox> Mailboxes::special(AccountId account, SpecialUse use) {
  const auto look = describe_one(
      [use](MailboxId, const rows::MailboxRow& row) { return use != SpecialUse::kNone && row.special_use == use; });
  VEREDUS_CO_TRY(auto found, co_await impl_->view(account, look));
  co_return found;
}

Mailboxes::Result<Mailbox> Mailboxes::create(AccountId account, std::string name, SpecialUse use) {
  VEREDUS_CO_TRY(auto wanted, canonical_name(name, impl_->options.name_octets));
  if (is_reserved(wanted)) co_return std::unexpected(MailboxError::kReservedName);
  CreateMailbox operation(std::move(wanted), use, impl_->options.mailboxes);
  VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
  co_return co_await status(account, operation.made());
}

Mailboxes::Result<std::optional<Mailbox>> Mailboxes::rename(AccountId account, std::string from, std::string to) {
  VEREDUS_CO_TRY(auto before, canonical_name(from, impl_->options.name_octets));
  VEREDUS_CO_TRY(auto after, canonical_name(to, impl_->options.name_octets));
  if (is_reserved(after)) co_return std::unexpected(MailboxError::kReservedName);
  if (before == kInboxName) {
    VEREDUS_CO_TRY(const auto made, co_await create(account, std::move(after), SpecialUse::kNone));
    VEREDUS_CO_TRY(co_await move(account, kInbox, UidSet::all(), made.id));
    co_return co_await status(account, made.id);
  }
  RenameMailbox operation(std::move(before), std::move(after), impl_->options.mailboxes, impl_->options.name_octets);
  VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
  if (!operation.renamed()) co_return std::nullopt;
  co_return co_await status(account, *operation.renamed());
}

Mailboxes::Result<void> Mailboxes::remove_mailbox(AccountId account, std::string name) {
  VEREDUS_CO_TRY(auto wanted, canonical_name(name, impl_->options.name_octets));
  RemoveMailbox operation(std::move(wanted));
  VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
  // It is gone for everybody; if emptying it fails now, sweep goes on with it.
  co_await impl_->expunge(account, operation.removed(), UidSet::all(), ExpungeOperation::Which::kPurge);
  co_return std::expected<void, MailboxError>();
}

Mailboxes::Result<void> Mailboxes::set_special_use(AccountId account, MailboxId mailbox, SpecialUse use) {
  SetSpecialUse operation({mailbox, use});
  co_return co_await impl_->perform(account, &operation);
}

Mailboxes::Result<void> Mailboxes::subscribe(AccountId account, std::string name) {
  VEREDUS_CO_TRY(auto wanted, canonical_name(name, impl_->options.name_octets));
  SetSubscription operation(std::move(wanted), SetSubscription::To::kSubscribed, impl_->options.subscriptions);
  co_return co_await impl_->perform(account, &operation);
}

Mailboxes::Result<void> Mailboxes::unsubscribe(AccountId account, std::string name) {
  VEREDUS_CO_TRY(auto wanted, canonical_name(name, impl_->options.name_octets));
  SetSubscription operation(std::move(wanted), SetSubscription::To::kUnsubscribed, impl_->options.subscriptions);
  co_return co_await impl_->perform(account, &operation);
}

Mailboxes::Result<std::vector<std::string>> Mailboxes::subscriptions(AccountId account) {
  const auto look = [](const AccountState& state) {
    return std::vector<std::string>(state.subscriptions.begin(), state.subscriptions.end());
  };
  co_return co_await impl_->view(account, look);
}

Mailboxes::Result<UidSet> Mailboxes::claim_recent(AccountId account, MailboxId mailbox) {
  ClaimRecent operation(mailbox);
  VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
  co_return operation.claimed();
}

}  // namespace veredus::state::mailbox
