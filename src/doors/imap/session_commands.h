#pragma once

#include "doors/imap/talk.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

// What changes nothing but the connection. RFC 9051 s6.1, RFC 2971, RFC 4978, RFC 5161.
asio::awaitable<Outcome> capability(Talk* talk, wire::imap::Capability command);
asio::awaitable<Outcome> noop(Talk* talk, wire::imap::Noop command);
asio::awaitable<Outcome> check(Talk* talk, wire::imap::Check command);
asio::awaitable<Outcome> log_out(Talk* talk, wire::imap::Logout command);
asio::awaitable<Outcome> start_tls(Talk* talk, wire::imap::StartTls command);
asio::awaitable<Outcome> id(Talk* talk, wire::imap::Id command);
asio::awaitable<Outcome> enable(Talk* talk, wire::imap::Enable command);
asio::awaitable<Outcome> compress(Talk* talk, wire::imap::Compress command);

}  // namespace veredus::doors::imap
