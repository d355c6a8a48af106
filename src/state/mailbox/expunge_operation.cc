#include "state/mailbox/expunge_operation.h"

#include <algorithm>
#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/stored_sheets.h"

namespace veredus::state::mailbox {

ExpungeOperation::ExpungeOperation(Which which, MailboxId mailbox, UidSet uids, std::chrono::milliseconds removal_delay)
    : which_(which), mailbox_(mailbox), uids_(std::move(uids)), removal_delay_(removal_delay) {}

AsyncOutcome<void> ExpungeOperation::read(Turn* turn) {
  picked_ = {};
  flag_pages_ = {};
  table_parts_.clear();
  const auto* mailbox = turn->any_mailbox(mailbox_);
  if (mailbox == nullptr || (which_ == Which::kDeleted && mailbox->counts.deleted == 0)) co_return Outcome<void>();
  VEREDUS_CO_TRY(picked_, co_await pick_messages(turn, mailbox_, uids_, kSliceMessages));
  if (which_ == Which::kDeleted)
    std::erase_if(picked_.messages, [](const Message& message) { return !message.flags.has(Flag::kDeleted); });
  VEREDUS_CO_TRY(co_await flag_pages_.read(turn, mailbox_, picked_.messages.size()));
  if (which_ == Which::kPurge && picked_.messages.size() == mailbox->counts.messages)
    VEREDUS_CO_TRY(co_await read_table_parts(turn));
  co_return co_await fetch_locations(turn, picked_.messages);
}

AsyncOutcome<void> ExpungeOperation::read_table_parts(Turn* turn) {
  io::engine::ScanOptions options;
  options.keys_only = true;
  for (std::string low = keys::table_part(mailbox_, 0); !low.empty();) {
    VEREDUS_CO_TRY(auto page, co_await turn->scan(std::move(low), keys::after_table(mailbox_), options));
    for (auto& row : page.rows) table_parts_.push_back(std::move(row.key));
    low = std::move(page.next);
  }
  co_return Outcome<void>();
}

Outcome<void> ExpungeOperation::perform(Turn& turn) {
  result_ = {};
  const auto* mailbox = which_ == Which::kPurge ? turn.any_mailbox(mailbox_) : turn.mailbox(mailbox_);
  if (mailbox == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
  for (const auto& message : picked_.messages) {
    const Location here{mailbox_, message.uid};
    VEREDUS_TRY(const auto locations, locations_of(turn, message.body.email, here));
    if (!std::ranges::count(locations, here)) return std::unexpected(MailboxError::kCorrupt);
  }
  erase_sheets(turn, mailbox_, picked_.messages);
  for (const auto& message : picked_.messages) VEREDUS_TRY(expunge(turn, message));
  flag_pages_.erase(turn, mailbox_);
  for (auto& key : table_parts_) turn.erase(std::move(key));
  if (!picked_.messages.empty()) turn.require_sync();
  if (which_ == Which::kPurge && picked_.rest.empty()) turn.erase_mailbox(mailbox_);
  result_.modseq = turn.final_modseq();
  return {};
}

/// Cannot fail any more: the locations were read before.
Outcome<void> ExpungeOperation::expunge(Turn& turn, const Message& message) {
  const Location here{mailbox_, message.uid};
  const EmailId email = message.body.email;
  VEREDUS_TRY(auto locations, locations_of(turn, email, here));
  std::erase(locations, here);
  auto& mailbox = turn.edit_mailbox(mailbox_);
  --mailbox.counts.messages;
  mailbox.counts.octets -= message.body.octets;
  if (!message.flags.has(Flag::kSeen)) --mailbox.counts.unseen;
  if (message.flags.has(Flag::kDeleted)) --mailbox.counts.deleted;
  turn.erase(keys::message(mailbox_, message.uid));
  turn.put(keys::locations(email), rows::encode_locations(locations));
  auto& usage = turn.edit_account().usage;
  --usage.messages;
  if (locations.empty()) {
    usage.octets -= message.body.octets;
    turn.put_unseen(keys::due_email(turn.now() + removal_delay_, email), rows::encode_mark());
  }
  turn.log(mailbox_, locations.empty() ? rows::ChangeKind::kDestroyed : rows::ChangeKind::kExpunged, message.uid,
           email);
  result_.uids.add(message.uid);
  return {};
}

}  // namespace veredus::state::mailbox
