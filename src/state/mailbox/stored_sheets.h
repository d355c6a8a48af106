#pragma once

#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/message.h"
#include "state/mailbox/turn.h"

namespace veredus::state::mailbox {

/// The stored sheets of what is leaving `mailbox` leave the store with it. To be called before its counts change.
void erase_sheets(Turn& turn, MailboxId mailbox, const std::vector<Message>& leaving);

}  // namespace veredus::state::mailbox
