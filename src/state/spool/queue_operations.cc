#include "state/spool/queue_operations.h"

#include <algorithm>
#include <utility>

#include "base/types/bytes.h"
#include "base/types/result.h"
#include "io/engine/limits.h"
#include "state/spool/spooled_message.h"

namespace veredus::state::spool {

using io::engine::Durability;
using io::engine::StoreError;
using Status = std::expected<void, StoreError>;

namespace {

constexpr std::size_t kRowOctets = 256;  // of an entry, besides its trace and recipients, roughly
constexpr std::size_t kRecipientOctets = 64;

std::size_t octets_of(const QueueEntry& entry) {
  return kRowOctets + entry.trace.size() + entry.recipients.size() * kRecipientOctets;
}

/// Erases an entry and what belongs to it.
void erase_entry(ShardTurn& turn, const EntryId& id, std::uint32_t chunks, bool shares_body) {
  turn.erase(queue_keys::entry(id));
  turn.erase_unseen(queue_keys::mark(id));
  if (shares_body) {
    turn.release_body(id.message(), chunks);
  } else {
    for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) turn.erase_unseen(queue_keys::chunk(id.message(), chunk));
  }
}

/// What an administrator did during the attempt stands.
void keep_administered(const QueueEntry& stored, QueueEntry& left) {
  left.route = stored.route;
  if (stored.hold != Hold::kNone) {
    left.hold = stored.hold;
    left.hold_reason = stored.hold_reason;
  }
  if (stored.expires_at >= left.expires_at) return;
  left.expires_at = stored.expires_at;
  left.due_at = std::min(left.due_at, left.expires_at);
}

void put_outbox(ShardTurn& turn, const OutboxItem& item) {
  const std::string_view message = item.message;
  std::uint32_t chunk = 0;
  for (std::size_t at = 0; at < message.size(); at += kChunkOctets)
    turn.put_unseen(queue_keys::outbox_chunk(item.id, chunk++), std::string(message.substr(at, kChunkOctets)));
  turn.put_unseen(queue_keys::outbox(item.id), encode_outbox(item));
}

}  // namespace

EnqueueOperation::EnqueueOperation(Enqueue enqueue, SystemTime remembered_until)
    : ShardOperation(Durability::kSynced),
      entries_(std::move(enqueue.entries)),
      last_chunk_(std::move(enqueue.last_chunk)),
      message_(entries_.front().id.message()),
      chunks_(entries_.front().chunks),
      once_(enqueue.once),
      remembered_until_(remembered_until),
      octets_(last_chunk_.size()) {
  for (auto& entry : entries_) {
    entry.shares_body = entries_.size() > 1;
    octets_ += octets_of(entry);
  }
}

void EnqueueOperation::collect(std::vector<std::string>& keys) const {
  if (performed_) {
    if (!stored.empty()) keys.push_back(queue_keys::entry(stored.front()->id));
    return;
  }
  if (chunks_ > 1) keys.push_back(queue_keys::staged(message_));
  if (!once_) return;
  for (const auto& entry : entries_) keys.push_back(queue_keys::dedupe(entry.id));
}

/// The last try was committed, or it was not: its octets are given away, so it is not done again.
Status EnqueueOperation::look_for_first(const ShardTurn& turn) const {
  if (stored.empty() || turn.row(queue_keys::entry(stored.front()->id)) != nullptr) return {};
  return std::unexpected(StoreError::kUnavailable);
}

void EnqueueOperation::put_body(ShardTurn& turn) {
  if (chunks_ > 0) turn.put_unseen(queue_keys::chunk(message_, chunks_ - 1), std::move(last_chunk_));
  if (chunks_ > 1) turn.erase(queue_keys::staged(message_));
}

Status EnqueueOperation::perform(ShardTurn& turn, bool /*repeated*/) {
  if (performed_) return look_for_first(turn);
  if (last_chunk_.size() > kChunkOctets) return std::unexpected(StoreError::kTooBig);
  if (chunks_ > 1 && !once_ && turn.row(queue_keys::staged(message_)) == nullptr)
    return std::unexpected(StoreError::kConflict);
  std::vector<std::pair<QueueEntry*, std::string>> rows;
  for (auto& entry : entries_) {
    if (once_ && turn.row(queue_keys::dedupe(entry.id)) != nullptr) continue;
    auto row = encode_queue_entry(entry);
    const auto replies_to_come = entry.recipients.size() * kMaxLastReplyOctets;
    if (row.size() + replies_to_come > io::engine::kMaxValueOctets) return std::unexpected(StoreError::kTooBig);
    rows.emplace_back(&entry, std::move(row));
  }
  performed_ = true;
  if (rows.empty()) {  // all of it was done before: what was staged again is not needed
    turn.erase(queue_keys::staged(message_));
    turn.release_body(message_, chunks_);
    return {};
  }
  std::string until;
  put_time(until, remembered_until_);
  for (auto& [entry, row] : rows) {
    if (once_) turn.put(queue_keys::dedupe(entry->id), until);
    turn.put(queue_keys::entry(entry->id), std::move(row));
    stored.push_back(std::make_shared<const QueueEntry>(std::move(*entry)));
  }
  put_body(turn);
  return {};
}

SettleOperation::SettleOperation(std::vector<Settlement> settlements)
    : ShardOperation(Durability::kSynced), settlements_(std::move(settlements)) {
  for (const auto& settlement : settlements_) {
    changes_ += 2 + settlement.chunks + 2 * settlement.outbox.size();
    if (settlement.left) octets_ += octets_of(*settlement.left);
    for (const auto& item : settlement.outbox) octets_ += item.message.size();
  }
}

void SettleOperation::collect(std::vector<std::string>& keys) const {
  for (const auto& settlement : settlements_)
    if (settlement.left) keys.push_back(queue_keys::entry(settlement.id));
}

void SettleOperation::settle(ShardTurn& turn, const Settlement& settlement) {
  if (!settlement.left) {
    erase_entry(turn, settlement.id, settlement.chunks, settlement.shares_body);
    stored.emplace_back();
    return;
  }
  const auto* row = turn.row(queue_keys::entry(settlement.id));
  if (row == nullptr) {  // dropped meanwhile
    turn.erase_unseen(queue_keys::mark(settlement.id));
    stored.emplace_back();
    return;
  }
  auto left = *settlement.left;
  if (const auto before = decode_queue_entry(settlement.id, *row)) keep_administered(*before, left);
  turn.put(queue_keys::entry(settlement.id), encode_queue_entry(left));
  turn.erase_unseen(queue_keys::mark(settlement.id));
  stored.push_back(std::make_shared<const QueueEntry>(std::move(left)));
}

Status SettleOperation::perform(ShardTurn& turn, bool /*repeated*/) {
  stored.clear();
  for (const auto& settlement : settlements_) {
    settle(turn, settlement);
    for (const auto& item : settlement.outbox) put_outbox(turn, item);
  }
  return {};
}

ChangeOperation::ChangeOperation(QueueQuery query, QueueChange change, std::vector<EntryId> ids)
    : ShardOperation(Durability::kSynced), query_(std::move(query)), change_(std::move(change)), ids_(std::move(ids)) {}

void ChangeOperation::collect(std::vector<std::string>& keys) const {
  for (const auto& id : ids_) keys.push_back(queue_keys::entry(id));
}

/// The try before was committed when the row says so.
void ChangeOperation::confirm(const ShardTurn& turn, const EntryId& id, std::vector<QueueEntry>& confirmed) const {
  const auto tried = tried_.find(id);
  if (tried == tried_.end()) return;
  const auto* row = turn.row(queue_keys::entry(id));
  const bool done = change_.kind == QueueChange::Kind::kDrop
                        ? row == nullptr
                        : row != nullptr && *row == encode_queue_entry(tried->second);
  if (done) confirmed.push_back(tried->second);
}

void ChangeOperation::change_one(ShardTurn& turn, QueueEntry entry) {
  if (change_.kind == QueueChange::Kind::kDrop) {
    erase_entry(turn, entry.id, entry.chunks, entry.shares_body);
  } else {
    if (!apply(change_, entry)) return;
    turn.put(queue_keys::entry(entry.id), encode_queue_entry(entry));
  }
  changed.push_back(std::move(entry));
}

Status ChangeOperation::perform(ShardTurn& turn, bool repeated) {
  std::vector<QueueEntry> confirmed;
  if (repeated)
    for (const auto& id : ids_) confirm(turn, id, confirmed);
  changed = std::move(confirmed);
  const auto already = changed.size();
  for (const auto& id : ids_) {
    const auto end = changed.begin() + static_cast<std::ptrdiff_t>(already);
    if (std::ranges::any_of(changed.begin(), end, [&](const auto& entry) { return entry.id == id; })) continue;
    const auto* row = turn.row(queue_keys::entry(id));
    if (row == nullptr) continue;
    auto entry = decode_queue_entry(id, *row);
    if (entry && matches(query_, *entry)) change_one(turn, *std::move(entry));
  }
  tried_.clear();
  for (const auto& entry : changed) tried_.emplace(entry.id, entry);
  return {};
}

Status DiscardOperation::perform(ShardTurn& turn, bool /*repeated*/) {
  turn.erase(queue_keys::staged(message_));
  turn.release_body(message_, std::nullopt);
  return {};
}

Settlement Settlement::done(const QueueEntry& entry) {
  return {.id = entry.id, .chunks = entry.chunks, .shares_body = entry.shares_body, .left = {}, .outbox = {}};
}

Settlement Settlement::again(QueueEntry left) {
  auto settlement = done(left);
  settlement.left = std::move(left);
  return settlement;
}

}  // namespace veredus::state::spool
