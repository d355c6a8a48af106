#include "state/mailbox/annotation_operation.h"

#include <set>

#include "state/mailbox/annotation_keys.h"
#include "state/mailbox/keys.h"

namespace veredus::state::mailbox {

AsyncOutcome<void> AnnotateOperation::read(Turn* turn) {
  there_.clear();
  if (changes_.empty()) co_return Outcome<void>();
  VEREDUS_CO_TRY(const auto all, co_await annotation_keys(turn, keys::all_annotations()));
  for (const auto& key : all)
    if (const auto at = keys::parse_annotation(key)) ++there_[counted_for(at->place)];
  std::vector<std::string> wanted;
  for (const auto& change : changes_) wanted.push_back(keys::annotation(change.place, change.name));
  co_return co_await turn->fetch(std::move(wanted));
}

AccountId AnnotateOperation::counted_for(AnnotationPlace place) const {
  return place.reader == kEverybody ? owner_ : place.reader;
}

Outcome<void> AnnotateOperation::check(const Turn& turn) const {
  std::set<std::string> fresh;
  auto counts = there_;
  for (const auto& change : changes_) {
    const auto mailbox = change.place.mailbox;
    if (mailbox != kWholeAccount && turn.mailbox(mailbox) == nullptr)
      return std::unexpected(MailboxError::kNoSuchMailbox);
    auto key = keys::annotation(change.place, change.name);
    if (!change.value || turn.row(key) != nullptr || !fresh.insert(std::move(key)).second) continue;
    const auto whose = counted_for(change.place);
    if (++counts[whose] > (whose == owner_ ? most_ : kReaderAnnotations))
      return std::unexpected(MailboxError::kTooManyAnnotations);
  }
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
