#pragma once

#include "doors/imap/notification.h"
#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

/// RFC 5465 s3.1. Sets or ends Session::notification.
asio::awaitable<Outcome> notify(Talk* talk, wire::imap::Notify command);

/// Tells what the session asked to be told of mailboxes it has not selected. Call it when Notification::watch() woke,
/// and never while a command is being done. False: the client is gone.
asio::awaitable<bool> tell_notifications(Talk* talk);

}  // namespace veredus::doors::imap
