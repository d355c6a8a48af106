#pragma once

#include <expected>
#include <vector>

#include "doors/imap/incoming.h"
#include "doors/imap/talk.h"
#include "state/mailbox/new_message.h"
#include "state/mailbox/rights.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

/// Messages that have come and are not stored yet.
struct TakenAppend {
  AccountId account;
  state::mailbox::Rights rights;  // in the mailbox they go to
  std::vector<state::mailbox::NewMessage> messages;
};

/// RFC 9051 s6.3.12, MULTIAPPEND (RFC 3502), CATENATE (RFC 4469), in two steps. `incoming` has what was streamed.
/// Errors: the tagged reply.
asio::awaitable<std::expected<TakenAppend, Outcome>> take_append(Talk* talk, wire::imap::Append command,
                                                                 Incoming* incoming);
/// Stores them: the tagged reply. May run beside another command of the session.
asio::awaitable<Outcome> store_append(Talk* talk, TakenAppend taken);
/// RFC 8508
asio::awaitable<Outcome> replace(Talk* talk, wire::imap::Replace command, Incoming* incoming);

}  // namespace veredus::doors::imap
