#include "state/mailbox/recent_annotations.h"

#include <utility>

namespace veredus::state::mailbox {

void RecentAnnotations::add(ModSeq modseq, std::vector<AnnotationNote>&& notes) {
  if (modseq.value != up_to_.value + 1) {
    notes_.clear();
    from_ = ModSeq(modseq.value - 1);
  }
  up_to_ = modseq;
  for (auto& note : notes) {
    note.modseq = modseq;
    notes_.push_back(std::move(note));
  }
  while (notes_.size() > kNotes) {
    from_ = notes_.front().modseq;
    while (!notes_.empty() && notes_.front().modseq == from_) notes_.pop_front();
  }
}

std::optional<std::vector<AnnotationNote>> RecentAnnotations::after(ModSeq since, ModSeq now) const {
  std::vector<AnnotationNote> found;
  if (since >= now) return found;
  if (up_to_ != now || since < from_) return std::nullopt;
  for (const auto& note : notes_)
    if (note.modseq > since) found.push_back(note);
  return found;
}

}  // namespace veredus::state::mailbox
