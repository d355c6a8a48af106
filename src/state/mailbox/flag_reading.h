#pragma once

#include <string>
#include <vector>

#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "state/mailbox/flag_page.h"
#include "state/mailbox/turn.h"
#include "state/mailbox/uid_set.h"

/// Reading flag pages. Outside a turn something may be committed between a page and the messages' own rows, in whatever
/// order they are read: it is then either not seen, or seen in one of the two, and the newer stands. Pages go when the
/// last of their messages goes, so nobody who is still there loses flags by it.
namespace veredus::state::mailbox {

/// What the mailbox's pages say of the UIDs in `range`, as the turn has them.
AsyncOutcome<FlagOverlay> read_flags(Turn* turn, MailboxId mailbox, UidRange range);
/// The same of messages named one by one, ascending.
AsyncOutcome<FlagOverlay> read_flags(Turn* turn, MailboxId mailbox, std::vector<Uid> uids);
/// What is committed.
AsyncOutcome<FlagOverlay> read_flags(io::engine::Engine* engine, io::engine::Partition partition, MailboxId mailbox,
                                     UidRange range);

/// One page that was fetched or changed in this turn; empty: it is not there.
[[nodiscard]] Outcome<FlagPage> flag_page_of(const Turn& turn, MailboxId mailbox, std::uint32_t number);

/// The flag pages of a mailbox that an operation is about to empty: they will say nothing any more.
class IdlePages {
 public:
  /// None, when others than `leaving` messages are there.
  AsyncOutcome<void> read(Turn* turn, MailboxId mailbox, std::size_t leaving);
  void erase(Turn& turn, MailboxId mailbox);

 private:
  std::vector<std::string> keys_;
};

}  // namespace veredus::state::mailbox
