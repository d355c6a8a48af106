#pragma once

#include <memory>

#include "doors/imap/talk.h"
#include "state/mailbox/message_table.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

/// What a client that knew a mailbox as of an earlier MODSEQ is told on opening it again: VANISHED (EARLIER), and the
/// flags of what changed (RFC 7162 s3.2.5.1). `table` is the mailbox as it was opened. False: the client is gone.
asio::awaitable<bool> resynchronize(Talk* talk, wire::imap::QresyncParam known,
                                    std::shared_ptr<const state::mailbox::MessageTable> table);

/// All that the table has.
[[nodiscard]] state::mailbox::UidSet present_uids(const state::mailbox::MessageTable& table);

/// The highest UID the selected mailbox ever gave, to messages that are gone too; 0: none.
asio::awaitable<Uid> last_ever(Talk* talk);

/// UIDs among `asked` that were expunged after `since`, as far as the log tells; below its floor, all of `asked` that
/// are not there (RFC 7162 s3.2.5.2). nullopt: it cannot be read now.
asio::awaitable<std::optional<state::mailbox::UidSet>> vanished_since(Talk* talk, state::mailbox::UidSet asked,
                                                                      ModSeq since);

}  // namespace veredus::doors::imap
