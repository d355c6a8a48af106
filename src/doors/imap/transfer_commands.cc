#include "doors/imap/transfer_commands.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "doors/imap/account_transfer.h"
#include "doors/imap/failures.h"
#include "doors/imap/incoming.h"
#include "doors/imap/long_search.h"
#include "doors/imap/message_limit.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/named_messages.h"
#include "state/mailbox/allowed_flags.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/message_table.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::Copied;
using state::mailbox::MailboxError;
using state::mailbox::Right;
using state::mailbox::UidSet;

namespace {

/// Empty for who may not read the mailbox they went to (RFC 4315 s3).
std::string copyuid(const NamedMailbox& target, const Copied& copied) {
  if (!target.rights.has(Right::kRead)) return {};
  std::vector<std::uint32_t> from;
  std::vector<std::uint32_t> to;
  from.reserve(copied.uids.size());
  to.reserve(copied.uids.size());
  for (const auto& [old_uid, new_uid] : copied.uids) {
    from.push_back(old_uid.value);
    to.push_back(new_uid.value);
  }
  return wire::imap::code_copyuid(copied.uid_validity.value, from, to);
}

void note_own_arrivals(Talk* talk, const NamedMailbox& to, const Copied& copied) {
  const auto& notification = talk->session.notification;
  if (!notification) return;
  UidSet uids;
  for (const auto& [old_uid, new_uid] : copied.uids) uids.add(new_uid);
  notification->note_own_arrivals(to.account, to.mailbox.id, uids);
}

/// Where they go, when that is allowed.
asio::awaitable<std::expected<NamedMailbox, Outcome>> target(Talk* talk, std::string name) {
  auto found = co_await find_mailbox(talk, std::move(name));
  if (!found) co_return std::unexpected(target_failure(found.error()));
  if (!found->rights.has(Right::kInsert)) co_return std::unexpected(not_target(found->rights));
  co_return *std::move(found);
}

/// RFC 9051 s6.4.7: TRYCREATE is for where they go to, not for where they were.
asio::awaitable<Outcome> transfer_failure(Talk* talk, MailboxError error) {
  const auto& selected = *talk->session.selected;
  if (error != MailboxError::kNoSuchMailbox) co_return failure(error);
  const auto source = co_await talk->services.mailboxes.status(selected.account(), selected.mailbox());
  co_return source ? target_failure(error) : failure(error);
}

UidSet deleted_among(std::shared_ptr<const state::mailbox::MessageTable> table, UidSet uids) {
  UidSet deleted;
  state::mailbox::TableWalk walk(std::move(table), std::move(uids));
  while (const auto* row = walk.next())
    if (row->flags.has(state::mailbox::Flag::kDeleted)) deleted.add(row->uid);
  return deleted;
}

}  // namespace

asio::awaitable<Outcome> copy(Talk* talk, wire::imap::Copy command) {
  const auto& selected = *talk->session.selected;
  auto named = named_messages(talk->session, command.set, numbers(command.uid));
  if (!named) co_return std::move(named).error();
  if (auto refused = over_limit(*talk, named->size())) co_return *std::move(refused);
  const auto to = co_await target(talk, std::move(command.mailbox));
  if (!to) co_return to.error();
  if (named->empty()) co_return ok("There was nothing to copy");
  const auto from_account = selected.account();
  const auto limits = quota_of(*talk, to->account);
  if (!limits) co_return target_failure(limits.error());
  auto& mailboxes = talk->services.mailboxes;
  const auto many = named->size();
  const auto allowed = state::mailbox::flags_within(to->rights);
  auto copying =
      to->account == from_account
          ? mailboxes.copy(from_account, selected.mailbox(), *std::move(named), to->mailbox.id, *limits, allowed)
          : copy_between_accounts(talk, *std::move(named), to->account, to->mailbox.id, allowed);
  const auto copied = co_await with_signs_of_life(talk, many, std::move(copying));
  if (!copied) co_return co_await transfer_failure(talk, copied.error());
  if (copied->uids.empty()) co_return ok("There was nothing to copy");
  note_own_arrivals(talk, *to, *copied);
  co_return ok(copyuid(*to, *copied), "Copied");
}

asio::awaitable<Outcome> move(Talk* talk, wire::imap::Move command) {
  const auto& selected = *talk->session.selected;
  if (selected.read_only()) co_return open_for_reading(selected);
  auto named = named_messages(talk->session, command.set, numbers(command.uid));
  if (!named) co_return std::move(named).error();
  const auto limited = limit_messages(*talk, *named);
  if (!selected.may(Right::kDeleteMessages) || !selected.may(Right::kExpunge)) co_return not_permitted();
  const auto to = co_await target(talk, std::move(command.mailbox));
  if (!to) co_return to.error();
  if (named->empty()) co_return ok("There was nothing to move");
  auto& mailboxes = talk->services.mailboxes;
  const auto from_account = selected.account();
  const bool within = to->account == from_account;
  const auto many = named->size();
  const auto allowed = state::mailbox::flags_within(to->rights);
  auto moving = within ? mailboxes.move(from_account, selected.mailbox(), *std::move(named), to->mailbox.id, allowed)
                       : copy_between_accounts(talk, *std::move(named), to->account, to->mailbox.id, allowed);
  const auto moved = co_await with_signs_of_life(talk, many, std::move(moving));
  if (moved) note_own_arrivals(talk, *to, *moved);
  if (moved && !within) {
    UidSet gone;
    for (const auto& [old_uid, new_uid] : moved->uids) gone.add(old_uid);
    if (!gone.empty()) {
      const auto expunged = co_await mailboxes.expunge(from_account, selected.mailbox(), std::move(gone));
      if (!expunged) co_return failure(expunged.error());
    }
  }
  if (!moved) co_return co_await transfer_failure(talk, moved.error());
  if (moved->uids.empty()) co_return ok("There was nothing to move");
  // RFC 6851 s4.3: before the EXPUNGEs.
  if (const auto code = copyuid(*to, *moved); !code.empty())
    wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kOk, code, "Moved");
  auto outcome = ok("Moved");
  if (talk->session.has(Extension::kQresync))  // RFC 7162 s3.2.9
    outcome.code = wire::imap::code_number("HIGHESTMODSEQ", moved->modseq.value);
  co_return with_limit(*talk, std::move(outcome), limited);
}

asio::awaitable<Outcome> expunge(Talk* talk, wire::imap::Expunge command) {
  const auto& session = talk->session;
  const auto& selected = *session.selected;
  if (selected.read_only()) co_return open_for_reading(selected);
  if (!selected.may(Right::kExpunge)) co_return not_permitted();
  std::expected<UidSet, Outcome> named = selected.uids().all();
  if (command.uids) named = named_messages(session, *command.uids, Numbers::kUid);
  if (!named) co_return std::move(named).error();
  auto& mailboxes = talk->services.mailboxes;
  const auto limit = talk->options.message_limit;
  if (command.uids && limit != 0 && named->size() > limit) {  // RFC 9738 s3.1: of those that are to go
    auto table = co_await mailboxes.table(selected.account(), selected.mailbox());
    if (!table) co_return failure(table.error());
    *named = deleted_among(*std::move(table), *std::move(named));
  }
  const auto limited = command.uids ? limit_messages(*talk, *named) : std::nullopt;
  const auto many = named->size();
  auto expunging = mailboxes.expunge_deleted(selected.account(), selected.mailbox(), *std::move(named));
  const auto expunged = co_await with_signs_of_life(talk, many, std::move(expunging));
  if (!expunged) co_return failure(expunged.error());
  auto outcome = ok("Expunged");
  if (session.has(Extension::kQresync) && !expunged->uids.empty())  // RFC 7162 s3.2.7
    outcome.code = wire::imap::code_number("HIGHESTMODSEQ", expunged->modseq.value);
  co_return with_limit(*talk, std::move(outcome), limited);
}

}  // namespace veredus::doors::imap
