#pragma once

#include <vector>

#include "doors/imap/talk.h"
#include "state/mailbox/uid_set.h"
#include "wire/imap/fetch_item.h"

namespace veredus::doors::imap {

/// RFC 9051 s6.4.5; CONDSTORE and QRESYNC (RFC 7162), BINARY (RFC 3516), SAVEDATE (RFC 8514), PREVIEW (RFC 8970),
/// OBJECTID (RFC 8474), PARTIAL (RFC 9394).
asio::awaitable<Outcome> fetch(Talk* talk, wire::imap::Fetch command);

/// What NOTIFY asks to be fetched of messages that have just been told (RFC 5465 s5.2); \Seen stays as it is. What
/// cannot be read is left out.
asio::awaitable<void> fetch_arrived(Talk* talk, state::mailbox::UidSet uids, std::vector<wire::imap::FetchItem> items);

}  // namespace veredus::doors::imap
