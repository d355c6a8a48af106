#pragma once

#include "doors/imap/talk.h"
#include "wire/imap/fetch_item.h"

namespace veredus::doors::imap {

/// RFC 9051 s6.4.5; CONDSTORE and QRESYNC (RFC 7162), BINARY (RFC 3516), SAVEDATE (RFC 8514), PREVIEW (RFC 8970),
/// OBJECTID (RFC 8474), PARTIAL (RFC 9394).
asio::awaitable<Outcome> fetch(Talk* talk, wire::imap::Fetch command);

}  // namespace veredus::doors::imap
