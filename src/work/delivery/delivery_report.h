#pragma once

#include <cstdint>
#include <string>

#include "base/types/clock.h"
#include "state/spool/spooled_message.h"
#include "work/delivery/queue_id.h"
#include "work/delivery/submission.h"

namespace veredus::work::delivery {

/// What a sender is told of an account here.
enum class Reported : std::uint8_t {
  kDelivered,  // the message is in it
  kExpanded,   // it went on to the several places behind an alias
  kRemoved,    // the account was removed after the message was taken
};

/// Whether there is a sender, and it wants to be told: of a delivery when it asked for it, of a failure unless it asked
/// otherwise (RFC 3461 s4.1). What a list distributes is the list's.
[[nodiscard]] bool wants_report(const state::spool::SpooledMessage& message, const state::spool::SpooledTarget& target,
                                Reported about);

/// The report, under an id that is the same each time, so that it is sent once. `header` is the message's header block.
/// Source: RFC 3461 s6.
[[nodiscard]] OwnMessage delivery_report(const state::spool::SpooledMessage& message,
                                         const state::spool::SpooledTarget& target, Reported about, std::string header,
                                         std::string hostname, SystemTime now);

}  // namespace veredus::work::delivery
