#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "state/spool/queue_entry.h"
#include "state/spool/spooled_message.h"
#include "work/delivery/envelope.h"
#include "work/delivery/queue_id.h"

namespace veredus::work::delivery {

/// How long the queue tries, by what a message is.
struct Lifetimes {
  std::chrono::seconds transactional = std::chrono::hours(5 * 24);  // RFC 5321 s4.5.4.1: at least 4 to 5 days
  std::chrono::seconds bulk = std::chrono::hours(2 * 24);
  std::chrono::seconds report =
      std::chrono::hours(2 * 24);  // to the null sender's recipients: nobody is told when it fails
  std::chrono::seconds delay_notice = std::chrono::hours(4);  // when a sender is told that a message still waits
};

/// The envelope of a message as it is stored: targets, addresses elsewhere and what is changed on the way to them.
/// Octets, chunks and trace are the caller's.
[[nodiscard]] state::spool::SpooledMessage spooled_envelope(const Envelope& envelope, const QueueId& id,
                                                            SystemTime accepted_at);

/// The queue entries of a message in one shard.
struct ShardEntries {
  state::spool::Shard shard = 0;
  std::vector<state::spool::QueueEntry> entries;
};

/// One entry for each destination, route and passage, and for each recipient of bulk mail and of lists' posts, of the
/// message's addresses elsewhere, by shard, in order. The same message gives the same entries, also after all addresses
/// of some shards were taken off it.
[[nodiscard]] std::vector<ShardEntries> queue_entries(const state::spool::SpooledMessage& message,
                                                      const Lifetimes& lifetimes);

/// The shard of one address elsewhere.
[[nodiscard]] state::spool::Shard shard_of_address(std::string_view address);

}  // namespace veredus::work::delivery
