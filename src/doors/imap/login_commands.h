#pragma once

#include "doors/imap/talk.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

// RFC 9051 s6.2, RFC 4959, RFC 8437.
asio::awaitable<Outcome> authenticate(Talk* talk, wire::imap::Authenticate command);
asio::awaitable<Outcome> login(Talk* talk, wire::imap::Login command);
asio::awaitable<Outcome> unauthenticate(Talk* talk, wire::imap::Unauthenticate command);

}  // namespace veredus::doors::imap
