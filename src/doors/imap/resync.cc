#include "doors/imap/resync.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "doors/imap/fetch_line.h"
#include "doors/imap/named_messages.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::kFirstUid;
using state::mailbox::MailboxChanges;
using state::mailbox::TableWalk;
using state::mailbox::UidRange;
using state::mailbox::UidSet;

namespace {

constexpr std::uint32_t kChangesAtOnce = 10'000;

UidSet uids_in(const wire::imap::SequenceSet& set) {
  UidSet uids;
  for (const auto& range : set.resolve(std::numeric_limits<std::uint32_t>::max()))
    uids.add(UidRange{Uid(range.first), Uid(range.last)});
  return uids;
}

std::vector<std::uint32_t> numbers_in(const wire::imap::SequenceSet& set) {
  constexpr std::size_t kMost = 10'000;  // the client chooses few and far between
  std::vector<std::uint32_t> numbers;
  for (const auto& range : set.ranges)
    for (std::uint64_t number = range.first; number <= range.last && numbers.size() < kMost; ++number)
      numbers.push_back(static_cast<std::uint32_t>(number));
  return numbers;
}

/// RFC 7162 s3.2.5.2: up to the last pair that still matches, the client has missed no expunge.
Uid known_good_up_to(const Selected& selected, const wire::imap::QresyncParam& known) {
  if (!known.sequence_match) return Uid();
  const auto numbers = numbers_in(known.sequence_match->first);
  const auto uids = numbers_in(known.sequence_match->second);
  Uid good;
  for (std::size_t i = 0; i < std::min(numbers.size(), uids.size()); ++i) {
    if (selected.uids().number(Uid(uids[i])) != numbers[i]) break;
    good = Uid(uids[i]);
  }
  return good;
}

/// What arrived and was not told yet is absent from the view, and did not vanish.
asio::awaitable<std::optional<UidSet>> absent(Talk* talk, UidSet asked) {
  const auto& selected = *talk->session.selected;
  const auto table = co_await talk->services.mailboxes.table(selected.account(), selected.mailbox());
  if (!table) co_return std::nullopt;
  co_return without(without(asked, present_uids(**table)), selected.uids().all());
}

}  // namespace

UidSet present_uids(const state::mailbox::MessageTable& table) {
  UidSet uids;
  for (const auto& page : table.pages())
    for (const auto& range : page->uids().ranges()) uids.add(range);
  return uids;
}

asio::awaitable<Uid> last_ever(Talk* talk) {
  const auto& selected = *talk->session.selected;
  const auto status = co_await talk->services.mailboxes.status(selected.account(), selected.mailbox());
  const auto last = selected.uids().last();
  co_return status ? std::max(last, Uid(status->uid_next.value - 1)) : last;
}

asio::awaitable<std::optional<UidSet>> vanished_since(Talk* talk, UidSet asked, ModSeq since) {
  const auto& selected = *talk->session.selected;
  UidSet vanished;
  while (true) {
    const auto changes =
        co_await talk->services.mailboxes.changes(selected.account(), selected.mailbox(), since, kChangesAtOnce);
    if (!changes) co_return std::nullopt;
    if (changes->expunges == MailboxChanges::Expunges::kIncomplete) co_return co_await absent(talk, std::move(asked));
    for (const auto& range : changes->expunged.ranges()) {
      const auto wanted = asked.within(range.first, range.last);
      for (const auto& part : wanted.ranges()) vanished.add(part);
    }
    since = changes->up_to;
    if (!changes->more) break;
  }
  // What this session still shows is told when that may be, not as earlier.
  co_return without(vanished, selected.uids().all());
}

asio::awaitable<bool> resynchronize(Talk* talk, wire::imap::QresyncParam known,
                                    std::shared_ptr<const state::mailbox::MessageTable> table) {
  auto& session = talk->session;
  const auto& selected = *session.selected;
  const ModSeq since(known.modseq);
  auto asked = known.known_uids ? uids_in(*known.known_uids) : UidSet();
  if (!known.known_uids) {  // RFC 7162 s3.2.5.1: all there ever were
    const auto last = co_await last_ever(talk);
    asked.add(UidRange{kFirstUid, std::max(last, kFirstUid)});
  }
  const auto good = known_good_up_to(selected, known);
  const auto doubtful = asked.within(Uid(good.value + 1), state::mailbox::kLastUid);
  const auto vanished = co_await vanished_since(talk, doubtful, since);
  if (vanished) wire::imap::append_vanished(talk->out.buffer(), wire::imap::Vanished::kEarlier, ranges_of(*vanished));
  TableWalk walk(std::move(table), asked, since);
  UidMap::Cursor cursor(selected.uids());
  while (const auto* message = walk.next()) {
    const auto number = cursor.number(message->uid);
    if (!number) continue;
    append_flags_line(talk, *number, *message);
    if (!talk->out.is_full()) continue;
    const bool sent = co_await talk->out.make_room();
    if (!sent) co_return false;
  }
  co_return true;
}

}  // namespace veredus::doors::imap
