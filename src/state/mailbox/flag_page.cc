#include "state/mailbox/flag_page.h"

#include <algorithm>

namespace veredus::state::mailbox {
namespace {

bool goes_on(const FlagRun& run, const FlagRun& next) {
  return run.last.value + 1 == next.first.value && run.flags == next.flags && run.keywords == next.keywords &&
         run.modseq == next.modseq;
}

/// What is left of `run` before `end`.
FlagRun before(FlagRun run, Uid end) {
  run.last = Uid(end.value - 1);
  return run;
}

}  // namespace

void FlagPage::append(FlagRun run) {
  if (!runs_.empty() && goes_on(runs_.back(), run))
    runs_.back().last = run.last;
  else
    runs_.push_back(run);
}

FlagPage FlagPage::with(const FlagPage& newer) const {
  FlagPage both;
  auto next = newer.runs_.begin();
  for (FlagRun old : runs_) {
    while (true) {
      for (; next != newer.runs_.end() && next->last < old.first; ++next) both.append(*next);
      if (next == newer.runs_.end() || next->first > old.last) {
        both.append(old);
        break;
      }
      if (old.first < next->first) both.append(before(old, next->first));
      if (old.last <= next->last) break;  // the rest of it is hidden
      old.first = Uid(next->last.value + 1);
    }
  }
  for (; next != newer.runs_.end(); ++next) both.append(*next);
  return both;
}

void FlagOverlay::apply(Message& message) {
  while (next_ < runs_.size() && runs_[next_].last < message.uid) ++next_;
  if (next_ == runs_.size()) return;
  const auto& run = runs_[next_];
  if (run.first > message.uid || run.modseq <= message.modseq) return;
  message.flags = run.flags;
  message.keywords = run.keywords;
  message.modseq = run.modseq;
}

}  // namespace veredus::state::mailbox
