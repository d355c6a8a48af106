#include "state/mailbox/sharing_operations.h"

#include "state/mailbox/annotation_keys.h"
#include "state/mailbox/keys.h"

namespace veredus::state::mailbox {

AsyncOutcome<void> ChangeRights::read(Turn* turn) {
  VEREDUS_CO_TRY(annotations_, co_await annotation_keys(turn, keys::annotations_of(mailbox_)));
  co_return Outcome<void>();
}

Outcome<void> ChangeRights::perform(Turn& turn) {
  if (turn.mailbox(mailbox_) == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
  const auto& grants = turn.grants(mailbox_);
  const auto known = grants.find(to_);
  const auto before = known == grants.end() ? Rights() : known->second;
  rights_ = change_.rights;
  if (change_.mode == RightsChange::Mode::kAdd) rights_ = before.with(change_.rights);
  if (change_.mode == RightsChange::Mode::kRemove) rights_ = before.without(change_.rights);
  if (rights_ == before) return {};
  if (before.empty() && turn.count_grants() >= most_grants_) return std::unexpected(MailboxError::kTooManyGrants);
  turn.grant(mailbox_, to_, rights_);
  if (rights_.empty()) erase_annotations(turn);
  turn.log(mailbox_, rows::ChangeKind::kMailboxChanged, Uid(), EmailId());
  turn.require_sync();
  return {};
}

void ChangeRights::erase_annotations(Turn& turn) const {
  const auto& grants = turn.grants(mailbox_);
  if (grants.contains(kAnyone)) return;
  for (const auto& key : annotations_) {
    const auto at = keys::parse_annotation(key);
    if (!at || at->place.reader == kEverybody || at->place.reader == owner_) continue;
    if (!grants.contains(at->place.reader)) turn.erase(key);
  }
}

AsyncOutcome<void> ForgetReader::read(Turn* turn) {
  VEREDUS_CO_TRY(annotations_, co_await annotation_keys(turn, keys::all_annotations()));
  std::erase_if(annotations_, [this](const std::string& key) {
    const auto at = keys::parse_annotation(key);
    return !at || at->place.reader != reader_;
  });
  co_return Outcome<void>();
}

Outcome<void> ForgetReader::perform(Turn& turn) {
  std::vector<MailboxId> shared;
  for (const auto& [mailbox, row] : turn.mailboxes())
    if (turn.grants(mailbox).contains(reader_)) shared.push_back(mailbox);
  for (const MailboxId mailbox : shared) {
    turn.grant(mailbox, reader_, Rights());
    turn.log(mailbox, rows::ChangeKind::kMailboxChanged, Uid(), EmailId());
  }
  for (const auto& key : annotations_) turn.erase(key);
  if (!shared.empty() || !annotations_.empty()) turn.require_sync();
  return {};
}

Outcome<void> NoteSharer::perform(Turn& turn) {
  turn.note_sharer(owner_);
  if (durability_ == io::engine::Durability::kSynced) turn.require_sync();
  return {};
}

void ForgetSharers::collect(const Turn& /*turn*/, std::vector<std::string>& keys) const {
  for (const AccountId owner : owners_) keys.push_back(keys::sharer(owner));
}

Outcome<void> ForgetSharers::perform(Turn& turn) {
  for (const AccountId owner : owners_) {
    const auto* row = turn.row(keys::sharer(owner));
    if (row == nullptr) continue;
    VEREDUS_TRY(const auto noted, rows::decode_sharer(*row));
    if (noted + kHintAge < turn.now()) turn.forget_sharer(owner);
  }
  return {};
}

}  // namespace veredus::state::mailbox
