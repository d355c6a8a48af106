#pragma once

#include "base/types/ids.h"
#include "io/net/asio.h"

namespace veredus::state::mailbox {
class Mailboxes;
}

namespace veredus::work::delivery {

/// The account's mailbox for junk: the one that has that use (RFC 6154 s2), else one called Junk, which gets it, else a
/// new one. INBOX when none can be had: mail is never lost for that.
asio::awaitable<MailboxId> junk_mailbox(state::mailbox::Mailboxes* mailboxes, AccountId account);

}  // namespace veredus::work::delivery
