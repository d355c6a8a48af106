#include "doors/imap/append_commands.h"

#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/named_messages.h"
#include "doors/imap/updates.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

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
  append.messages = *std::move(taken);
  co_return append;
}

/// Answers the APPENDUID code (RFC 4315 s3).
asio::awaitable<std::expected<std::string, Outcome>> store(Talk* talk, TakenAppend taken) {
  std::vector<EmailId> staged;
  for (const auto& message : taken.messages)
    if (message.staged) staged.push_back(message.staged->email);
  const auto limits = quota_of(*talk, taken.account);
  auto& mailboxes = talk->services.mailboxes;
  const auto kept = co_await mailboxes.append_all(taken.account, std::move(taken.messages), limits);
  if (!kept) {
    for (const auto email : staged) co_await mailboxes.discard_staged(taken.account, email);
    co_return std::unexpected(target_failure(kept.error()));
  }
  talk->counts.messages_appended += kept->size();
  std::vector<std::uint32_t> uids;
  for (const auto& one : *kept) uids.push_back(one.at.uid.value);
  co_return wire::imap::code_appenduid(kept->front().uid_validity.value, uids);
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
  wire::imap::SequenceSet set;
  set.ranges.push_back({command.number, command.number});
  auto old = named_messages(session, set, numbers(command.uid));
  if (!old || old->empty() || !may) {
    co_await incoming->discard();
    if (!may) co_return not_permitted();
    if (!old) co_return std::move(old).error();
    co_return no("There is no such message");  // RFC 8508 s3.4
  }
  std::vector<wire::imap::AppendedMessage> one;
  one.push_back(std::move(command.message));
  auto taken = co_await take(talk, std::move(command.mailbox), std::move(one), incoming);
  if (!taken) co_return std::move(taken).error();
  auto code = co_await store(talk, *std::move(taken));
  if (!code) co_return std::move(code).error();
  // RFC 8508 s3.3: APPENDUID before the EXPUNGE.
  wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kOk, *code, "Replacement stored");
  const auto expunged =
      co_await talk->services.mailboxes.expunge(selected.account(), selected.mailbox(), *std::move(old));
  if (!expunged) co_return failure(expunged.error());
  auto outcome = ok("Replaced");
  if (session.has(Extension::kCondstore))
    outcome.code = wire::imap::code_number("HIGHESTMODSEQ", expunged->modseq.value);
  co_return outcome;
}

}  // namespace veredus::doors::imap
