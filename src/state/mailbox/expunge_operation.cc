#include "state/mailbox/expunge_operation.h"

#include <algorithm>
#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/stored_sheets.h"

namespace veredus::state::mailbox {

ExpungeOperation::ExpungeOperation(Which which, MailboxId mailbox, UidSet uids,
                                   std::shared_ptr<const MessageTable> table, std::chrono::milliseconds removal_delay)
    : which_(which),
      mailbox_(mailbox),
      uids_(std::move(uids)),
      table_(std::move(table)),
      removal_delay_(removal_delay) {}

AsyncOutcome<void> ExpungeOperation::read(Turn* turn) {
  picked_ = {};
  locations_ = {};
  flag_pages_ = {};
  table_parts_.clear();
  const auto* mailbox = turn->any_mailbox(mailbox_);
  if (mailbox == nullptr || (which_ == Which::kDeleted && mailbox->counts.deleted == 0)) co_return Outcome<void>();
  const auto having = which_ == Which::kDeleted ? FlagSet{Flag::kDeleted} : FlagSet();
  from_table_ = is_current(*turn, mailbox_, table_.get());
  if (from_table_) {
    picked_ = pick_messages(table_, uids_, kSliceMessages, having);
  } else {
    VEREDUS_CO_TRY(picked_, co_await pick_messages(turn, mailbox_, uids_, kSliceMessages));
    std::erase_if(picked_.messages, [having](const Message& message) { return !message.flags.has_all(having); });
  }
  VEREDUS_CO_TRY(co_await flag_pages_.read(turn, mailbox_, picked_.messages.size()));
  if (which_ == Which::kPurge && picked_.messages.size() == mailbox->counts.messages)
    VEREDUS_CO_TRY(co_await read_table_parts(turn));
  locations_ = EmailLocations(mailbox_, picked_.messages);
  co_return co_await locations_.read(turn);
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

Outcome<void> ExpungeOperation::check(const Turn& turn) const {
  const auto* mailbox = which_ == Which::kPurge ? turn.any_mailbox(mailbox_) : turn.mailbox(mailbox_);
  if (mailbox == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
  if (!locations_.hold(mailbox_, picked_.messages)) return std::unexpected(MailboxError::kCorrupt);
  return {};
}

QuotaUsage ExpungeOperation::room() {
  VEREDUS_CHECK(picked_.messages.size() <= 1);
  QuotaUsage room;
  for (const auto& message : picked_.messages) {
    ++room.messages;
    if (locations_.of(message.body.email).size() == 1) room.octets += message.body.octets;
  }
  return room;
}

Outcome<void> ExpungeOperation::perform(Turn& turn) {
  result_ = {};
  VEREDUS_TRY(check(turn));
  if (!picked_.messages.empty()) expunge_all(turn);
  flag_pages_.erase(turn, mailbox_);
  for (auto& key : table_parts_) turn.erase(std::move(key));
  if (which_ == Which::kPurge && picked_.rest.empty()) turn.erase_mailbox(mailbox_);
  result_.modseq = turn.final_modseq();
  return {};
}

void ExpungeOperation::expunge_all(Turn& turn) {
  erase_sheets(turn, mailbox_, picked_.messages);
  auto& counts = turn.edit_mailbox(mailbox_).counts;
  auto& usage = turn.edit_account().usage;
  std::vector<rows::Change> log;
  log.reserve(picked_.messages.size());
  for (const auto& message : picked_.messages) {
    const EmailId email = message.body.email;
    auto& locations = locations_.of(email);
    std::erase(locations, Location{mailbox_, message.uid});
    --counts.messages;
    counts.octets -= message.body.octets;
    if (!message.flags.has(Flag::kSeen)) --counts.unseen;
    if (message.flags.has(Flag::kDeleted)) --counts.deleted;
    --usage.messages;
    if (locations.empty()) {
      usage.octets -= message.body.octets;
      turn.put_unseen(keys::due_email(turn.now() + removal_delay_, email), rows::encode_mark());
    }
    turn.erase(keys::message(mailbox_, message.uid));
    const auto kind = locations.empty() ? rows::ChangeKind::kDestroyed : rows::ChangeKind::kExpunged;
    log.push_back({kind, message.uid, email});
    result_.uids.add(message.uid);
  }
  locations_.write(turn);
  turn.log(mailbox_, log);
  turn.require_sync();
}

void ExpungeOperation::settled(const Turn& turn) { alone_ = turn.changes_in(mailbox_) == picked_.messages.size(); }

std::shared_ptr<const MessageTable> ExpungeOperation::table_after() const {
  if (!alone_ || !from_table_ || picked_.messages.empty()) return nullptr;
  return table_->changed(result_.modseq, {}, result_.uids);
}

}  // namespace veredus::state::mailbox
