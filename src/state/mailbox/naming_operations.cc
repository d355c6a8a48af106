#include "state/mailbox/naming_operations.h"

#include <algorithm>

#include "state/mailbox/annotation_keys.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/mailbox_name.h"

namespace veredus::state::mailbox {
namespace {

/// Notes that a mailbox, not its messages, was made, changed or removed.
void log_mailbox(Turn& turn, MailboxId mailbox, rows::ChangeKind kind) { turn.log(mailbox, kind, Uid(), EmailId()); }

bool is_taken(const Turn& turn, SpecialUse use, MailboxId except) {
  if (use == SpecialUse::kNone) return false;
  return std::ranges::any_of(
      turn.mailboxes(), [&](const auto& entry) { return entry.first != except && entry.second->special_use == use; });
}

/// UIDVALIDITY grows over the whole account, so also over every name.
UidValidity next_uid_validity(Turn& turn) {
  auto& account = turn.edit_account();
  account.last_uid_validity = uid_validity_after(account.last_uid_validity, turn.now());
  return account.last_uid_validity;
}

MailboxId add_mailbox(Turn& turn, std::string name, SpecialUse use) {
  rows::MailboxRow row;
  row.name = std::move(name);
  row.special_use = use;
  row.uid_validity = next_uid_validity(turn);
  row.created_modseq = row.highest_modseq = turn.modseq();
  const auto above = turn.find(name_above(row.name));
  const auto grants = above ? turn.grants(*above) : std::map<AccountId, Rights>();
  const auto id = turn.add_mailbox(std::move(row));
  for (const auto& [to, rights] : grants) turn.grant(id, to, rights);
  log_mailbox(turn, id, rows::ChangeKind::kMailboxCreated);
  turn.require_sync();
  return id;
}

/// The levels above `name` that do not exist, the highest first.
std::vector<std::string> missing_above(const Turn& turn, std::string_view name) {
  std::vector<std::string> missing;
  for (auto above = name_above(name); !above.empty() && !turn.find(above); above = name_above(above))
    missing.emplace_back(above);
  std::ranges::reverse(missing);
  return missing;
}

}  // namespace

Outcome<void> CreateMailbox::perform(Turn& turn) {
  if (turn.find(name_)) return std::unexpected(MailboxError::kMailboxExists);
  if (is_taken(turn, use_, MailboxId())) return std::unexpected(MailboxError::kSpecialUseTaken);
  const auto above = missing_above(turn, name_);  // RFC 9051 s6.3.4: superior names are made as well
  if (turn.mailboxes().size() + above.size() + 1 > most_mailboxes_)
    return std::unexpected(MailboxError::kTooManyMailboxes);
  for (const auto& name : above) add_mailbox(turn, name, SpecialUse::kNone);
  made_ = add_mailbox(turn, name_, use_);
  return {};
}

std::vector<std::pair<MailboxId, std::string>> RenameMailbox::new_names(const Turn& turn) const {
  std::vector<std::pair<MailboxId, std::string>> names;
  for (const auto& [id, row] : turn.mailboxes()) {
    if (row->name == from_) names.emplace(names.begin(), id, to_);
    if (is_below(row->name, from_)) names.emplace_back(id, to_ + row->name.substr(from_.size()));
  }
  return names;
}

AsyncOutcome<void> RenameMailbox::read(Turn* turn) {
  std::vector<std::string> wanted;
  for (const auto& renamed : new_names(*turn)) wanted.push_back(keys::used_name(renamed.second));
  co_return co_await turn->fetch(std::move(wanted));
}

Outcome<void> RenameMailbox::perform(Turn& turn) {
  const auto renames = new_names(turn);
  if (renames.empty()) return std::unexpected(MailboxError::kNoSuchMailbox);
  if (is_below(to_, from_)) return std::unexpected(MailboxError::kBadName);
  if (turn.find(to_)) return std::unexpected(MailboxError::kMailboxExists);
  std::vector<UidValidity> used;  // the greatest UIDVALIDITY each new name had before
  for (const auto& [id, name] : renames) {
    if (turn.find(name)) return std::unexpected(MailboxError::kMailboxExists);
    if (name.size() > most_octets_) return std::unexpected(MailboxError::kNameTooLong);
    const auto* row = turn.row(keys::used_name(name));
    VEREDUS_TRY(used.emplace_back(), row == nullptr ? Outcome<UidValidity>() : rows::decode_used_name(*row));
  }
  const auto above = missing_above(turn, to_);
  if (turn.mailboxes().size() + above.size() > most_mailboxes_) return std::unexpected(MailboxError::kTooManyMailboxes);

  renamed_ = turn.find(from_);
  for (const auto& name : above) add_mailbox(turn, name, SpecialUse::kNone);
  for (std::size_t i = 0; i < renames.size(); ++i) {
    const auto& [id, name] = renames[i];
    auto& row = turn.edit_mailbox(id);
    turn.put(keys::used_name(row.name), rows::encode_used_name(row.uid_validity));
    row.name = name;
    // RFC 9051 s2.3.1.1: never less than what this name had.
    if (row.uid_validity <= used[i]) row.uid_validity = next_uid_validity(turn);
    log_mailbox(turn, id, rows::ChangeKind::kMailboxChanged);
  }
  turn.require_sync();
  return {};
}

AsyncOutcome<void> RemoveMailbox::read(Turn* turn) {
  annotations_.clear();
  const auto found = turn->find(name_);
  if (!found) co_return Outcome<void>();
  VEREDUS_CO_TRY(annotations_, co_await annotation_keys(turn, keys::annotations_of(*found)));
  co_return Outcome<void>();
}

Outcome<void> RemoveMailbox::perform(Turn& turn) {
  if (name_ == kInboxName) return std::unexpected(MailboxError::kInboxStays);
  const auto found = turn.find(name_);
  if (!found) return std::unexpected(MailboxError::kNoSuchMailbox);
  auto& row = turn.edit_mailbox(*found);
  turn.put(keys::used_name(row.name), rows::encode_used_name(row.uid_validity));
  row.state = rows::MailboxState::kGoing;
  row.special_use = SpecialUse::kNone;
  row.name.clear();
  const auto grants = turn.grants(*found);
  for (const auto& entry : grants) turn.grant(*found, entry.first, Rights());
  for (const auto& key : annotations_) turn.erase(key);
  log_mailbox(turn, *found, rows::ChangeKind::kMailboxRemoved);
  turn.require_sync();
  removed_ = *found;
  return {};
}

Outcome<void> SetSpecialUse::check(const Turn& turn) const {
  if (turn.mailbox(given_.mailbox) == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
  if (is_taken(turn, given_.use, given_.mailbox)) return std::unexpected(MailboxError::kSpecialUseTaken);
  return {};
}

Outcome<void> SetSpecialUse::perform(Turn& turn) {
  VEREDUS_TRY(check(turn));
  if (turn.mailbox(given_.mailbox)->special_use == given_.use) return {};
  turn.edit_mailbox(given_.mailbox).special_use = given_.use;
  log_mailbox(turn, given_.mailbox, rows::ChangeKind::kMailboxChanged);
  turn.require_sync();
  return {};
}

Outcome<void> SetSubscription::perform(Turn& turn) {
  if (turn.subscribed(name_) == (to_ == To::kSubscribed)) return {};
  if (to_ == To::kSubscribed && turn.count_subscriptions() >= most_)
    return std::unexpected(MailboxError::kTooManyMailboxes);
  if (to_ == To::kSubscribed)
    turn.subscribe(name_);
  else
    turn.unsubscribe(name_);
  turn.require_sync();
  return {};
}

Outcome<void> ClaimRecent::perform(Turn& turn) {
  const auto* row = turn.mailbox(mailbox_);
  if (row == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
  claimed_ = {};
  if (row->first_recent == row->uid_next) return {};
  claimed_.add(UidRange{row->first_recent, Uid(row->uid_next.value - 1)});
  turn.edit_mailbox(mailbox_).first_recent = row->uid_next;
  return {};
}

}  // namespace veredus::state::mailbox
