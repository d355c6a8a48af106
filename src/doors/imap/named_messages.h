#pragma once

#include <expected>

#include "doors/imap/outcome.h"
#include "doors/imap/session.h"
#include "state/mailbox/uid_set.h"
#include "wire/imap/sequence_set.h"

namespace veredus::doors::imap {

enum class Numbers : std::uint8_t { kSequence, kUid };
[[nodiscard]] constexpr Numbers numbers(bool uid) { return uid ? Numbers::kUid : Numbers::kSequence; }

/// The UIDs a set names in the selected mailbox, as this session sees it. UIDs that are not there are passed over
/// (RFC 9051 s6.4.9), a sequence number that is not is BAD (RFC 9051 s9 seq-number).
[[nodiscard]] std::expected<state::mailbox::UidSet, Outcome> named_messages(const Session& session,
                                                                            const wire::imap::SequenceSet& set,
                                                                            Numbers numbers);

/// The same of one message, for commands that take no set.
[[nodiscard]] std::expected<state::mailbox::UidSet, Outcome> named_message(const Session& session, std::uint32_t number,
                                                                           Numbers numbers);

/// For replies: UIDs as the command named them, sequence numbers or UIDs.
[[nodiscard]] std::vector<wire::imap::SequenceRange> as_named(const Session& session,
                                                              const state::mailbox::UidSet& uids, Numbers numbers);
[[nodiscard]] std::vector<wire::imap::SequenceRange> ranges_of(const state::mailbox::UidSet& uids);

}  // namespace veredus::doors::imap
