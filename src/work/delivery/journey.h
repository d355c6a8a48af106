#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/observe/events.h"
#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/spool/spooled_message.h"
#include "wire/smtp/address.h"
#include "work/delivery/assessment.h"
#include "work/delivery/delivery_error.h"
#include "work/delivery/envelope.h"
#include "work/delivery/queue_id.h"

namespace veredus::work::delivery {

// The steps of a message's journey, as the journal keeps them. Few for each message: one when it is taken, one for each
// account.

/// Taken: it is on disk. Takes the envelope's circumstances with it.
[[nodiscard]] base::observe::JournalEvent received_event(SystemTime at, const QueueId& id, Envelope envelope,
                                                         std::uint64_t octets, std::string message_id);
/// In an account.
[[nodiscard]] base::observe::JournalEvent delivered_event(SystemTime at, const QueueId& id,
                                                          const state::spool::SpooledTarget& target, EmailId email,
                                                          Folder folder);
/// Not taken after its data: the peer was told so. With the circumstances.
[[nodiscard]] base::observe::JournalEvent failed_event(SystemTime at, const QueueId& id, const Envelope& envelope,
                                                       std::string_view reason);
/// Taken, and now given up for one account.
[[nodiscard]] base::observe::JournalEvent undeliverable_event(SystemTime at, const QueueId& id,
                                                              const state::spool::SpooledTarget& target,
                                                              std::string_view reason);
/// A recipient refused at RCPT, or a message before its data: it has no queue id yet.
[[nodiscard]] base::observe::JournalEvent refused_event(SystemTime at, std::string sender,
                                                        const wire::smtp::Address& recipient, std::string_view reason);

}  // namespace veredus::work::delivery
