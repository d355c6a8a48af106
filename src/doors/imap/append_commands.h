#pragma once

#include "doors/imap/incoming.h"
#include "doors/imap/talk.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

/// RFC 9051 s6.3.12, MULTIAPPEND (RFC 3502), CATENATE (RFC 4469). `incoming` has what was streamed.
asio::awaitable<Outcome> append(Talk* talk, wire::imap::Append command, Incoming* incoming);
/// RFC 8508
asio::awaitable<Outcome> replace(Talk* talk, wire::imap::Replace command, Incoming* incoming);

}  // namespace veredus::doors::imap
