#pragma once

#include "base/types/ids.h"
#include "io/engine/batch.h"

namespace veredus::state::mailbox {

/// What a commit wakes for each mailbox it changes; of kWholeAccount, when it erases the account.
[[nodiscard]] inline io::engine::Topic topic_of(MailboxId mailbox) { return mailbox.value; }

}  // namespace veredus::state::mailbox
