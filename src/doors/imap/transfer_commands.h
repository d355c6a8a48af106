#pragma once

#include "doors/imap/talk.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

// RFC 9051 s6.4.7, s6.4.8 (RFC 6851), s6.4.3, s6.4.9. Messages that vanished meanwhile are passed over.
asio::awaitable<Outcome> copy(Talk* talk, wire::imap::Copy command);
asio::awaitable<Outcome> move(Talk* talk, wire::imap::Move command);
asio::awaitable<Outcome> expunge(Talk* talk, wire::imap::Expunge command);

}  // namespace veredus::doors::imap
