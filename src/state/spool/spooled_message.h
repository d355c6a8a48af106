#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/spool/mail_parameters.h"
#include "state/spool/queue_id.h"

namespace veredus::state::spool {

constexpr std::uint32_t kChunkOctets = 256 * 1024;

/// What a list or a forward on the way changes for those it leads to.
struct SpooledPassage {
  std::optional<std::string> sender;  // the return path from here on; nullopt: stays the message's
  std::string fields;                 // header fields to stand before the message's own trace
  bool is_list = false;
  friend bool operator==(const SpooledPassage&, const SpooledPassage&) = default;
};

/// Of a target without an account: the sender is told that the message went on to several places.
inline constexpr std::string_view kExpandedDetail = "expanded";

/// One account a spooled message still has to reach.
struct SpooledTarget {
  AccountId account;         // 0: nobody; the sender is told that the message was delivered, or see kExpandedDetail
  std::string delivered_to;  // the recipient that led there, as text; for Delivered-To
  std::string detail;        // of `name+detail@…`; empty: none
  std::optional<wire::smtp::Notify> notify = {};
  std::optional<wire::smtp::OriginalRecipient> original = {};
  std::uint32_t passage = 0;  // in SpooledMessage::passages, counted from 1; 0: none
  friend bool operator==(const SpooledTarget&, const SpooledTarget&) = default;
};

/// One address elsewhere a spooled message still has to be queued for.
struct SpooledRemote {
  std::string address;  // as text, for RCPT
  std::string route;    // a route's name (work/delivery); empty: by MX
  std::optional<wire::smtp::Notify> notify = {};
  std::optional<wire::smtp::OriginalRecipient> original = {};
  std::uint32_t passage = 0;  // in SpooledMessage::passages, counted from 1; 0: none
  friend bool operator==(const SpooledRemote&, const SpooledRemote&) = default;
};

/// A message that was answered 250 and waits in its intake slot until every target has it. Its octets, as received, are
/// in `chunks` chunks of kChunkOctets each, the last one shorter.
struct SpooledMessage {
  QueueId id;
  SystemTime received_at;
  std::optional<std::string> sender;  // as text; nullopt: the null reverse-path
  std::string trace;                  // header fields to stand before the message, after Return-Path and Delivered-To
  std::uint64_t octets = 0;
  std::uint32_t chunks = 0;
  std::vector<SpooledTarget> targets;
  std::vector<SpooledRemote> remotes;
  std::vector<SpooledPassage> passages;
  MailParameters mail;
  std::optional<AccountId> submitter;  // who authenticated
  TrafficClass traffic = TrafficClass::kTransactional;
  std::uint64_t sender_key = 0;  // for the queue: QueueEntry
  std::string pool;              // for the queue: QueueEntry
  bool junk = false;             // accounts get it into their mailbox for junk
  friend bool operator==(const SpooledMessage&, const SpooledMessage&) = default;
};

/// The envelope row, of the newest version; those before it are read. Format: docs/formats/intake.md.
[[nodiscard]] std::string encode_spooled(const SpooledMessage& message);
/// nullopt: not what encode_spooled wrote.
[[nodiscard]] std::optional<SpooledMessage> decode_spooled(const QueueId& id, std::string_view row);

[[nodiscard]] std::string envelope_key(const QueueId& id);
[[nodiscard]] std::string staging_key(const QueueId& id);
[[nodiscard]] std::string chunk_key(const QueueId& id, std::uint32_t chunk);

}  // namespace veredus::state::spool
