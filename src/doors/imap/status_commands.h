#pragma once

#include <expected>
#include <string>
#include <vector>

#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "state/mailbox/mailbox.h"
#include "state/mailbox/mailbox_error.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

/// RFC 9051 s6.3.11, and what RFC 7162, RFC 7889, RFC 8438, RFC 8474 and RFC 9208 add. Also of the selected mailbox:
/// what is there now.
asio::awaitable<Outcome> status(Talk* talk, wire::imap::Status command);

/// Writes the STATUS line of `mailbox` of `account`, which the session calls `name`.
asio::awaitable<std::expected<void, state::mailbox::MailboxError>> tell_status(
    Talk* talk, AccountId account, state::mailbox::Mailbox mailbox, std::string name,
    std::vector<wire::imap::StatusItem> items);

}  // namespace veredus::doors::imap
