#pragma once

#include "doors/imap/talk.h"

namespace veredus::doors::imap {

/// Whether the account of the session was deleted. What is asked of it then must not reach the mailboxes, for asking
/// makes it anew.
[[nodiscard]] bool account_is_gone(const Talk& talk);

}  // namespace veredus::doors::imap
