#pragma once

#include <expected>

#include "doors/imap/talk.h"
#include "state/mailbox/allowed_flags.h"
#include "state/mailbox/copied.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/uid_set.h"

namespace veredus::doors::imap {

/// COPY from the selected mailbox into one of another account: bodies are read and stored again. All or nothing. Dates
/// go along, and the flags and keywords that are `allowed` there.
asio::awaitable<std::expected<state::mailbox::Copied, state::mailbox::MailboxError>> copy_between_accounts(
    Talk* talk, state::mailbox::UidSet uids, AccountId to_account, MailboxId to, state::mailbox::AllowedFlags allowed);

}  // namespace veredus::doors::imap
