#include "state/mailbox/recent_changes.h"

#include <algorithm>

namespace veredus::state::mailbox {

void RecentChanges::forget_oldest() {
  from_ = entries_.front().modseq;
  while (!entries_.empty() && entries_.front().modseq == from_) {
    changes_ -= entries_.front().row.changes.size();
    entries_.pop_front();
  }
}

void RecentChanges::add(ModSeq modseq, std::map<MailboxId, rows::ChangeRow>&& changes) {
  std::size_t added = 0;
  for (const auto& [mailbox, row] : changes) added += row.changes.size();
  const bool follows = modseq.value == up_to_.value + 1;
  if (!follows || added > kChanges) {
    entries_.clear();
    changes_ = 0;
    from_ = added > kChanges ? modseq : ModSeq(modseq.value - 1);
  }
  up_to_ = modseq;
  if (added > kChanges) return;
  for (auto& [mailbox, row] : changes) entries_.push_back({modseq, mailbox, std::move(row)});
  changes_ += added;
  while (changes_ > kChanges || entries_.size() > kChanges) forget_oldest();
}

std::optional<std::vector<LogEntry>> RecentChanges::after(ModSeq since, std::optional<MailboxId> mailbox) const {
  if (up_to_ == ModSeq() || since < from_) return std::nullopt;
  std::vector<LogEntry> found;
  for (const auto& entry : entries_)
    if (entry.modseq > since && (!mailbox || entry.mailbox == *mailbox)) found.push_back(entry);
  return found;
}

}  // namespace veredus::state::mailbox
