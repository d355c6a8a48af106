#pragma once

#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

// Commands that make, name and remove mailboxes. RFC 9051 s6.3.4 to s6.3.10.
asio::awaitable<Outcome> create(Talk* talk, wire::imap::Create command);
/// Mailboxes below it stay; its name is \Noselect then.
asio::awaitable<Outcome> delete_mailbox(Talk* talk, wire::imap::Delete command);
asio::awaitable<Outcome> rename(Talk* talk, wire::imap::Rename command);
asio::awaitable<Outcome> subscribe(Talk* talk, wire::imap::Subscribe command);
asio::awaitable<Outcome> unsubscribe(Talk* talk, wire::imap::Unsubscribe command);
asio::awaitable<Outcome> name_spaces(Talk* talk, wire::imap::Namespace command);

}  // namespace veredus::doors::imap
