#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/rows.h"

namespace veredus::state::mailbox {

/// What the change log says about one commit's change of one mailbox.
struct LogEntry {
  ModSeq modseq;
  MailboxId mailbox;
  rows::ChangeRow row;
};

/// The end of an account's change log: who follows what happens need not read it back. A plain value; holds kChanges at
/// most, the oldest commits go first.
class RecentChanges {
 public:
  static constexpr std::size_t kChanges = 64;

  /// All that the commit `modseq` changed. Where it does not follow on the last one, what was known is forgotten.
  void add(ModSeq modseq, std::map<MailboxId, rows::ChangeRow>&& changes);
  /// The commits after `since`, those of `mailbox` alone if one is given. nullopt: it does not reach back so far.
  [[nodiscard]] std::optional<std::vector<LogEntry>> after(ModSeq since, std::optional<MailboxId> mailbox) const;

 private:
  void forget_oldest();

  std::deque<LogEntry> entries_;
  std::size_t changes_ = 0;  // in entries_
  ModSeq from_;              // all after it is here
  ModSeq up_to_;             // 0: nothing is known
};

}  // namespace veredus::state::mailbox
