#include "doors/imap/store_command.h"

#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/fetch_line.h"
#include "doors/imap/long_search.h"
#include "doors/imap/message_limit.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/named_messages.h"
#include "doors/imap/updates.h"
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

/// RFC 4314 s4: what the rights do not cover is left alone; refused is what they cover nothing of.
bool may_store(const FlagChange& change) {
  const auto& allowed = change.allowed;
  if (change.flags.bits() == 0 && change.keywords.empty()) return allowed.system.bits() != 0 || allowed.keywords;
  return allowed.of(change.flags).bits() != 0 || (allowed.keywords && !change.keywords.empty());
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

}  // namespace

asio::awaitable<Outcome> store(Talk* talk, Store command) {
  auto& session = talk->session;
  const auto& selected = *session.selected;
  if (selected.read_only()) co_return open_for_reading(selected);
  if (command.unchanged_since) co_await enable_condstore(talk);
  auto named = named_messages(session, command.set, numbers(command.uid));
  if (!named) co_return std::move(named).error();
  const auto limited = limit_messages(*talk, *named);
  auto& mailboxes = talk->services.mailboxes;
  auto change = change_of(command);
  change.allowed = {.system = FlagSet::from_bits(selected.permanent_flags), .keywords = selected.may_keep_keywords};
  if (!may_store(change)) co_return not_permitted();
  auto storing = mailboxes.store_flags(selected.account(), selected.mailbox(), *named, std::move(change));
  const auto stored = co_await with_signs_of_life(talk, named->size(), std::move(storing));
  if (!stored) co_return failure(stored.error());
  note_own(session, *stored, command.silent ? OwnChange::kSilent : OwnChange::kTold);
  const auto status = co_await mailboxes.status(selected.account(), selected.mailbox());
  if (status) tell_keywords(talk, status->keywords);
  const bool told = co_await tell(talk, &command, &*stored);
  if (!told) co_return gone();
  co_return with_limit(*talk, outcome_of(*talk, command, *named, *stored), limited);
}

}  // namespace veredus::doors::imap
