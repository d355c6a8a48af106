#pragma once

#include "doors/imap/talk.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

// Opening and closing mailboxes. RFC 9051 s6.3.2, s6.3.3, s6.4.1, s6.4.2; RFC 7162 s3.2.5 for QRESYNC.
asio::awaitable<Outcome> select(Talk* talk, wire::imap::Select command);
asio::awaitable<Outcome> close(Talk* talk, wire::imap::Close command);
asio::awaitable<Outcome> unselect(Talk* talk, wire::imap::Unselect command);

/// No mailbox is selected any more. Tells nothing.
asio::awaitable<void> leave_mailbox(Talk* talk);

}  // namespace veredus::doors::imap
