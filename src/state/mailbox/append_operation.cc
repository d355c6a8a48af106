#include "state/mailbox/append_operation.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "state/mailbox/email_id.h"
#include "state/mailbox/email_locations.h"
#include "state/mailbox/fresh_bodies.h"
#include "state/mailbox/keys.h"

namespace veredus::state::mailbox {
namespace {

std::uint64_t octets_of(const NewMessage& message) {
  return message.octets.size() + (message.staged ? message.staged->octets : 0);
}

template <class Each>
Outcome<void> for_each_mailbox(const NewMessage& message, const Each& each) {
  VEREDUS_TRY(each(message.mailbox));
  for (const MailboxId mailbox : message.also_in) VEREDUS_TRY(each(mailbox));
  return {};
}

std::vector<NewMessage> alone(NewMessage message) {
  std::vector<NewMessage> messages;
  messages.push_back(std::move(message));
  return messages;
}

}  // namespace

AppendOperation::AppendOperation(NewMessage message, QuotaLimits limits)
    : AppendOperation(alone(std::move(message)), limits) {}

AppendOperation::AppendOperation(std::vector<NewMessage> messages, QuotaLimits limits) : limits_(limits) {
  arrivals_.reserve(messages.size());
  for (auto& message : messages) {
    auto& arrival = arrivals_.emplace_back();
    arrival.message = std::move(message);
    rows::EmailRow row;
    row.received_at = arrival.message.internal_date;
    row.octets = octets_of(arrival.message);
    row.first_octets = static_cast<std::uint32_t>(arrival.message.octets.size());
    arrival.utf8_header = arrival.message.content.utf8_header;
    arrival.unended = arrival.message.content.unended;
    row.content = std::move(arrival.message.content);
    arrival.threads = thread_hashes(row.content);
    arrival.email_row = rows::encode(row);
  }
}

Outcome<void> AppendOperation::check() const {
  if (arrivals_.size() > kAppendMessages) return std::unexpected(MailboxError::kTooManyMessages);
  std::size_t octets = 0;
  std::vector<EmailId> staged;
  for (const auto& arrival : arrivals_) {
    const auto& message = arrival.message;
    if (message.staged) staged.push_back(message.staged->email);
    if (message.octets.size() > kChunkOctets) return std::unexpected(MailboxError::kTooBig);
    octets += message.octets.size() + arrival.email_row.size();
    if (message.staged && (message.staged->octets == 0 || !is_staged_id(message.staged->email)))
      return std::unexpected(MailboxError::kBadBody);
    if (!std::ranges::all_of(message.keywords, is_keyword)) return std::unexpected(MailboxError::kBadKeyword);
  }
  if (octets > kAppendOctets) return std::unexpected(MailboxError::kTooBig);
  std::ranges::sort(staged);
  if (std::ranges::adjacent_find(staged) != staged.end()) return std::unexpected(MailboxError::kBadBody);
  return {};
}

void AppendOperation::collect(const Turn& turn, std::vector<std::string>& wanted) const {
  for (const auto& arrival : arrivals_) {
    const auto& message = arrival.message;
    if (looks_first_) {
      wanted.push_back(keys::email(arrival.tried));
      wanted.push_back(keys::locations(arrival.tried));
    }
    if (message.dedupe) wanted.push_back(keys::dedupe(message.dedupe->key));
    if (message.staged) {
      wanted.push_back(keys::staged(message.staged->email));
      wanted.push_back(keys::email(message.staged->email));
    }
    if (arrival.threads.references.empty()) continue;  // a message that begins a thread costs no read
    const auto want_thread = [&](std::uint64_t hash) {
      if (hash != 0 && !turn.recent_thread(hash)) wanted.push_back(keys::thread_of(hash));
    };
    want_thread(arrival.threads.own);
    std::ranges::for_each(arrival.threads.references, want_thread);
  }
}

bool AppendOperation::look_first() {
  looks_first_ = std::ranges::all_of(
      arrivals_, [](const Arrival& arrival) { return arrival.already_there || arrival.tried != EmailId(); });
  return looks_first_;
}

/// Whether the last turn was committed after all; the results are filled in then.
Outcome<bool> AppendOperation::find_tried(const Turn& turn) {
  for (auto& arrival : arrivals_) {
    if (arrival.already_there) continue;
    const auto* row = turn.row(keys::email(arrival.tried));
    if (row == nullptr) return false;
    VEREDUS_TRY(const auto email, rows::decode_email(*row));
    VEREDUS_TRY(auto locations, locations_of(turn, arrival.tried, email.home));
    const auto* mailbox = turn.any_mailbox(email.home.mailbox);
    locations.erase(locations.begin(), locations.begin() + std::min<std::ptrdiff_t>(1, std::ssize(locations)));
    arrival.result = {AppendOutcome::kStored,
                      arrival.tried,
                      email.thread,
                      mailbox != nullptr ? mailbox->uid_validity : UidValidity(),
                      email.home,
                      std::move(locations),
                      turn.final_modseq()};
  }
  return true;
}

Outcome<void> AppendOperation::find_duplicate(const Turn& turn, Arrival& arrival) const {
  arrival.already_there = false;
  if (!arrival.message.dedupe) return {};
  const auto* row = turn.row(keys::dedupe(arrival.message.dedupe->key));
  if (row == nullptr) return {};
  VEREDUS_TRY(const auto first, rows::decode_dedupe(*row));
  if (first.expiry <= turn.now()) return {};
  arrival.already_there = true;
  arrival.result = {AppendOutcome::kAlreadyThere, first.email, ThreadId(), first.uid_validity, first.at, {},
                    turn.final_modseq()};
  return {};
}

Outcome<void> AppendOperation::check(const Turn& turn, Arrival& arrival, KeywordPlan& keywords) const {
  VEREDUS_TRY(find_duplicate(turn, arrival));
  if (arrival.already_there) return {};
  VEREDUS_TRY(for_each_mailbox(arrival.message, [&](MailboxId id) -> Outcome<void> {
    const auto* mailbox = turn.mailbox(id);
    if (mailbox == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
    if (std::uint64_t{mailbox->uid_next.value} + arrivals_.size() >= std::numeric_limits<std::uint32_t>::max())
      return std::unexpected(MailboxError::kTooManyMessages);
    keywords.want(turn, id, arrival.message.keywords);
    return {};
  }));
  if (!arrival.message.staged) return {};
  const auto& staged = *arrival.message.staged;
  const auto* row = turn.row(keys::staged(staged.email));
  if (row == nullptr || turn.row(keys::email(staged.email)) != nullptr)
    return std::unexpected(MailboxError::kStagedBodyGone);
  VEREDUS_TRY(const auto arrived, rows::decode_staged(*row));
  if (arrived.octets != staged.octets) return std::unexpected(MailboxError::kBadBody);
  return {};
}

Outcome<void> AppendOperation::check_quota(const Turn& turn) const {
  auto usage = turn.account().usage;
  usage.octets -= room_.octets;
  usage.messages -= room_.messages;
  for (const auto& arrival : arrivals_) {
    if (arrival.already_there) continue;
    usage.octets += octets_of(arrival.message);
    usage.messages += 1 + arrival.message.also_in.size();
  }
  if ((limits_.octets != 0 && usage.octets > limits_.octets) ||
      (limits_.messages != 0 && usage.messages > limits_.messages))
    return std::unexpected(MailboxError::kOverQuota);
  return {};
}

Outcome<void> AppendOperation::perform(Turn& turn) {
  if (looks_first_) {
    VEREDUS_TRY(const bool there, find_tried(turn));
    if (there) return {};
  }
  KeywordPlan keywords;
  for (auto& arrival : arrivals_) VEREDUS_TRY(check(turn, arrival, keywords));
  if (std::ranges::all_of(arrivals_, &Arrival::already_there)) return {};
  VEREDUS_TRY(check_quota(turn));
  keywords.settle(turn);
  for (auto& arrival : arrivals_) {
    VEREDUS_TRY(find_duplicate(turn, arrival));  // of one of this very append; nothing that can fail now
    if (!arrival.already_there) store(turn, arrival);
  }
  turn.require_sync();
  return {};
}

/// The thread of the messages it refers to; 0: none of them is known, nor was it referred to before it came. A damaged
/// row is no reason to refuse mail.
ThreadId AppendOperation::find_thread(const Turn& turn, const Arrival& arrival) {
  const auto look = [&](std::uint64_t hash) {
    if (hash == 0) return ThreadId();
    if (const auto recent = turn.recent_thread(hash)) return *recent;
    const auto* row = turn.row(keys::thread_of(hash));
    return row == nullptr ? ThreadId() : rows::decode_thread(*row).value_or(ThreadId());
  };
  for (const auto hash : arrival.threads.references)
    if (const auto thread = look(hash); thread != ThreadId()) return thread;
  return look(arrival.threads.own);
}

void AppendOperation::join_thread(Turn& turn, const Arrival& arrival) {
  const ThreadId thread = arrival.result.thread;
  if (thread.value != arrival.result.email.value)
    turn.put_unseen(keys::thread_member(thread, arrival.result.email), rows::encode_mark());
  const auto join = [&](std::uint64_t hash) {
    if (hash == 0 || turn.recent_thread(hash) || turn.row(keys::thread_of(hash)) != nullptr) return;
    turn.put(keys::thread_of(hash), rows::encode_thread(thread));
    turn.remember_thread(hash, thread);
  };
  join(arrival.threads.own);
  std::ranges::for_each(arrival.threads.references, join);
}

/// Gives the message its place in one mailbox.
Location AppendOperation::place(Turn& turn, const Arrival& arrival, MailboxId mailbox, rows::ChangeKind kind) {
  const auto& message = arrival.message;
  auto& row = turn.edit_mailbox(mailbox);
  Message placed;
  placed.uid = row.uid_next;
  placed.modseq = placed.created_modseq = turn.modseq();
  placed.flags = message.flags;
  placed.utf8_header = arrival.utf8_header;
  placed.unended = arrival.unended;
  placed.keywords = known_keywords(row.keywords, message.keywords);
  placed.internal_date = message.internal_date;
  placed.saved_at = turn.now();
  placed.body = {arrival.result.email, octets_of(message), static_cast<std::uint32_t>(message.octets.size())};
  ++row.uid_next.value;
  ++row.counts.messages;
  row.counts.octets += placed.body.octets;
  if (!message.flags.has(Flag::kSeen)) ++row.counts.unseen;
  if (message.flags.has(Flag::kDeleted)) ++row.counts.deleted;
  turn.put_unseen(keys::message(mailbox, placed.uid), rows::encode(placed));
  turn.log(mailbox, kind, placed.uid, placed.body.email);
  return {mailbox, placed.uid};
}

void AppendOperation::store(Turn& turn, Arrival& arrival) const {
  const auto& message = arrival.message;
  auto& account = turn.edit_account();
  auto& result = arrival.result;
  if (!message.staged) account.last_email = email_id_after(account.last_email, turn.now());
  result.outcome = AppendOutcome::kStored;
  result.email = message.staged ? message.staged->email : account.last_email;
  result.thread = find_thread(turn, arrival);
  if (result.thread == ThreadId()) result.thread = ThreadId(result.email.value);
  result.modseq = turn.modseq();
  result.uid_validity = turn.mailbox(message.mailbox)->uid_validity;
  arrival.tried = result.email;

  result.at = place(turn, arrival, message.mailbox, rows::ChangeKind::kArrived);
  result.also_at.clear();
  for (const MailboxId mailbox : message.also_in)
    result.also_at.push_back(place(turn, arrival, mailbox, rows::ChangeKind::kCopied));
  if (!result.also_at.empty()) {
    std::vector<Location> everywhere(1, result.at);
    everywhere.insert(everywhere.end(), result.also_at.begin(), result.also_at.end());
    turn.put_unseen(keys::locations(result.email), rows::encode_locations(everywhere));
  }
  join_thread(turn, arrival);

  std::string email_row = arrival.email_row;
  rows::settle_email(email_row, result.thread, result.at);
  turn.put_unseen(keys::email(result.email), std::move(email_row));
  if (!message.staged || !message.octets.empty()) turn.put_unseen(keys::chunk(result.email, 0), message.octets);
  if (message.staged) {
    turn.expect(keys::staged(result.email), *turn.row(keys::staged(result.email)));
    turn.erase(keys::staged(result.email));
  }
  if (message.dedupe) {
    const auto& [key, expiry, flags] = *message.dedupe;
    rows::DedupeRow row{expiry, result.email, result.at, result.uid_validity, {}};
    if (flags == DedupeKey::Flags::kRemembered) row.source_flags = SourceFlags{message.flags, message.keywords};
    turn.put(keys::dedupe(key), rows::encode(row));
    turn.put_unseen(keys::due_dedupe(expiry, key), rows::encode_mark());
  }
  account.usage.octets += octets_of(message);
  account.usage.messages += 1 + result.also_at.size();
}

void AppendOperation::shelve(AccountId account, FreshBodies& shelf) {
  for (auto& arrival : arrivals_)
    if (!arrival.already_there) shelf.put(account, arrival.result.email, std::move(arrival.message.octets));
}

std::vector<Appended> AppendOperation::take_result() {
  std::vector<Appended> results;
  results.reserve(arrivals_.size());
  for (auto& arrival : arrivals_) results.push_back(std::move(arrival.result));
  return results;
}

}  // namespace veredus::state::mailbox
