#include "state/mailbox/flags_operation.h"

#include <algorithm>
#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/keyword_table.h"

namespace veredus::state::mailbox {
namespace {

/// What one message going from `before` to `after` does to its mailbox's counts.
void recount(MailboxCounts& counts, FlagSet before, FlagSet after) {
  counts.unseen += (after.has(Flag::kSeen) ? 0U : 1U) - (before.has(Flag::kSeen) ? 0U : 1U);
  counts.deleted += (after.has(Flag::kDeleted) ? 1U : 0U) - (before.has(Flag::kDeleted) ? 1U : 0U);
}

}  // namespace

FlagsOperation::FlagsOperation(MailboxId mailbox, UidSet uids, FlagChange change,
                               std::shared_ptr<const MessageTable> table)
    : mailbox_(mailbox), uids_(std::move(uids)), change_(std::move(change)), table_(std::move(table)) {}

/// Whether the mailbox is as the table has it: also what this very turn did counts.
bool FlagsOperation::is_current(const Turn& turn) const {
  const auto* row = turn.mailbox(mailbox_);
  return table_ && row != nullptr && row->uid_validity == table_->uid_validity() &&
         row->highest_modseq <= table_->as_of();
}

AsyncOutcome<void> FlagsOperation::read(Turn* turn) {
  from_table_ = is_current(*turn);
  if (from_table_) {
    picked_ = pick_messages(table_, uids_, kSliceMessages);
    co_return Outcome<void>();
  }
  VEREDUS_CO_TRY(picked_, co_await pick_messages(turn, mailbox_, uids_, kSliceMessages));
  co_return Outcome<void>();
}

bool FlagsOperation::refuses(const Message& message) const {
  return change_.unchanged_since && message.modseq > *change_.unchanged_since;
}

Message FlagsOperation::changed(const Message& message, KeywordSet keywords) const {
  Message after = message;
  switch (change_.mode) {
    case FlagChange::Mode::kSet:
      after.flags = change_.flags;
      after.keywords = keywords;
      break;
    case FlagChange::Mode::kAdd:
      after.flags = message.flags.with(change_.flags);
      after.keywords = message.keywords.with(keywords);
      break;
    case FlagChange::Mode::kRemove:
      after.flags = message.flags.without(change_.flags);
      after.keywords = message.keywords.without(keywords);
      break;
  }
  return after;
}

Outcome<void> FlagsOperation::perform(Turn& turn) {
  if (!std::ranges::all_of(change_.keywords, is_keyword)) return std::unexpected(MailboxError::kBadKeyword);
  if (turn.mailbox(mailbox_) == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
  result_ = {};
  result_.messages.reserve(picked_.messages.size());
  const bool any = std::ranges::any_of(picked_.messages, [&](const Message& one) { return !refuses(one); });
  KeywordPlan fresh;
  if (any && change_.mode != FlagChange::Mode::kRemove) VEREDUS_TRY(fresh.want(turn, mailbox_, change_.keywords));
  fresh.settle(turn);
  const auto keywords = known_keywords(turn.mailbox(mailbox_)->keywords, change_.keywords);
  for (const auto& message : picked_.messages) {
    if (refuses(message)) {
      result_.refused.add(message.uid);
      continue;
    }
    auto after = changed(message, keywords);
    if (after != message) {  // RFC 7162 s3.1.3: a STORE that changes nothing leaves the mod-sequence alone
      after.modseq = turn.modseq();
      recount(turn.edit_mailbox(mailbox_).counts, message.flags, after.flags);
      turn.put(keys::message(mailbox_, after.uid), rows::encode(after));
      turn.log(mailbox_, rows::ChangeKind::kFlags, after.uid, after.body.email);
      result_.changed.push_back(after.uid);
    }
    result_.messages.push_back(after);
  }
  if (!result_.changed.empty()) turn.require_sync();
  result_.modseq = turn.final_modseq();
  return {};
}

void FlagsOperation::settled(const Turn& turn) {
  alone_ = from_table_ && turn.changes_in(mailbox_) == result_.changed.size();
}

std::shared_ptr<const MessageTable> FlagsOperation::table_after() const {
  if (!alone_ || result_.changed.empty()) return nullptr;
  std::vector<Message> fresh;
  fresh.reserve(result_.changed.size());
  auto changed = result_.changed.begin();
  for (const auto& message : result_.messages) {
    if (changed == result_.changed.end() || *changed != message.uid) continue;
    fresh.push_back(message);
    ++changed;
  }
  return table_->changed(result_.modseq, std::move(fresh), UidSet());
}

}  // namespace veredus::state::mailbox
