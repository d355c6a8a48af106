#include "doors/imap/store_command.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "doors/imap/failures.h"
#include "doors/imap/fetch_line.h"
#include "doors/imap/long_search.h"
#include "doors/imap/message_limit.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/named_messages.h"
#include "doors/imap/updates.h"
#include "state/mailbox/keyword_table.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/fetch_reply.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::FlagChange;
using state::mailbox::FlagSet;
using state::mailbox::FlagsStored;
using state::mailbox::UidSet;
using wire::imap::Store;

namespace {

FlagChange change_of(Store& command) {
  FlagChange change;
  change.flags = FlagSet::from_bits(command.flags.system);
  change.keywords = std::move(command.flags.keywords);
  if (command.mode == Store::Mode::kAdd) change.mode = FlagChange::Mode::kAdd;
  if (command.mode == Store::Mode::kRemove) change.mode = FlagChange::Mode::kRemove;
  if (command.unchanged_since) change.unchanged_since = ModSeq(*command.unchanged_since);
  return change;
}

bool may_replace_all(const Selected& selected) {
  using state::mailbox::Right;
  return selected.may(Right::kSeen) && selected.may(Right::kWrite) && selected.may(Right::kDeleteMessages);
}

bool is_empty(const FlagChange& change) { return change.flags.bits() == 0 && change.keywords.empty(); }

/// RFC 4314 s4: flags the rights do not cover are left alone. What replaces all flags becomes what it means for those
/// that may be changed: those that are wanted come, then `keywords`, of the mailbox, and flags that are not wanted go.
/// Only what comes can be refused, so it comes first. None: of what is asked for nothing may be done.
std::vector<FlagChange> within_rights(const Selected& selected, FlagChange change, std::vector<std::string> keywords) {
  std::vector<FlagChange> changes;
  if (may_replace_all(selected)) {
    changes.push_back(std::move(change));
    return changes;
  }
  const auto allowed = FlagSet::from_bits(selected.permanent_flags);
  if (allowed.bits() == 0 && !selected.may_keep_keywords) return changes;  // RFC 4314 s4
  const bool wanted = !is_empty(change);
  change.flags = FlagSet::from_bits(change.flags.bits() & allowed.bits());
  if (!selected.may_keep_keywords) change.keywords.clear();
  if (wanted && is_empty(change)) return changes;
  if (change.mode != FlagChange::Mode::kSet) {
    changes.push_back(std::move(change));
    return changes;
  }
  FlagChange rest;
  rest.mode = FlagChange::Mode::kRemove;
  rest.flags = allowed.without(change.flags);
  if (selected.may_keep_keywords)
    for (auto& keyword : keywords)
      if (!state::mailbox::find_keyword(change.keywords, keyword)) rest.keywords.push_back(std::move(keyword));
  change.mode = FlagChange::Mode::kAdd;
  if (is_empty(change))
    rest.unchanged_since = change.unchanged_since;
  else
    changes.push_back(std::move(change));
  if (!is_empty(rest) || changes.empty()) changes.push_back(std::move(rest));
  return changes;
}

/// RFC 7162 s3.1.3: with CONDSTORE the new MODSEQ is told even where the flags are not.
void append_modseq_line(Talk* talk, std::uint32_t number, const state::mailbox::Message& message) {
  const auto& session = talk->session;
  wire::imap::FetchReply reply(talk->out.buffer(), fetch_number(session, number, message.uid), fetch_form(session));
  if (!session.has(Extension::kUidOnly)) reply.uid(message.uid.value);
  reply.modseq(message.modseq.value);
  reply.finish();
}

asio::awaitable<bool> tell(Talk* talk, const Store* command, const FlagsStored* stored) {
  const auto& session = talk->session;
  if (command->silent && !session.has(Extension::kCondstore)) co_return true;
  UidMap::Cursor cursor(session.selected->uids());
  std::size_t written = 0;
  auto changed = stored->changed.begin();
  for (const auto& message : stored->messages) {
    const auto number = cursor.number(message.uid);
    if (!number) continue;
    if (!command->silent) {
      append_flags_line(talk, *number, message, command->uid);
    } else {
      while (changed != stored->changed.end() && *changed < message.uid) ++changed;
      if (changed == stored->changed.end() || *changed != message.uid) continue;
      append_modseq_line(talk, *number, message);
    }
    if (++written % 64 != 0 || !talk->out.is_full()) continue;
    const bool sent = co_await talk->out.make_room();
    if (!sent) co_return false;
  }
  co_return true;
}

Outcome outcome_of(const Talk& talk, const Store& command, const UidSet& named, const FlagsStored& stored) {
  auto outcome = ok("Stored");
  if (!stored.refused.empty()) {
    outcome.code = wire::imap::code_modified(as_named(talk.session, stored.refused, numbers(command.uid)));
    outcome.text = "Some were changed meanwhile";
  } else if (stored.messages.size() < named.size()) {  // RFC 5530 s3
    outcome.code = "EXPUNGEISSUED";
    outcome.text = "Some messages are gone";
  }
  return outcome;
}

asio::awaitable<std::expected<FlagsStored, state::mailbox::MailboxError>> store_one(Talk* talk, UidSet named,
                                                                                    FlagChange change) {
  const auto& selected = *talk->session.selected;
  const auto many = named.size();
  auto storing =
      talk->services.mailboxes.store_flags(selected.account(), selected.mailbox(), std::move(named), std::move(change));
  auto stored = co_await with_signs_of_life(talk, many, std::move(storing));
  if (stored) note_own(talk->session, *stored);
  co_return stored;
}

/// What both did.
FlagsStored also(FlagsStored first, FlagsStored second) {
  second.refused = std::move(first.refused);
  std::vector<Uid> changed;
  std::ranges::set_union(first.changed, second.changed, std::back_inserter(changed));
  second.changed = std::move(changed);
  return second;
}

}  // namespace

asio::awaitable<Outcome> store(Talk* talk, Store command) {
  auto& session = talk->session;
  auto& selected = *session.selected;
  if (selected.read_only()) co_return no("NOPERM", "The mailbox is open for reading alone");
  if (command.unchanged_since) session.enable(Extension::kCondstore);
  auto named = named_messages(session, command.set, numbers(command.uid));
  if (!named) co_return std::move(named).error();
  const auto limited = limit_messages(*talk, *named);
  auto& mailboxes = talk->services.mailboxes;
  std::vector<std::string> keywords;
  if (!may_replace_all(selected) && command.mode == Store::Mode::kSet) {
    auto before = co_await mailboxes.status(selected.account(), selected.mailbox());
    if (!before) co_return failure(before.error());
    keywords = std::move(before->keywords);
  }
  auto changes = within_rights(selected, change_of(command), std::move(keywords));
  if (changes.empty()) co_return not_permitted();
  auto stored = co_await store_one(talk, *named, std::move(changes.front()));
  if (!stored) co_return failure(stored.error());
  std::optional<Outcome> half_done;
  if (changes.size() > 1) {
    std::vector<Uid> uids;  // not those that were refused
    for (const auto& message : stored->messages) uids.push_back(message.uid);
    auto rest = co_await store_one(talk, UidSet::of(uids), std::move(changes.back()));
    if (rest) {
      stored = also(*std::move(stored), *std::move(rest));
    } else {
      half_done = failure(rest.error());
      command.silent = false;  // what came is told: the client cannot know
    }
  }
  const auto status = co_await mailboxes.status(selected.account(), selected.mailbox());
  if (status) tell_keywords(talk, status->keywords);
  const bool told = co_await tell(talk, &command, &*stored);
  if (!told) co_return gone();
  if (half_done) co_return *std::move(half_done);
  co_return with_limit(*talk, outcome_of(*talk, command, *named, *stored), limited);
}

}  // namespace veredus::doors::imap
