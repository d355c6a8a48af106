#pragma once

#include "doors/imap/incoming.h"
#include "doors/imap/talk.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

/// Does a command, if it may be given now (RFC 9051 s3). `incoming`: messages that came with it.
asio::awaitable<Outcome> dispatch(Talk* talk, wire::imap::CommandBody command, Incoming* incoming);

}  // namespace veredus::doors::imap
