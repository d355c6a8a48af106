#include "state/mailbox/transfer_operation.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/keyword_table.h"
#include "state/mailbox/stored_sheets.h"

namespace veredus::state::mailbox {

TransferOperation::TransferOperation(Kind kind, MailboxId from, UidSet uids, MailboxId to, QuotaLimits limits,
                                     AllowedFlags allowed)
    : kind_(kind), from_(from), uids_(std::move(uids)), to_(to), limits_(limits), allowed_(allowed) {}

AsyncOutcome<void> TransferOperation::read(Turn* turn) {
  VEREDUS_CO_TRY(picked_, co_await pick_messages(turn, from_, uids_, kSliceMessages));
  if (kind_ == Kind::kMove) VEREDUS_CO_TRY(co_await flag_pages_.read(turn, from_, picked_.messages.size()));
  locations_ = EmailLocations(from_, picked_.messages);
  co_return co_await locations_.read(turn);
}

Outcome<void> TransferOperation::check(Turn& turn) {
  const auto* from = turn.mailbox(from_);
  const auto* to = turn.mailbox(to_);
  if (from == nullptr || to == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
  if (std::uint64_t{to->uid_next.value} + picked_.messages.size() >= std::numeric_limits<std::uint32_t>::max())
    return std::unexpected(MailboxError::kTooManyMessages);
  if (kind_ == Kind::kCopy && limits_.messages != 0 && !picked_.messages.empty() &&
      turn.account().usage.messages + picked_.messages.size() > limits_.messages)
    return std::unexpected(MailboxError::kOverQuota);
  KeywordSet used;
  if (allowed_.keywords)
    for (const auto& message : picked_.messages) used = used.with(message.keywords);
  KeywordPlan keywords;
  keywords.want(turn, to_, keyword_names(from->keywords, used));
  keywords.settle(turn);
  return {};
}

Message TransferOperation::arrive(Turn& turn, const Message& message) const {
  const bool has_names = allowed_.keywords && !message.keywords.empty();
  const auto names =
      has_names ? keyword_names(turn.mailbox(from_)->keywords, message.keywords) : std::vector<std::string>();
  auto& to = turn.edit_mailbox(to_);
  Message arrived = message;
  arrived.uid = to.uid_next;
  arrived.modseq = arrived.created_modseq = turn.modseq();
  arrived.flags = allowed_.of(message.flags);
  arrived.keywords = known_keywords(to.keywords, names);
  arrived.saved_at = turn.now();
  ++to.uid_next.value;
  ++to.counts.messages;
  to.counts.octets += message.body.octets;
  if (!arrived.flags.has(Flag::kSeen)) ++to.counts.unseen;
  if (arrived.flags.has(Flag::kDeleted)) ++to.counts.deleted;
  turn.put(keys::message(to_, arrived.uid), rows::encode(arrived));
  turn.log(to_, rows::ChangeKind::kCopied, arrived.uid, arrived.body.email);
  return arrived;
}

void TransferOperation::leave(Turn& turn, const Message& message) const {
  auto& from = turn.edit_mailbox(from_);
  --from.counts.messages;
  from.counts.octets -= message.body.octets;
  if (!message.flags.has(Flag::kSeen)) --from.counts.unseen;
  if (message.flags.has(Flag::kDeleted)) --from.counts.deleted;
  turn.erase(keys::message(from_, message.uid));
  turn.log(from_, rows::ChangeKind::kExpunged, message.uid, message.body.email);
}

Outcome<void> TransferOperation::perform(Turn& turn) {
  result_ = {};
  VEREDUS_TRY(check(turn));
  if (kind_ == Kind::kMove) {
    erase_sheets(turn, from_, picked_.messages);
    flag_pages_.erase(turn, from_);
  }
  for (const auto& message : picked_.messages) {
    auto& locations = locations_.of(message.body.email);
    const auto arrived = arrive(turn, message);
    locations.push_back({to_, arrived.uid});
    if (kind_ == Kind::kMove) {
      leave(turn, message);
      std::erase(locations, Location{from_, message.uid});
    }
    result_.uids.emplace_back(message.uid, arrived.uid);
  }
  locations_.write(turn);
  if (!result_.uids.empty()) {
    if (kind_ == Kind::kCopy) turn.edit_account().usage.messages += result_.uids.size();
    turn.require_sync();
  }
  result_.uid_validity = turn.mailbox(to_)->uid_validity;
  result_.modseq = turn.final_modseq();
  return {};
}

}  // namespace veredus::state::mailbox
