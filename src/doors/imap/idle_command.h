#pragma once

#include "doors/imap/talk.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

/// RFC 2177. Also with no mailbox selected, where it is silent: some mail programs do that.
asio::awaitable<Outcome> idle(Talk* talk, wire::imap::Idle command);

}  // namespace veredus::doors::imap
