#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/annotation.h"

namespace veredus::state::mailbox {

/// The annotations of an account that changed last: who follows them is told names, which no row keeps. A plain value;
/// holds kNotes at most, the oldest commits go first.
class RecentAnnotations {
 public:
  static constexpr std::size_t kNotes = 1024;

  /// All that the commit `modseq` changed, perhaps nothing. Where it does not follow on the last one, what was known is
  /// forgotten.
  void add(ModSeq modseq, std::vector<AnnotationNote>&& notes);
  /// The notes after `since`, when the account is at `now`. nullopt: it does not reach back so far.
  [[nodiscard]] std::optional<std::vector<AnnotationNote>> after(ModSeq since, ModSeq now) const;

 private:
  std::deque<AnnotationNote> notes_;
  ModSeq from_;   // all after it is here
  ModSeq up_to_;  // 0: nothing is known
};

}  // namespace veredus::state::mailbox
