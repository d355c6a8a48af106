#include "state/spool/queue_query.h"

#include <algorithm>

#include "base/codec/ascii.h"

namespace veredus::state::spool {
namespace {

using base::codec::iends_with_ascii;
using base::codec::iequals_ascii;

bool is_address(std::string_view wanted, std::string_view address) {
  return wanted.starts_with('@') ? iends_with_ascii(address, wanted) : iequals_ascii(wanted, address);
}

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return base::codec::to_lower_ascii(a) == base::codec::to_lower_ascii(b); };
  return part.empty() || !std::ranges::search(text, part, same).empty();
}

bool has_recipient(std::string_view wanted, const QueueEntry& entry) {
  return std::ranges::any_of(entry.recipients,
                             [&](const auto& recipient) { return is_address(wanted, recipient.address); });
}

bool has_reason(std::string_view wanted, const QueueEntry& entry) {
  return contains(entry.hold_reason, wanted) || std::ranges::any_of(entry.recipients, [&](const auto& recipient) {
           return contains(recipient.last_reply, wanted);
         });
}

bool has_names(const QueueQuery& query, const QueueEntry& entry) {
  if (query.entry && *query.entry != entry.id) return false;
  if (query.message && *query.message != entry.id.message()) return false;
  if (query.domain && *query.domain != entry.domain) return false;
  if (query.route && *query.route != entry.route) return false;
  return !query.submitter || query.submitter == entry.submitter;
}

bool set(SystemTime& time, SystemTime to) {
  const bool changes = time != to;
  time = to;
  return changes;
}

bool hold(const QueueChange& change, QueueEntry& entry) {
  if (entry.hold == change.hold && entry.hold_reason == change.reason) return false;
  if (entry.hold == Hold::kAdministrator && change.hold == Hold::kBrake) return false;  // the stronger hold stands
  entry.hold = change.hold;
  entry.hold_reason = change.reason;
  return true;
}

bool release(const QueueChange& change, QueueEntry& entry) {
  if (entry.hold == Hold::kNone) return false;
  entry.hold = Hold::kNone;
  entry.hold_reason.clear();
  entry.due_at = change.due_at;
  return true;
}

bool bounce(const QueueChange& change, QueueEntry& entry) {
  entry.hold = Hold::kNone;
  entry.hold_reason.clear();
  entry.expires_at = std::min(entry.expires_at, change.due_at);
  entry.due_at = entry.expires_at;
  return true;
}

bool reroute(const QueueChange& change, QueueEntry& entry) {
  if (entry.route == change.route) return false;
  entry.route = change.route;
  entry.due_at = change.due_at;
  return true;
}

}  // namespace

bool matches(const QueueQuery& query, const QueueEntry& entry) {
  if (!has_names(query, entry)) return false;
  if (query.accepted_before && entry.accepted_at >= *query.accepted_before) return false;
  if (query.held && *query.held != (entry.hold != Hold::kNone)) return false;
  if (query.sender) {
    const auto sender = entry.sender.value_or("");
    if (query.sender->empty() ? !sender.empty() : !is_address(*query.sender, sender)) return false;
  }
  if (query.recipient && !has_recipient(*query.recipient, entry)) return false;
  return !query.reason || has_reason(*query.reason, entry);
}

std::optional<Shard> only_shard(const QueueQuery& query) {
  if (!query.domain) return std::nullopt;
  return shard_of(*query.domain);
}

bool apply(const QueueChange& change, QueueEntry& entry) {
  switch (change.kind) {
    case QueueChange::Kind::kRetry:
      return set(entry.due_at, change.due_at);
    case QueueChange::Kind::kHold:
      return hold(change, entry);
    case QueueChange::Kind::kRelease:
      return release(change, entry);
    case QueueChange::Kind::kBounce:
      return bounce(change, entry);
    case QueueChange::Kind::kReroute:
      return reroute(change, entry);
    case QueueChange::Kind::kDrop:
      break;
  }
  return false;
}

}  // namespace veredus::state::spool
