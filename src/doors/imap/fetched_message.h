#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "state/mailbox/message.h"
#include "state/mailbox/stored_email.h"

namespace veredus::doors::imap {

/// What one FETCH line is made from.
struct FetchedMessage {
  state::mailbox::Message row;
  std::uint32_t number = 0;
  bool flags_changed = false;              // \Seen was set by this very command
  state::mailbox::StoredEmail email;       // with FetchPlan::needs_email
  std::optional<std::string> first_chunk;  // of the message, when it was read already
};

}  // namespace veredus::doors::imap
