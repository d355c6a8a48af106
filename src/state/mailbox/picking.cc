#include "state/mailbox/picking.h"

#include <algorithm>
#include <span>
#include <utility>

#include "state/mailbox/flag_reading.h"
#include "state/mailbox/keys.h"

namespace veredus::state::mailbox {
namespace {

/// Messages named one by one, from range `index` on: read all at once.
AsyncOutcome<void> pick_single(Turn* turn, MailboxId mailbox, std::vector<Uid> uids, std::vector<Message>* messages) {
  std::vector<std::string> wanted;
  wanted.reserve(uids.size());
  for (const Uid uid : uids) wanted.push_back(keys::message(mailbox, uid));
  VEREDUS_CO_TRY(auto flags, co_await read_flags(turn, mailbox, uids));
  VEREDUS_CO_TRY(co_await turn->fetch(std::move(wanted)));
  for (const Uid uid : uids) {
    const auto* row = turn->row(keys::message(mailbox, uid));
    if (row == nullptr) continue;
    VEREDUS_CO_TRY(auto message, rows::decode_message(uid, *row));
    flags.apply(message);
    messages->push_back(message);
  }
  co_return Outcome<void>();
}

/// Answers the last UID looked at.
AsyncOutcome<Uid> pick_range(Turn* turn, MailboxId mailbox, UidRange range, std::uint32_t limit,
                             std::vector<Message>* messages) {
  io::engine::ScanOptions options;
  options.limit = limit;
  VEREDUS_CO_TRY(const auto page, co_await turn->scan(keys::message(mailbox, range.first),
                                                      keys::message(mailbox, range.last) + '\0', options));
  const auto first = messages->size();
  VEREDUS_CO_TRY(add_messages(page.rows, *messages));
  if (messages->size() > first) {
    const UidRange around{(*messages)[first].uid, messages->back().uid};
    VEREDUS_CO_TRY(auto flags, co_await read_flags(turn, mailbox, around));
    flags.apply(std::span(*messages).subspan(first));
  }
  if (page.next.empty()) co_return range.last;
  const auto last = keys::parse_message(std::string_view(page.next).substr(0, page.next.size() - 1));
  if (!last) co_return std::unexpected(MailboxError::kCorrupt);
  co_return last->uid;
}

}  // namespace

Outcome<void> add_messages(const std::vector<io::engine::Row>& rows, std::vector<Message>& messages) {
  for (const auto& row : rows) {
    const auto at = keys::parse_message(row.key);
    if (!at) return std::unexpected(MailboxError::kCorrupt);
    VEREDUS_TRY(const auto message, rows::decode_message(at->uid, row.value));
    messages.push_back(message);
  }
  return {};
}

AsyncOutcome<Picked> pick_messages(Turn* turn, MailboxId mailbox, UidSet uids, std::uint32_t limit) {
  Picked picked;
  std::uint32_t looked_at = 0;
  const auto& ranges = uids.ranges();
  for (std::size_t i = 0; i < ranges.size();) {
    if (looked_at >= limit) {
      picked.rest = uids.within(ranges[i].first, kLastUid);
      co_return picked;
    }
    if (ranges[i].first != ranges[i].last) {
      const auto before = picked.messages.size();
      VEREDUS_CO_TRY(const auto last,
                     co_await pick_range(turn, mailbox, ranges[i], limit - looked_at, &picked.messages));
      looked_at += static_cast<std::uint32_t>(picked.messages.size() - before) + 1;
      if (last < ranges[i].last) {
        picked.rest = uids.within(Uid(last.value + 1), kLastUid);
        co_return picked;
      }
      ++i;
      continue;
    }
    std::vector<Uid> single;
    for (; i < ranges.size() && ranges[i].first == ranges[i].last && looked_at < limit; ++i, ++looked_at)
      single.push_back(ranges[i].first);
    VEREDUS_CO_TRY(co_await pick_single(turn, mailbox, std::move(single), &picked.messages));
  }
  co_return picked;
}

Picked pick_messages(const std::shared_ptr<const MessageTable>& table, const UidSet& uids, std::uint32_t limit,
                     FlagSet having) {
  Picked picked;
  picked.messages.reserve(std::min<std::uint64_t>({limit, table->size(), uids.size()}));
  TableWalk walk(table, uids);
  while (const auto* message = walk.next()) {
    if (!message->flags.has_all(having)) continue;
    if (picked.messages.size() == limit) {
      picked.rest = uids.within(message->uid, kLastUid);
      break;
    }
    picked.messages.push_back(*message);
  }
  return picked;
}

bool is_current(const Turn& turn, MailboxId mailbox, const MessageTable* table) {
  const auto* row = turn.any_mailbox(mailbox);
  return table != nullptr && row != nullptr && row->uid_validity == table->uid_validity() &&
         row->highest_modseq <= table->as_of() && table->as_of() < turn.modseq();
}

}  // namespace veredus::state::mailbox
