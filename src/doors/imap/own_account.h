#pragma once

#include <string_view>

#include "doors/imap/talk.h"

namespace veredus::doors::imap {

/// Why the session may not go on: its account was deleted, or disabled. Empty: it may. What is asked then must not
/// reach the mailboxes, for asking makes those of a deleted one anew.
[[nodiscard]] std::string_view why_account_went(const Talk& talk);
[[nodiscard]] inline bool account_is_gone(const Talk& talk) { return !why_account_went(talk).empty(); }

}  // namespace veredus::doors::imap
