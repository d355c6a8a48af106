#include "state/mailbox/annotation_operation.h"

#include <set>

#include "state/mailbox/keys.h"

namespace veredus::state::mailbox {

AsyncOutcome<void> AnnotateOperation::read(Turn* turn) {
  there_ = 0;
  const auto prefix = keys::all_annotations();
  io::engine::ScanOptions options;
  options.keys_only = true;
  for (std::string low = prefix; !low.empty();) {
    VEREDUS_CO_TRY(auto page, co_await turn->scan(std::move(low), keys::after(prefix), options));
    there_ += page.rows.size();
    low = std::move(page.next);
  }
  std::vector<std::string> wanted;
  for (const auto& change : changes_) wanted.push_back(keys::annotation(change.place, change.name));
  co_return co_await turn->fetch(std::move(wanted));
}

Outcome<void> AnnotateOperation::check(const Turn& turn) const {
  std::set<std::string> fresh;
  for (const auto& change : changes_) {
    const auto mailbox = change.place.mailbox;
    if (mailbox != kWholeAccount && turn.mailbox(mailbox) == nullptr)
      return std::unexpected(MailboxError::kNoSuchMailbox);
    auto key = keys::annotation(change.place, change.name);
    if (change.value && turn.row(key) == nullptr) fresh.insert(std::move(key));
  }
  if (!fresh.empty() && there_ + fresh.size() > most_) return std::unexpected(MailboxError::kTooManyAnnotations);
  return use_ ? use_->check(turn) : Outcome<void>();
}

Outcome<void> AnnotateOperation::perform(Turn& turn) {
  VEREDUS_TRY(check(turn));
  if (use_) VEREDUS_TRY(use_->perform(turn));
  for (const auto& change : changes_) {
    auto key = keys::annotation(change.place, change.name);
    if (change.value)
      turn.put(std::move(key), rows::encode_annotation(*change.value));
    else if (turn.row(key) != nullptr)
      turn.erase(std::move(key));
    else
      continue;
    turn.require_sync();
    turn.note({ModSeq(), change.place, change.name, author_});
    if (change.place.mailbox != kWholeAccount)
      turn.log(change.place.mailbox, rows::ChangeKind::kMailboxChanged, Uid(), EmailId());
  }
  return {};
}

}  // namespace veredus::state::mailbox
