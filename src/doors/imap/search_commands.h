#pragma once

#include "doors/imap/outcome.h"
#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "wire/imap/search_key.h"
#include "wire/imap/sort.h"

namespace veredus::doors::imap {

/// SEARCH, UID SEARCH: RFC 9051 s6.4.4, RFC 4731, RFC 5182, RFC 5267, RFC 7162 s3.1.5, RFC 9394.
asio::awaitable<Outcome> search(Talk* talk, wire::imap::Search command);
/// SORT, UID SORT: RFC 5256 s3, RFC 5267 s3, RFC 5957.
asio::awaitable<Outcome> sort(Talk* talk, wire::imap::Sort command);
/// THREAD, UID THREAD: RFC 5256 s3.
asio::awaitable<Outcome> thread(Talk* talk, wire::imap::Thread command);
/// RFC 5267 s4.3.5
asio::awaitable<Outcome> cancel_update(Talk* talk, wire::imap::CancelUpdate command);

}  // namespace veredus::doors::imap
