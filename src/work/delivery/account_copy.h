#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/new_message.h"
#include "state/spool/spooled_message.h"
#include "wire/mime/structure.h"
#include "work/delivery/queue_id.h"

namespace veredus::work::delivery {

/// The fields that stand before a message in one account: Return-Path (RFC 5321 s4.4; `<>` for the null sender),
/// Delivered-To, those of the passage by which the target was reached, then the door's own.
[[nodiscard]] std::string account_header(const state::spool::SpooledMessage& message,
                                         const state::spool::SpooledTarget& target);

/// Makes the structure of a message that of `fields` and the message: what a parser fed with both would find. The
/// fields are whole lines and are not looked at.
void prepend_header(wire::mime::Structure& structure, std::string_view fields);

/// What the append of this message into this account carries, so that it happens once.
[[nodiscard]] state::mailbox::DedupeKey dedupe_key(const QueueId& id, AccountId account, SystemTime expiry);

/// The Received fields of a message, counted up to where the parser kept its header.
[[nodiscard]] unsigned count_received(const wire::mime::Structure& structure);

/// Whether the message says that it has been at this address before, in a Delivered-To field.
[[nodiscard]] bool has_passed(const wire::mime::Structure& structure, std::string_view address);

}  // namespace veredus::work::delivery
