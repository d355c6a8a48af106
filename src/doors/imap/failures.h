#pragma once

#include "doors/imap/outcome.h"
#include "state/mailbox/mailbox_error.h"

namespace veredus::doors::imap {

/// What to answer when the mailboxes refuse something: NO with the response code of RFC 5530 or RFC 9208 that says why.
[[nodiscard]] Outcome failure(state::mailbox::MailboxError error);
/// The same where the mailbox that was not found is the target of APPEND, COPY or MOVE: [TRYCREATE].
[[nodiscard]] Outcome target_failure(state::mailbox::MailboxError error);

}  // namespace veredus::doors::imap
