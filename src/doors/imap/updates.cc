#include "doors/imap/updates.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/observe/log.h"
#include "doors/imap/fetch_commands.h"
#include "doors/imap/fetch_line.h"
#include "doors/imap/named_messages.h"
#include "doors/imap/search_contexts.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::FlagsStored;
using state::mailbox::MailboxChanges;
using state::mailbox::MailboxError;
using state::mailbox::UidRange;
using state::mailbox::UidSet;

namespace {

constexpr std::uint32_t kChangesAtOnce = 10'000;

/// RFC 7162 s3.2.5.2: expunges the log no longer has are what is absent.
asio::awaitable<bool> compare_with_what_is_there(Talk* talk) {
  auto& selected = *talk->session.selected;
  const auto table = co_await talk->services.mailboxes.table(selected.account(), selected.mailbox());
  if (!table) co_return table.error() != MailboxError::kNoSuchMailbox;
  UidSet present;
  for (const auto& page : (*table)->pages())
    for (const auto& message : page->messages) present.add(message.uid);
  selected.note_present(present);
  co_return true;
}

void tell_expunges(Talk* talk) {
  tell_contexts_of_expunges(talk);
  auto& session = talk->session;
  auto& selected = *session.selected;
  auto& out = talk->out.buffer();
  if (session.has(Extension::kQresync) || session.has(Extension::kUidOnly)) {
    const auto gone = selected.take_expunged();
    wire::imap::append_vanished(out, wire::imap::Vanished::kNow, ranges_of(gone));
    return;
  }
  std::uint32_t told = 0;
  UidMap::Cursor cursor(selected.uids());
  for (const auto& [uid, email] : selected.ghosts())
    if (const auto number = cursor.number(uid)) wire::imap::append_numbered(out, *number - told++, "EXPUNGE");
  selected.take_expunged();
}

/// Whose \Recent they are, and the new count. RFC 3501 s2.3.2: one session alone is told.
asio::awaitable<void> tell_arrivals(Talk* talk) {
  auto& session = talk->session;
  auto& selected = *session.selected;
  const auto arrived = selected.take_arrived();
  if (!session.rev2() && !selected.read_only()) co_await claim_recent(talk, &selected);
  auto& out = talk->out.buffer();
  wire::imap::append_numbered(out, selected.exists(), "EXISTS");
  if (!session.rev2()) wire::imap::append_numbered(out, selected.recent_count(), "RECENT");
  if (!session.notification) co_return;
  auto items = session.notification->new_items();
  if (!items.empty()) co_await fetch_arrived(talk, arrived, std::move(items));
}

/// Few rows are read one by one; for many the whole table is worth having.
asio::awaitable<std::vector<state::mailbox::Message>> rows_of(Talk* talk, std::vector<Uid> uids) {
  auto& selected = *talk->session.selected;
  auto& mailboxes = talk->services.mailboxes;
  std::vector<state::mailbox::Message> rows;
  const auto table = co_await mailboxes.table(selected.account(), selected.mailbox());
  if (!table) co_return rows;
  for (const Uid uid : uids)
    if (const auto* row = (*table)->find(uid)) rows.push_back(*row);
  co_return rows;
}

/// RFC 5465 s5.3, s6.1: who named what to be told of the selected mailbox is told no more.
bool wants_flags(const Session& session) {
  const auto* events = session.notification ? session.notification->selected_events() : nullptr;
  return events == nullptr || *events == wire::imap::NotifyEvents() || events->flag_change;
}

asio::awaitable<bool> tell_flags(Talk* talk) {
  auto& selected = *talk->session.selected;
  auto uids = selected.take_changed();
  if (uids.empty() || !wants_flags(talk->session)) co_return true;
  const auto status = co_await talk->services.mailboxes.status(selected.account(), selected.mailbox());
  if (status) tell_keywords(talk, status->keywords);
  const auto rows = co_await rows_of(talk, std::move(uids));
  UidMap::Cursor cursor(selected.uids());
  for (const auto& row : rows) {
    if (const auto number = cursor.number(row.uid)) append_flags_line(talk, *number, row);
    if (talk->out.is_full()) {
      const bool sent = co_await talk->out.make_room();
      if (!sent) co_return false;
    }
  }
  co_return true;
}

}  // namespace

asio::awaitable<void> claim_recent(Talk* talk, Selected* selected) {
  auto& mailboxes = talk->services.mailboxes;
  const auto first = co_await mailboxes.claim_recent(selected->account(), selected->mailbox());
  if (!first) co_return;
  // What comes after the claim is for the next one.
  const auto status = co_await mailboxes.status(selected->account(), selected->mailbox());
  const auto end = status ? status->first_recent : Uid(selected->uids().last().value + 1);
  UidSet recent;
  if (*first < end) recent.add(UidRange{*first, Uid(end.value - 1)});
  selected->note_recent(recent);
}

asio::awaitable<bool> renew_rights(Talk* talk) {
  auto& selected = *talk->session.selected;
  if (selected.account() == talk->session.account()) co_return true;
  const auto rights =
      co_await talk->services.mailboxes.rights(selected.account(), selected.mailbox(), talk->session.account());
  if (!rights) co_return true;
  const auto flags = selected.permanent_flags;
  selected.set_rights(*rights);
  if (selected.permanent_flags != flags) append_permanent_flags(talk);
  co_return rights->has(state::mailbox::Right::kRead);
}

void note_own(const Session& session, const FlagsStored& stored) {
  auto& selected = *session.selected;
  const bool own = selected.account() == session.account();
  if (own && stored.alone_since && selected.pass_over(*stored.alone_since, stored.modseq)) return;
  std::map<ModSeq, UidSet> by_modseq;
  auto changed = stored.changed.begin();
  for (const auto& message : stored.messages) {
    while (changed != stored.changed.end() && *changed < message.uid) ++changed;
    if (changed != stored.changed.end() && *changed == message.uid) by_modseq[message.modseq].add(message.uid);
  }
  for (const auto& [modseq, uids] : by_modseq) selected.note_own_flags(uids, modseq);
}

asio::awaitable<bool> catch_up(Talk* talk) {
  auto& selected = *talk->session.selected;
  auto& mailboxes = talk->services.mailboxes;
  const auto now = co_await mailboxes.highest_modseq(selected.account());
  if (!now) co_return true;
  if (selected.seen() < *now) {
    const bool may = co_await renew_rights(talk);
    if (!may) co_return false;
  }
  while (selected.seen() < *now) {
    const auto changes =
        co_await mailboxes.changes(selected.account(), selected.mailbox(), selected.seen(), kChangesAtOnce);
    if (!changes) co_return changes.error() != MailboxError::kNoSuchMailbox;
    if (changes->expunges == MailboxChanges::Expunges::kIncomplete) {
      const bool there = co_await compare_with_what_is_there(talk);
      if (!there) co_return false;
    }
    selected.note(*changes);
  }
  co_return true;
}

void tell_keywords(Talk* talk, const std::vector<std::string>& keywords) {
  auto& selected = *talk->session.selected;
  if (keywords == selected.keywords) return;
  selected.keywords = keywords;
  auto& out = talk->out.buffer();
  wire::imap::append_flags_reply(out, keywords);
  append_permanent_flags(talk);
}

asio::awaitable<bool> tell_updates(Talk* talk, Updates what) {
  if (what == Updates::kNone || !talk->session.selected) co_return true;
  const bool there = co_await catch_up(talk);
  if (!there) {
    wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kBye, "",
                                "The selected mailbox was deleted");
    co_return false;
  }
  auto& selected = *talk->session.selected;
  if (what == Updates::kAll && selected.has_expunged()) tell_expunges(talk);
  if (selected.has_arrived()) co_await tell_arrivals(talk);
  const bool told = co_await tell_flags(talk);
  if (!told) co_return false;
  co_return co_await tell_contexts(talk);
}

}  // namespace veredus::doors::imap
