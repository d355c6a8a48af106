#include "doors/imap/updates.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/observe/log.h"
#include "doors/imap/fetch_commands.h"
#include "doors/imap/fetch_line.h"
#include "doors/imap/named_messages.h"
#include "doors/imap/resync.h"
#include "doors/imap/search_contexts.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::FlagsStored;
using state::mailbox::MailboxChanges;
using state::mailbox::MailboxError;
using state::mailbox::UidSet;
using wire::imap::FetchItem;
using wire::imap::FetchKind;

namespace {

constexpr std::uint32_t kChangesAtOnce = 10'000;

/// RFC 7162 s3.1.2.1; a mailbox that was never changed has 1, for 0 means that there are none.
std::string code_highest_modseq(ModSeq highest) {
  return wire::imap::code_number("HIGHESTMODSEQ", std::max<std::uint64_t>(highest.value, 1));
}

bool holds_back_expunges(const Session& session) {
  return session.has(Extension::kCondstore) && session.selected && session.selected->has_expunged();
}

/// RFC 7162 s3.2.5.2: expunges the log no longer has are what is absent.
asio::awaitable<bool> compare_with_what_is_there(Talk* talk) {
  auto& selected = *talk->session.selected;
  const auto table = co_await talk->services.mailboxes.table(selected.account(), selected.mailbox());
  if (!table) co_return table.error() != MailboxError::kNoSuchMailbox;
  selected.note_present(present_uids(**table));
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
  auto others = session.notification->take_others(selected.account(), selected.mailbox(), arrived);
  auto items = session.notification->new_items();
  if (!items.empty() && !others.empty()) co_await tell_of_arrived(talk, std::move(others), std::move(items));
}

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

/// RFC 5465 s5.3, s6.1: who named what to be told of the selected mailbox is told no more. The rest waits until it is
/// asked for.
bool wants_flags(const Session& session) {
  const auto* events = session.notification ? session.notification->selected_events() : nullptr;
  return events == nullptr || *events == wire::imap::NotifyEvents() || events->flag_change;
}

asio::awaitable<bool> tell_flags(Talk* talk) {
  auto& selected = *talk->session.selected;
  if (!wants_flags(talk->session)) co_return true;
  auto uids = selected.take_changed();
  if (uids.empty()) co_return true;
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

asio::awaitable<void> tell_of_arrived(Talk* talk, UidSet arrived, std::vector<FetchItem> items) {
  const auto& session = talk->session;
  const auto& selected = *session.selected;
  const auto status = co_await talk->services.mailboxes.status(selected.account(), selected.mailbox());
  if (status) tell_keywords(talk, status->keywords);
  // RFC 9051 s7.5.2, RFC 7162 s3.2.4
  if (session.rev2() || session.has(Extension::kQresync)) items.push_back({.kind = FetchKind::kUid});
  const bool has_modseq = std::ranges::count(items, FetchKind::kModSeq, &FetchItem::kind) != 0;
  if (session.has(Extension::kCondstore) && !has_modseq) items.push_back({.kind = FetchKind::kModSeq});
  co_await fetch_arrived(talk, std::move(arrived), std::move(items));
}

asio::awaitable<void> claim_recent(Talk* talk, Selected* selected) {
  const auto claimed = co_await talk->services.mailboxes.claim_recent(selected->account(), selected->mailbox());
  if (claimed) selected->note_recent(*claimed);
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

void tell_highest_modseq(Talk* talk, ModSeq highest) {
  wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kOk, code_highest_modseq(highest), "Highest");
}

asio::awaitable<void> enable_condstore(Talk* talk) {
  auto& session = talk->session;
  if (session.has(Extension::kCondstore)) co_return;
  session.enable(Extension::kCondstore);
  if (!session.selected) co_return;
  const auto& selected = *session.selected;
  const auto status = co_await talk->services.mailboxes.status(selected.account(), selected.mailbox());
  if (status) tell_highest_modseq(talk, std::min(status->highest_modseq, selected.before_expunged()));
}

void tell_known_modseq(Talk* talk) {
  if (holds_back_expunges(talk->session)) tell_highest_modseq(talk, talk->session.selected->before_expunged());
}

Outcome with_known_modseq(Talk& talk, Outcome outcome) {
  if (outcome.status != Status::kOk || !outcome.code.empty())
    tell_known_modseq(&talk);
  else if (holds_back_expunges(talk.session))
    outcome.code = code_highest_modseq(talk.session.selected->before_expunged());
  return outcome;
}

void note_own(const Session& session, const FlagsStored& stored, OwnChange change) {
  auto& selected = *session.selected;
  const bool own = selected.account() == session.account();
  if (own && stored.alone_since && selected.pass_over(*stored.alone_since, stored.modseq)) return;
  std::map<ModSeq, UidSet> by_modseq;
  std::size_t changed = 0;
  for (const auto& message : stored.messages) {
    if (changed == stored.changed.size() || stored.changed[changed] != message.uid) continue;
    const bool others_too = stored.before[changed++] > selected.seen();
    if (change == OwnChange::kTold || !others_too) by_modseq[message.modseq].add(message.uid);
  }
  for (const auto& [modseq, uids] : by_modseq) selected.note_own_flags(uids, modseq);
}

asio::awaitable<bool> catch_up(Talk* talk) {
  auto& selected = *talk->session.selected;
  auto& mailboxes = talk->services.mailboxes;
  const auto now = co_await mailboxes.highest_modseq(selected.account());
  if (!now) co_return true;
  const bool has_news = selected.seen() < *now;
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
  // After them: nobody is told what came when the right to read it was taken back.
  co_return !has_news || co_await renew_rights(talk);
}

void tell_keywords(Talk* talk, const std::vector<std::string>& keywords) {
  auto& selected = *talk->session.selected;
  if (keywords == selected.keywords) return;
  selected.keywords = keywords;
  auto& out = talk->out.buffer();
  wire::imap::append_flags_reply(out, keywords);
  append_permanent_flags(talk);
}

std::string_view why_mailbox_went(const Selected& selected) {
  return selected.place().rights.has(state::mailbox::Right::kRead) ? "The selected mailbox was deleted"
                                                                   : "The selected mailbox is no longer there for you";
}

Outcome over_by(Telling told, const Session& session) {
  return told == Telling::kMailboxWent ? goodbye(why_mailbox_went(*session.selected)) : gone();
}

asio::awaitable<Telling> tell_updates(Talk* talk, Updates what) {
  if (what == Updates::kNone || !talk->session.selected) co_return Telling::kWell;
  const bool there = co_await catch_up(talk);
  if (!there) co_return Telling::kMailboxWent;
  auto& selected = *talk->session.selected;
  if (what == Updates::kAll && selected.has_expunged()) tell_expunges(talk);
  if (selected.has_arrived()) co_await tell_arrivals(talk);
  bool told = co_await tell_flags(talk);
  if (told) told = co_await tell_contexts(talk);
  co_return told ? Telling::kWell : Telling::kClientGone;
}

}  // namespace veredus::doors::imap
