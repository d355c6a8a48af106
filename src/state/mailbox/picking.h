#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/message.h"
#include "state/mailbox/message_table.h"
#include "state/mailbox/turn.h"
#include "state/mailbox/uid_set.h"

namespace veredus::state::mailbox {

struct Picked {
  std::vector<Message> messages;  // ascending
  UidSet rest;                    // not looked at yet
};

/// Adds what f rows hold; flag pages are still to be laid over it.
[[nodiscard]] Outcome<void> add_messages(const std::vector<io::engine::Row>& rows, std::vector<Message>& messages);

/// The messages of `mailbox` among `uids`, at most `limit`; `turn` outlives the call.
AsyncOutcome<Picked> pick_messages(Turn* turn, MailboxId mailbox, UidSet uids, std::uint32_t limit);

/// The same from a table, which reads nothing; of those that have all the flags `having`.
[[nodiscard]] Picked pick_messages(const std::shared_ptr<const MessageTable>& table, const UidSet& uids,
                                   std::uint32_t limit, FlagSet having = {});

/// Whether the mailbox is as `table` (null: it is not) has it: also what this very turn did counts. (A table may be of
/// an account that was erased and began again.)
[[nodiscard]] bool is_current(const Turn& turn, MailboxId mailbox, const MessageTable* table);

}  // namespace veredus::state::mailbox
