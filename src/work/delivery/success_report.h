#pragma once

#include <string>

#include "base/types/clock.h"
#include "state/spool/spooled_message.h"
#include "work/delivery/queue_id.h"
#include "work/delivery/submission.h"

namespace veredus::work::delivery {

/// Whether the sender asked to be told that this target has the message (RFC 3461 s4.1) and there is a sender.
[[nodiscard]] bool wants_success_report(const state::spool::SpooledMessage& message,
                                        const state::spool::SpooledTarget& target);

/// The report that a message was delivered here, under an id that is the same each time, so that it is sent once.
/// `header` is the message's header block. Source: RFC 3461 s6.2.
[[nodiscard]] OwnMessage success_report(const state::spool::SpooledMessage& message,
                                        const state::spool::SpooledTarget& target, std::string header,
                                        std::string hostname, SystemTime now);

}  // namespace veredus::work::delivery
