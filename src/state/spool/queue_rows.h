#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "state/spool/queue_entry.h"

namespace veredus::state::spool {

/// Written before the final dot of an attempt. A mark without a result, found when a shard is taken over, says that the
/// message was perhaps sent; an entry without a mark certainly was not.
struct AttemptMark {
  EntryId id;
  SystemTime at{};
  std::string host;         // the mail host and its address
  std::uint64_t epoch = 0;  // of the lease it was written under; mark() fills it in
  friend bool operator==(const AttemptMark&, const AttemptMark&) = default;
};

/// A message that a result gave rise to, kept with the result until it was submitted. Its id is chosen when it is
/// written and is the queue id of the message it becomes: submitting it again is seen.
struct OutboxItem {
  QueueId id;
  EntryId about;
  std::string recipient;  // as text
  std::string message;    // whole, lines ended by CRLF
  bool smtputf8 = false;
  friend bool operator==(const OutboxItem&, const OutboxItem&) = default;
};

/// What the queue has learnt about a site, kept so that a restart does not begin with a storm.
struct DestinationState {
  std::string domain;                    // what the queue calls the site
  std::uint32_t connections = 0;         // at a time, as learnt; 0: nothing learnt
  std::uint32_t failures = 0;            // one after another
  std::optional<SystemTime> not_before;  // backing off
  std::string last_reply;
  SystemTime changed_at{};
  std::string tls;  // of the last connection, "TLSv1.3 …"; empty: in the clear, or not known
  friend bool operator==(const DestinationState&, const DestinationState&) = default;
};

/// What is paused. On disk, do not renumber.
enum class PauseOf : std::uint8_t { kEverything = 0, kDestination = 1, kSender = 2 };
[[nodiscard]] std::string_view to_string(PauseOf of);

/// Set by an administrator, until resumed.
struct Pause {
  PauseOf of = PauseOf::kEverything;
  std::string subject;  // kDestination: a domain; kSender: an address, or `@` and a domain; kEverything: empty
  std::string reason;
  SystemTime since{};
  friend bool operator==(const Pause&, const Pause&) = default;
};

// Rows; nullopt: not what encode_ wrote. An outbox item's message is in chunks, apart from its row.
[[nodiscard]] std::string encode_mark(const AttemptMark& mark);
[[nodiscard]] std::optional<AttemptMark> decode_mark(const EntryId& id, std::string_view row);
[[nodiscard]] std::string encode_outbox(const OutboxItem& item);
struct OutboxRow {
  OutboxItem item;  // without its message
  std::uint32_t chunks = 0;
};
[[nodiscard]] std::optional<OutboxRow> decode_outbox(const QueueId& id, std::string_view row);
[[nodiscard]] std::string encode_destination(const DestinationState& state);
[[nodiscard]] std::optional<DestinationState> decode_destination(std::string_view domain, std::string_view row);
[[nodiscard]] std::string encode_pause(const Pause& pause);
[[nodiscard]] std::optional<Pause> decode_pause(std::string_view key, std::string_view row);

/// Keys of a queue shard. The first octet says what a row is. docs/formats/queue.md
namespace queue_keys {
[[nodiscard]] std::string entry(const EntryId& id);                              // e|id16
[[nodiscard]] std::string entries_of(const QueueId& message);                    // e|queueid10: prefix of its entries
[[nodiscard]] std::string mark(const EntryId& id);                               // a|id16
[[nodiscard]] std::string chunk(const QueueId& message, std::uint32_t chunk);    // x|queueid10|chunk4
[[nodiscard]] std::string staged(const QueueId& message);                        // p|queueid10
[[nodiscard]] std::string dedupe(const EntryId& id);                             // k|id16
[[nodiscard]] std::string outbox_chunk(const QueueId& id, std::uint32_t chunk);  // xo|queueid10|chunk4
[[nodiscard]] std::string outbox(const QueueId& id);                             // o|queueid10
[[nodiscard]] std::string destination(std::string_view domain);                  // g|domain
[[nodiscard]] std::string pause(PauseOf of, std::string_view subject);           // h|kind1|subject
}  // namespace queue_keys

}  // namespace veredus::state::spool
