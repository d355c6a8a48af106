#include "doors/imap/append_commands.h"

#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/named_messages.h"
#include "doors/imap/updates.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::Appended;
using state::mailbox::Location;
using state::mailbox::MailboxError;
using state::mailbox::Right;
using state::mailbox::UidSet;

namespace {

asio::awaitable<std::expected<TakenAppend, Outcome>> take(Talk* talk, std::string mailbox,
                                                          std::vector<wire::imap::AppendedMessage> messages,
                                                          Incoming* incoming) {
  auto taken = co_await incoming->take(std::move(mailbox), std::move(messages));
  if (!taken) {
    co_await incoming->discard();
    co_return std::unexpected(std::move(taken).error());
  }
  TakenAppend append;
  append.account = incoming->target().account;
  append.rights = incoming->target().rights;
  append.messages = *std::move(taken);
  co_return append;
}

using Kept = std::expected<std::vector<Appended>, MailboxError>;

/// Where they go, when they themselves are on their way.
struct Target {
  AccountId account;
  state::mailbox::Rights rights;
  std::vector<EmailId> staged;
};

Target target_of(const TakenAppend& taken) {
  Target target{taken.account, taken.rights, {}};
  for (const auto& message : taken.messages)
    if (message.staged) target.staged.push_back(message.staged->email);
  return target;
}

/// Answers the APPENDUID code (RFC 4315 s3); none to who may not read the mailbox (RFC 9051 s6.3.12). What was staged
/// of messages that were not stored is erased.
asio::awaitable<std::expected<std::string, Outcome>> conclude(Talk* talk, Target target, Kept kept) {
  if (!kept) {
    for (const auto email : target.staged) co_await talk->services.mailboxes.discard_staged(target.account, email);
    co_return std::unexpected(target_failure(kept.error()));
  }
  talk->counts.messages_appended += kept->size();
  std::vector<std::uint32_t> uids;
  for (const auto& one : *kept) {
    uids.push_back(one.at.uid.value);
    if (const auto& notification = talk->session.notification)
      notification->note_own_arrivals(target.account, one.at.mailbox, UidSet(one.at.uid));
  }
  if (!target.rights.has(Right::kRead)) co_return std::string();
  co_return wire::imap::code_appenduid(kept->front().uid_validity.value, uids);
}

asio::awaitable<std::expected<std::string, Outcome>> store(Talk* talk, TakenAppend taken) {
  auto target = target_of(taken);
  const auto limits = quota_of(*talk, taken.account);
  Kept kept;
  if (limits)
    kept = co_await talk->services.mailboxes.append_all(taken.account, std::move(taken.messages), *limits);
  else
    kept = std::unexpected(limits.error());
  co_return co_await conclude(talk, std::move(target), std::move(kept));
}

/// RFC 8508 s4.3: APPENDUID before the EXPUNGE.
void tell_stored(Talk* talk, std::string_view code) {
  if (code.empty()) return;
  wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kOk, code, "Replacement stored");
}

using Replaced = std::expected<ModSeq, Outcome>;  // 0: the old one was not there to be expunged

/// In one commit.
asio::awaitable<Replaced> replace_at_once(Talk* talk, TakenAppend taken, Location old) {
  auto target = target_of(taken);
  const auto limits = quota_of(*talk, taken.account);
  std::expected<Appended, MailboxError> stored;
  if (limits)
    stored = co_await talk->services.mailboxes.replace(taken.account, std::move(taken.messages.front()), old, *limits);
  else
    stored = std::unexpected(limits.error());
  const auto modseq = stored ? stored->modseq : ModSeq();
  Kept kept;
  if (stored)
    kept->push_back(*std::move(stored));
  else
    kept = std::unexpected(stored.error());
  const auto code = co_await conclude(talk, std::move(target), std::move(kept));
  if (!code) co_return std::unexpected(code.error());
  tell_stored(talk, *code);
  co_return modseq;
}

/// No commit is of two accounts: where the second one fails, both messages are there.
asio::awaitable<Replaced> replace_across_accounts(Talk* talk, TakenAppend taken, AccountId account, Location old) {
  const auto code = co_await store(talk, std::move(taken));
  if (!code) co_return std::unexpected(code.error());
  tell_stored(talk, *code);
  UidSet uids(old.uid);
  const auto expunged = co_await talk->services.mailboxes.expunge(account, old.mailbox, std::move(uids));
  if (!expunged && expunged.error() == MailboxError::kNoSuchMailbox) co_return ModSeq();  // it went before
  if (!expunged) co_return std::unexpected(failure(expunged.error()));
  co_return expunged->modseq;
}

}  // namespace

asio::awaitable<std::expected<TakenAppend, Outcome>> take_append(Talk* talk, wire::imap::Append command,
                                                                 Incoming* incoming) {
  return take(talk, std::move(command.mailbox), std::move(command.messages), incoming);
}

asio::awaitable<Outcome> store_append(Talk* talk, TakenAppend taken) {
  auto code = co_await store(talk, std::move(taken));
  if (!code) co_return std::move(code).error();
  co_return ok(*std::move(code), "Appended");
}

asio::awaitable<Outcome> replace(Talk* talk, wire::imap::Replace command, Incoming* incoming) {
  auto& session = talk->session;
  const auto& selected = *session.selected;
  const bool reads = co_await renew_rights(talk);
  const bool may = reads && selected.may(Right::kDeleteMessages) && selected.may(Right::kExpunge);
  const auto old = named_message(session, command.number, numbers(command.uid));
  if (!old || old->empty() || !may) {
    co_await incoming->discard();
    if (!may) co_return selected.read_only() ? open_for_reading(selected) : not_permitted();
    if (!old) co_return old.error();
    co_return no("There is no such message");  // RFC 8508 s3.4
  }
  std::vector<wire::imap::AppendedMessage> one;
  one.push_back(std::move(command.message));
  auto taken = co_await take(talk, std::move(command.mailbox), std::move(one), incoming);
  if (!taken) co_return std::move(taken).error();
  const AccountId account = selected.account();
  Location at{selected.mailbox(), old->ranges().front().first};
  const bool at_once = taken->account == account;
  auto done = at_once ? replace_at_once(talk, *std::move(taken), at)
                      : replace_across_accounts(talk, *std::move(taken), account, at);
  const auto replaced = co_await std::move(done);
  if (!replaced) co_return replaced.error();
  auto outcome = ok("Replaced");
  if (session.has(Extension::kCondstore) && *replaced != ModSeq())
    outcome.code = wire::imap::code_number("HIGHESTMODSEQ", replaced->value);
  co_return outcome;
}

}  // namespace veredus::doors::imap
