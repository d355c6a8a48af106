#pragma once

#include "doors/imap/talk.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

/// RFC 9051 s6.4.6, conditional: RFC 7162 s3.1.3.
asio::awaitable<Outcome> store(Talk* talk, wire::imap::Store command);

}  // namespace veredus::doors::imap
