#pragma once

#include <expected>

#include "base/types/clock.h"
#include "doors/imap/outcome.h"
#include "doors/imap/session.h"
#include "state/search/query.h"
#include "wire/imap/search_key.h"

namespace veredus::doors::imap {

/// The messages of the session's view that the sets at the top of a search leave: all that can be found.
[[nodiscard]] state::mailbox::UidSet searched_messages(const wire::imap::SearchKey& key, const Session& session);

/// Makes all sets of a search those of UIDs as they are now, without `*` and `$`: so they stay whatever comes or goes.
void fix_sets(wire::imap::SearchKey& key, const Session& session);

/// What a search key asks of the messages `among`, in the session's view, with its sequence numbers, `$` and \Recent.
/// `now` is what OLDER and YOUNGER count from (RFC 5032 s3). Errors: BAD for
/// sequence numbers no message has; [UIDREQUIRED] for any after UIDONLY (RFC 9586 s3).
[[nodiscard]] std::expected<state::search::Query, Outcome> query_of(const wire::imap::SearchKey& key,
                                                                    const Session& session, SystemTime now,
                                                                    state::mailbox::UidSet among);

}  // namespace veredus::doors::imap
