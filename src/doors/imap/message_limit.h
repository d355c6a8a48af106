#pragma once

#include <cstdint>
#include <optional>

#include "doors/imap/talk.h"
#include "state/mailbox/uid_set.h"
#include "wire/imap/fetch_item.h"

namespace veredus::doors::imap {

/// RFC 9738 s3: of more messages than one command may touch, those with the highest UIDs are kept. Answers the lowest
/// UID that is kept when some were not.
std::optional<Uid> limit_messages(const Talk& talk, state::mailbox::UidSet& uids);

/// Gives a reply to a command that was limited its response code: untagged, where it has another already.
Outcome with_limit(Talk& talk, Outcome outcome, std::optional<Uid> from);

/// RFC 9738 s3: what is done to all or none, to so many messages. nullopt: they are not too many.
std::optional<Outcome> over_limit(const Talk& talk, std::uint64_t messages);

/// RFC 9394 s3.1: those at the positions of the range, from the front or the end.
[[nodiscard]] state::mailbox::UidSet partial(const state::mailbox::UidSet& uids, const wire::imap::PartialRange& range);

}  // namespace veredus::doors::imap
