#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/spool/mail_parameters.h"
#include "state/spool/queue_id.h"

namespace veredus::state::spool {

using Shard = std::uint32_t;
constexpr Shard kShards = 256;
/// Where the entries of a destination are: `domain` in lower case, A-labels. On disk, do not change.
[[nodiscard]] Shard shard_of(std::string_view domain);

/// Recipients in one entry; a message with more at one destination makes several entries, told apart by `part`.
constexpr std::size_t kMaxEntryRecipients = 500;
constexpr std::size_t kMaxLastReplyOctets = 1000;  // of a reply kept with a recipient; the rest is cut off

/// One message at one destination by one route: the message's queue id and 6 octets of SHA-256 of the rest, so that the
/// same step done again makes the same name.
struct EntryId {
  std::array<std::uint8_t, 16> octets{};

  [[nodiscard]] static EntryId make(const QueueId& message, std::string_view domain, std::string_view route,
                                    std::uint32_t part = 0);
  [[nodiscard]] QueueId message() const;
  /// The 16 octets as they stand in keys.
  [[nodiscard]] std::string_view key() const { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

  friend auto operator<=>(const EntryId&, const EntryId&) = default;
};
/// What people see: the queue id, `-`, 10 characters of lower-case base32.
[[nodiscard]] std::string to_string(const EntryId& id);
/// Reads back what to_string wrote, in either case; nullopt for anything else.
[[nodiscard]] std::optional<EntryId> parse_entry_id(std::string_view text);
/// Reads back EntryId::key().
[[nodiscard]] std::optional<EntryId> entry_id_of_key(std::string_view key);

struct QueuedRecipient {
  std::string address;  // as text, for RCPT
  std::optional<wire::smtp::Notify> notify = {};
  std::optional<wire::smtp::OriginalRecipient> original = {};
  std::string last_reply = {};  // to the last attempt, or why there was none; empty: not tried yet
  std::uint16_t attempts = 0;   // that reached RCPT
  friend bool operator==(const QueuedRecipient&, const QueuedRecipient&) = default;
};

/// Why an entry waits beyond its due time. On disk, do not renumber.
enum class Hold : std::uint8_t {
  kNone = 0,
  kAdministrator = 1,  // until released
  kBrake = 2,          // a limit of the sender's; until the queue or an administrator releases it
};
[[nodiscard]] std::string_view to_string(Hold hold);

/// One message at one destination, waiting to be sent. The octets of the message are in `chunks` chunks of kChunkOctets
/// each, the last one shorter, shared by the shard's entries of that message. Row: docs/formats/queue.md.
struct QueueEntry {
  EntryId id;
  std::string domain;                       // of all its recipients: lower case, A-labels, or an address literal
  std::string route;                        // a route's name (work/delivery); empty: by MX
  std::string pool;                         // of egress addresses; empty: the default
  std::optional<std::string> sender;        // as text; nullopt: the null reverse-path
  std::vector<QueuedRecipient> recipients;  // those still to be reached, 1..kMaxEntryRecipients
  SystemTime accepted_at{};
  SystemTime due_at{};
  SystemTime expires_at{};
  std::optional<SystemTime> delay_notice_at;  // nullopt: none is to come (any more)
  std::uint32_t attempts = 0;                 // all that were begun and had a result
  std::uint16_t uncertain = 0;                // of them ended without knowing whether the peer took it
  TrafficClass traffic = TrafficClass::kTransactional;
  Hold hold = Hold::kNone;
  std::string hold_reason;
  std::optional<AccountId> submitter;  // who authenticated
  std::uint64_t sender_key = 0;        // fairness: entries with the same key share a place in the lane
  MailParameters mail;
  std::uint64_t octets = 0;  // of the message as received, without `trace`
  std::uint32_t chunks = 0;
  bool shares_body = false;  // other entries of the message are, or were, in the shard; enqueue() sets it
  std::string trace;         // header fields to stand before the message
  friend bool operator==(const QueueEntry&, const QueueEntry&) = default;
};

/// What a recipient takes of its entry's row at most, its last reply included; and what an entry takes without any,
/// with some room for what may happen to it.
[[nodiscard]] std::size_t row_octets(const QueuedRecipient& recipient);
[[nodiscard]] std::size_t row_octets_without_recipients(const QueueEntry& entry);

/// The row of an entry. Replies longer than kMaxLastReplyOctets are cut.
[[nodiscard]] std::string encode_queue_entry(const QueueEntry& entry);
/// nullopt: not what encode_queue_entry wrote.
[[nodiscard]] std::optional<QueueEntry> decode_queue_entry(const EntryId& id, std::string_view row);

}  // namespace veredus::state::spool

template <>
struct std::hash<veredus::state::spool::EntryId> {
  std::size_t operator()(const veredus::state::spool::EntryId& id) const noexcept {
    return std::hash<std::string_view>{}(id.key());
  }
};
