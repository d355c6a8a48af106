#include "doors/imap/select_commands.h"

#include <algorithm>
#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/fetch_line.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/resync.h"
#include "doors/imap/updates.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/object_id.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::MessageTable;
using state::mailbox::Right;
using state::mailbox::Rights;
using wire::imap::Condition;

namespace {

using Table = std::shared_ptr<const MessageTable>;

UidMap uids_of(const MessageTable& table) {
  UidMap uids;
  for (const auto& page : table.pages()) uids.append(page->uids());
  return uids;
}

/// RFC 3501 s2.3.2: a session that only looks is shown what the next one will be given.
asio::awaitable<void> take_recent(Talk* talk, Selected* selected, Uid first_recent) {
  if (talk->session.rev2() || first_recent > selected->uids().last()) co_return;  // nothing in it is
  if (!selected->read_only()) co_return co_await claim_recent(talk, selected);
  selected->note_recent(selected->uids().all().within(first_recent, state::mailbox::kLastUid));
}

/// RFC 7162 s3.2.11: what comes after it belongs to the next mailbox. Whatever the client has enabled.
asio::awaitable<void> close_former(Talk* talk) {
  if (!talk->session.selected) co_return;
  co_await leave_mailbox(talk);
  wire::imap::append_untagged(talk->out.buffer(), Condition::kOk, "CLOSED", "The former mailbox is closed");
}

void tell_mailbox(Talk* talk, const state::mailbox::Mailbox& mailbox, const MessageTable& table) {
  auto& session = talk->session;
  auto& selected = *session.selected;
  auto& out = talk->out.buffer();
  const auto say = [&out](std::string code, std::string_view text) {
    wire::imap::append_untagged(out, Condition::kOk, code, text);
  };
  wire::imap::append_flags_reply(out, selected.keywords);
  append_permanent_flags(talk);
  wire::imap::append_numbered(out, selected.exists(), "EXISTS");
  if (session.rev2()) {  // RFC 9051 s6.3.2
    const auto names = session.utf8() ? wire::imap::Names::kUtf8 : wire::imap::Names::kModifiedUtf7;
    wire::imap::ListLine line;
    line.name = selected.place().name;
    line.separator = state::mailbox::kHierarchySeparator;
    wire::imap::append_list(out, line, names);
  } else {
    wire::imap::append_numbered(out, selected.recent_count(), "RECENT");
    const auto unseen = selected.uids().number(table.first_unseen());
    if (unseen && !session.has(Extension::kUidOnly))  // RFC 9586 s3.5: no numbers
      say(wire::imap::code_number("UNSEEN", *unseen), "First unseen");
  }
  const auto uid_next = std::max(mailbox.uid_next.value, selected.uids().last().value + 1);
  say(wire::imap::code_number("UIDVALIDITY", mailbox.uid_validity.value), "UIDs are valid");
  say(wire::imap::code_number("UIDNEXT", uid_next), "Next UID");
  tell_highest_modseq(talk, mailbox.highest_modseq);
  say(wire::imap::code_mailboxid(state::mailbox::object_id(selected.account(), selected.mailbox())), "Id");
}

/// What the session saw, as CLOSE wants it.
asio::awaitable<Outcome> expunge_closed(Talk* talk, const Selected* selected) {
  const auto all = selected->uids().all();
  const auto expunged =
      co_await talk->services.mailboxes.expunge_deleted(selected->account(), selected->mailbox(), all);
  const bool went_before = !expunged && expunged.error() == state::mailbox::MailboxError::kNoSuchMailbox;
  if (!expunged && !went_before) co_return failure(expunged.error());
  co_return ok("Closed");  // RFC 7162 s3.2.8: without HIGHESTMODSEQ
}

}  // namespace

asio::awaitable<Outcome> select(Talk* talk, wire::imap::Select command) {
  auto& session = talk->session;
  if (command.qresync && !session.has(Extension::kQresync)) co_return bad("ENABLE QRESYNC first");  // RFC 7162 s3.2.5
  co_await close_former(talk);
  const auto found = co_await find_mailbox(talk, command.mailbox);
  if (!found) co_return failure(found.error());
  if (!found->rights.has(Right::kRead)) co_return not_permitted(found->rights);
  if (command.condstore || command.qresync) co_await enable_condstore(talk);

  // The table last: what comes meanwhile is in it, and UIDNEXT allows for that.
  const auto& mailbox = found->mailbox;
  const auto table = co_await talk->services.mailboxes.table(found->account, mailbox.id);
  if (!table) co_return failure(table.error());
  Selected::Place place;
  place.account = found->account;
  place.mailbox = mailbox.id;
  place.uid_validity = mailbox.uid_validity;
  place.name = found->shown_name;
  place.rights = found->rights;
  const bool changes_nothing = command.read_only || (found->rights.bits() & kChangingRights.bits()) == 0;
  if (changes_nothing) place.access = Access::kReadOnly;
  auto selected = std::make_unique<Selected>(std::move(place), uids_of(**table), (*table)->as_of());
  selected->keywords = mailbox.keywords;
  selected->set_rights(found->rights);
  co_await take_recent(talk, selected.get(), mailbox.first_recent);
  session.selected = std::move(selected);
  tell_mailbox(talk, mailbox, **table);
  if (command.qresync && command.qresync->uid_validity == mailbox.uid_validity.value) {
    const bool told = co_await resynchronize(talk, *std::move(command.qresync), *table);
    if (!told) co_return gone();
  }
  co_return changes_nothing ? ok("READ-ONLY", "Opened for reading") : ok("READ-WRITE", "Opened");
}

asio::awaitable<Outcome> close(Talk* talk, wire::imap::Close /*command*/) {
  const auto selected = std::exchange(talk->session.selected, nullptr);
  auto outcome = selected->may(Right::kExpunge) ? co_await expunge_closed(talk, selected.get()) : ok("Closed");
  (void)co_await talk->services.mailboxes.put_away(selected->account(), selected->mailbox());
  co_return outcome;
}

/// RFC 3691 s2
asio::awaitable<Outcome> unselect(Talk* talk, wire::imap::Unselect /*command*/) {
  co_await leave_mailbox(talk);
  co_return ok("Unselected");
}

asio::awaitable<void> leave_mailbox(Talk* talk) {
  const auto former = std::exchange(talk->session.selected, nullptr);
  if (former) (void)co_await talk->services.mailboxes.put_away(former->account(), former->mailbox());
}

}  // namespace veredus::doors::imap
