#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "doors/imap/outcome.h"
#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "state/mailbox/uid_set.h"
#include "wire/imap/fetch_item.h"

namespace veredus::state::mailbox {
struct FlagsStored;
}

namespace veredus::doors::imap {

/// Takes note of what happened in the selected mailbox since the last time; tells nothing. False: the mailbox is no
/// more. What cannot be read now is noted the next time.
asio::awaitable<bool> catch_up(Talk* talk);

/// Whether a command answers the flags that it changed.
enum class OwnChange : std::uint8_t { kTold, kSilent };

/// What this session did itself is not told to it again; where it does not tell the flags, what others had changed
/// before in the same messages still is (RFC 9051 s6.4.6). Of another's mailbox the rights may have changed as well:
/// there the changes are looked at.
void note_own(const Session& session, const state::mailbox::FlagsStored& stored, OwnChange change);

/// `* OK [HIGHESTMODSEQ …]` of the selected mailbox.
void tell_highest_modseq(Talk* talk, ModSeq highest);

/// A command shows that the client knows CONDSTORE (RFC 7162 s3.1): the first one is told HIGHESTMODSEQ as well.
asio::awaitable<void> enable_condstore(Talk* talk);

/// What its owner lets this session do with a shared mailbox it has selected, as it is now; nothing else is looked at.
/// False: it may not read it any more.
asio::awaitable<bool> renew_rights(Talk* talk);

/// Makes what no other session was given \Recent in (RFC 3501 s2.3.2) so in this one: all up to the claim, also what
/// the session was not told of yet. `selected` is the caller's.
asio::awaitable<void> claim_recent(Talk* talk, Selected* selected);

/// `items` of messages that arrived and are shown, with what no unsolicited FETCH may lack.
asio::awaitable<void> tell_of_arrived(Talk* talk, state::mailbox::UidSet arrived,
                                      std::vector<wire::imap::FetchItem> items);

enum class Telling : std::uint8_t { kWell, kMailboxWent, kClientGone };

/// Catches up and tells what may be told now: expunges, arrivals, flags (RFC 9051 s7.4, s7.5). Unless all went well,
/// the session is over; BYE is not said yet.
asio::awaitable<Telling> tell_updates(Talk* talk, Updates what);
/// How a command ends that was told so.
[[nodiscard]] Outcome over_by(Telling told, const Session& session);

/// Where expunges are held back, a HIGHESTMODSEQ below theirs, before each tagged reply. Who took the highest MODSEQ of
/// all replies for what it knows would never hear of them (RFC 7162 s3.2).
void tell_known_modseq(Talk* talk);
/// The tagged reply with it, or after it.
[[nodiscard]] Outcome with_known_modseq(Talk& talk, Outcome outcome);

/// What BYE says then: it was deleted, or may no longer be read.
[[nodiscard]] std::string_view why_mailbox_went(const Selected& selected);

/// `* FLAGS` and PERMANENTFLAGS when the mailbox has keywords the client was not told yet. Before any FETCH that may
/// use them.
void tell_keywords(Talk* talk, const std::vector<std::string>& keywords);

}  // namespace veredus::doors::imap
