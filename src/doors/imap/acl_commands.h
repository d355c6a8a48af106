#pragma once

#include <string_view>

#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "state/mailbox/rights.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

// RFC 4314. Identifiers are accounts' addresses and "anyone"; there are no negative rights and no groups. The owner has
// all rights, always.
asio::awaitable<Outcome> set_acl(Talk* talk, wire::imap::SetAcl command);
asio::awaitable<Outcome> delete_acl(Talk* talk, wire::imap::DeleteAcl command);
asio::awaitable<Outcome> get_acl(Talk* talk, wire::imap::GetAcl command);
asio::awaitable<Outcome> list_rights(Talk* talk, wire::imap::ListRights command);
asio::awaitable<Outcome> my_rights(Talk* talk, wire::imap::MyRights command);

/// Writes the MYRIGHTS line.
void tell_my_rights(Talk* talk, std::string_view mailbox, state::mailbox::Rights rights);

}  // namespace veredus::doors::imap
