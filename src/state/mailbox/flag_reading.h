#pragma once

#include <string>
#include <vector>

#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "state/mailbox/flag_page.h"
#include "state/mailbox/turn.h"
#include "state/mailbox/uid_set.h"

/// Reading flag pages. They are read before the messages' own rows: what is committed in between is then either not
/// seen, or seen in a row, which stands.
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

/// The keys of all pages of a mailbox.
AsyncOutcome<std::vector<std::string>> flag_page_keys(Turn* turn, MailboxId mailbox);

}  // namespace veredus::state::mailbox
