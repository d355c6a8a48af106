#include "doors/imap/fetch_commands.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "base/observe/log.h"
#include "doors/imap/failures.h"
#include "doors/imap/fetch_line.h"
#include "doors/imap/fetching.h"
#include "doors/imap/message_limit.h"
#include "doors/imap/named_messages.h"
#include "doors/imap/resync.h"
#include "doors/imap/updates.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::Flag;
using state::mailbox::MailboxError;
using state::mailbox::Message;
using state::mailbox::UidSet;

namespace {

constexpr std::size_t kBatchMessages = 512;
constexpr std::size_t kPrefetchedOctets = 1024 * 1024;  // of messages or summaries, at a time

std::vector<FetchedMessage> next_batch(Fetching* fetching) {
  std::vector<FetchedMessage> batch;
  batch.reserve(kBatchMessages);
  while (batch.size() < kBatchMessages) {
    const auto* row = fetching->rows.next();
    if (row == nullptr) break;
    const auto number = fetching->numbers.number(row->uid);
    if (!number) continue;
    auto& message = batch.emplace_back();
    message.row = *row;
    message.number = *number;
  }
  return batch;
}

/// BODY[] and its like set \Seen (RFC 9051 s6.4.5): for a whole batch in one commit, before it is sent.
asio::awaitable<bool> set_seen(Talk* talk, std::vector<FetchedMessage>* batch) {
  auto& selected = *talk->session.selected;
  UidSet unseen;
  for (const auto& message : *batch)
    if (!message.row.flags.has(Flag::kSeen) && !selected.ghosts().contains(message.row.uid))
      unseen.add(message.row.uid);
  if (unseen.empty()) co_return true;
  state::mailbox::FlagChange change;
  change.mode = state::mailbox::FlagChange::Mode::kAdd;
  change.flags = {Flag::kSeen};
  const auto stored =
      co_await talk->services.mailboxes.store_flags(selected.account(), selected.mailbox(), unseen, std::move(change));
  if (!stored) co_return false;
  auto at = batch->begin();
  for (const auto& message : stored->messages) {
    at = std::find_if(at, batch->end(), [&](const FetchedMessage& one) { return one.row.uid == message.uid; });
    if (at == batch->end()) break;
    at->row = message;
    at->flags_changed = true;
  }
  note_own(talk->session, *stored, OwnChange::kTold);
  co_return true;
}

asio::awaitable<std::expected<void, MailboxError>> read_emails(Talk* talk, std::vector<FetchedMessage>* batch,
                                                               std::size_t first) {
  std::vector<EmailId> ids;
  for (auto i = first; i < batch->size(); ++i) ids.push_back((*batch)[i].row.body.email);
  auto& mailboxes = talk->services.mailboxes;
  auto emails = co_await mailboxes.stored_emails(talk->session.selected->account(), std::move(ids), kPrefetchedOctets);
  if (!emails) co_return std::unexpected(emails.error());
  for (auto& email : *emails) (*batch)[first++].email = std::move(email);
  co_return std::expected<void, MailboxError>();
}

/// Bodies of the small messages that come next, in one read. A large one is read when its turn comes, and of it only
/// what is wanted.
asio::awaitable<std::expected<void, MailboxError>> read_bodies(Fetching* fetching, std::vector<FetchedMessage>* batch,
                                                               std::size_t first) {
  auto* talk = fetching->talk;
  std::vector<state::mailbox::StoredBody> bodies;
  std::uint64_t octets = 0;
  auto last = first;
  for (; last < batch->size() && octets < kPrefetchedOctets; ++last) {
    const auto& body = (*batch)[last].row.body;
    if (body.octets != body.first_octets) break;
    octets += body.octets;
    bodies.push_back(body);
  }
  if (bodies.empty()) co_return std::expected<void, MailboxError>();
  auto& mailboxes = talk->services.mailboxes;
  auto chunks = co_await mailboxes.first_chunks(talk->session.selected->account(), std::move(bodies));
  if (!chunks) co_return std::unexpected(chunks.error());
  for (auto& chunk : *chunks) (*batch)[first++].first_chunk = std::move(chunk);
  co_return std::expected<void, MailboxError>();
}

/// Flags, dates, sizes: rows in memory alone.
asio::awaitable<Went> fetch_rows(Fetching* fetching) {
  auto& pace = fetching->pace;
  FetchWriter writer(fetching->talk, &fetching->plan, &pace);
  std::size_t written = 0;
  while (const auto* row = fetching->rows.next()) {
    const auto number = fetching->numbers.number(row->uid);
    if (!number) continue;
    writer.write_row(*row, *number);
    ++written;
    if (!pace.has_enough_lines()) continue;
    const bool goes_on = co_await pace.pause();
    if (!goes_on) co_return Went::kClientGone;
  }
  fetching->talk->counts.messages_fetched += written;
  co_return Went::kWell;
}

/// Whether the message can be answered: what was expunged long ago cannot.
bool is_there(const FetchPlan& plan, const FetchedMessage& message, bool body_was_looked_for) {
  if (plan.needs_email && !message.email.there()) return false;
  return !body_was_looked_for || message.first_chunk.has_value();
}

}  // namespace

asio::awaitable<Went> fetch_batch(Fetching* fetching, std::vector<FetchedMessage>* batch) {
  auto* talk = fetching->talk;
  const auto& plan = fetching->plan;
  FetchWriter writer(talk, &plan, &fetching->pace);
  for (std::size_t i = 0; i < batch->size(); ++i) {
    auto& message = (*batch)[i];
    if (plan.needs_email && !message.email.there()) {
      const auto read = co_await read_emails(talk, batch, i);
      if (!read) co_return Went::kNotReadable;
    }
    const bool small = plan.needs_body && message.row.body.octets == message.row.body.first_octets;
    if (small && !message.first_chunk) {
      const auto read = co_await read_bodies(fetching, batch, i);
      if (!read) co_return Went::kNotReadable;
    }
    if (!is_there(plan, message, small)) continue;
    const bool written = co_await writer.write(&message);
    if (!written) co_return Went::kClientGone;
    fetching->met_unknown_encoding = fetching->met_unknown_encoding || writer.met_unknown_encoding();
    static_cast<void>(std::exchange(message.email, {}));  // an assignment alone would keep the row's memory
    message.first_chunk.reset();
    ++talk->counts.messages_fetched;
    if (!fetching->pace.is_due()) continue;
    const bool goes_on = co_await fetching->pace.pause();
    if (!goes_on) co_return Went::kClientGone;
  }
  co_return Went::kWell;
}

namespace {

/// What the first messages of a batch need, before it is their turn. What cannot be read now is found out then.
asio::awaitable<void> read_ahead(Fetching* fetching, std::vector<FetchedMessage>* batch) {
  if (fetching->plan.needs_email) static_cast<void>(co_await read_emails(fetching->talk, batch, 0));
  if (fetching->plan.needs_body) static_cast<void>(co_await read_bodies(fetching, batch, 0));
}

/// Writes one batch while the next is read.
asio::awaitable<Went> fetch_beside(Fetching* fetching, std::vector<FetchedMessage>* batch,
                                   std::vector<FetchedMessage>* next) {
  if (next->empty()) co_return co_await fetch_batch(fetching, batch);
  const auto executor = co_await asio::this_coro::executor;
  auto group =
      asio::experimental::make_parallel_group(asio::co_spawn(executor, read_ahead(fetching, next), asio::deferred),
                                              asio::co_spawn(executor, fetch_batch(fetching, batch), asio::deferred));
  const auto [order, unread, unwritten, went] =
      co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  if (unwritten) std::rethrow_exception(unwritten);
  if (unread) std::rethrow_exception(unread);
  co_return went;
}

bool may_set_seen(const Fetching& fetching) {
  return fetching.plan.sets_seen && fetching.talk->session.selected->may(state::mailbox::Right::kSeen);
}

asio::awaitable<Went> fetch_whole(Fetching* fetching) {
  const bool sets_seen = may_set_seen(*fetching);
  for (auto batch = next_batch(fetching); !batch.empty();) {
    auto next = next_batch(fetching);
    if (sets_seen) {
      const bool set = co_await set_seen(fetching->talk, &batch);
      if (!set) co_return Went::kNotReadable;
    }
    const auto went = co_await fetch_beside(fetching, &batch, &next);
    if (went != Went::kWell) co_return went;
    batch = std::move(next);
  }
  co_return Went::kWell;
}

/// CHANGEDSINCE with VANISHED: RFC 7162 s3.2.6. What is gone may have been the last: `*` goes as far as there ever were
/// messages.
asio::awaitable<bool> tell_vanished(Talk* talk, const wire::imap::Fetch* command) {
  const auto last = co_await last_ever(talk);
  UidSet asked;
  for (const auto& range : command->set.resolve(last.value))
    asked.add(state::mailbox::UidRange{Uid(range.first), Uid(range.last)});
  const auto vanished = co_await vanished_since(talk, std::move(asked), ModSeq(*command->changed_since));
  if (!vanished) co_return false;
  wire::imap::append_vanished(talk->out.buffer(), wire::imap::Vanished::kEarlier, ranges_of(*vanished));
  co_return true;
}

asio::awaitable<Went> fetch_all(Fetching* fetching) {
  const auto& plan = fetching->plan;
  if (!plan.needs_email && !plan.needs_body) co_return co_await fetch_rows(fetching);
  if (!plan.columns.empty() && !may_set_seen(*fetching)) co_return co_await fetch_from_sheets(fetching);
  co_return co_await fetch_whole(fetching);
}

}  // namespace

asio::awaitable<Outcome> fetch(Talk* talk, wire::imap::Fetch command) {
  auto& session = talk->session;
  if (command.vanished && !(command.uid && command.changed_since && session.has(Extension::kQresync)))
    co_return bad("VANISHED needs UID FETCH, CHANGEDSINCE and ENABLE QRESYNC");
  auto named = named_messages(session, command.set, numbers(command.uid));
  if (!named) co_return std::move(named).error();
  if (command.partial) *named = partial(*named, *command.partial);  // RFC 9394 s3.4: then CHANGEDSINCE
  const auto limited = limit_messages(*talk, *named);
  auto plan = FetchPlan::of(command, session);
  if (plan.wants_modseq || command.changed_since) co_await enable_condstore(talk);
  if (command.vanished) {
    const bool told = co_await tell_vanished(talk, &command);
    if (!told) co_return failure(MailboxError::kUnavailable);
  }
  auto rows = co_await rows_of(talk, *std::move(named), ModSeq(command.changed_since.value_or(0)));
  if (!rows) co_return failure(rows.error());
  const auto status =
      co_await talk->services.mailboxes.status(session.selected->account(), session.selected->mailbox());
  if (status) tell_keywords(talk, status->keywords);
  Fetching fetching{talk, std::move(plan), *std::move(rows), UidMap::Cursor(session.selected->uids())};
  const auto went = co_await fetch_all(&fetching);
  if (went == Went::kClientGone) co_return gone();
  if (went == Went::kNotReadable) co_return failure(MailboxError::kUnavailable);
  if (fetching.met_unknown_encoding)  // RFC 3516 s4.3
    co_return no("UNKNOWN-CTE", "A part is in an encoding nobody knows");
  co_return with_limit(*talk, ok("Fetched"), limited);
}

asio::awaitable<void> fetch_arrived(Talk* talk, UidSet uids, std::vector<wire::imap::FetchItem> items) {
  wire::imap::Fetch command;
  command.items = std::move(items);
  auto plan = FetchPlan::of(command, talk->session);
  plan.sets_seen = false;
  auto rows = co_await rows_of(talk, std::move(uids), ModSeq());
  if (!rows) co_return;
  Fetching fetching{talk, std::move(plan), *std::move(rows), UidMap::Cursor(talk->session.selected->uids())};
  co_await fetch_all(&fetching);
}

}  // namespace veredus::doors::imap
