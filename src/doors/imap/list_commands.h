#pragma once

#include <cstdint>
#include <expected>

#include "doors/imap/name_tree.h"
#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "state/mailbox/mailbox_error.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

/// RFC 9051 s6.3.9, with RETURN of SUBSCRIBED, CHILDREN, SPECIAL-USE, STATUS (RFC 5819), MYRIGHTS (RFC 8440) and
/// METADATA (RFC 9590).
asio::awaitable<Outcome> list(Talk* talk, wire::imap::List command);
/// RFC 3501 s6.3.9
asio::awaitable<Outcome> lsub(Talk* talk, wire::imap::Lsub command);

enum class Reach : std::uint8_t { kOwn, kWithShared };
/// All names this session may hear of.
asio::awaitable<std::expected<NameTree, state::mailbox::MailboxError>> all_names(Talk* talk, Reach reach);

}  // namespace veredus::doors::imap
