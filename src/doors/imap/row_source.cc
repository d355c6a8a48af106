#include "doors/imap/row_source.h"

#include <utility>

#include "base/types/result.h"
#include "doors/imap/updates.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::imap {

using state::mailbox::MailboxError;
using state::mailbox::Message;
using state::mailbox::UidSet;

RowSource::RowSource(std::shared_ptr<const state::mailbox::MessageTable> table, UidSet uids, ModSeq above,
                     std::vector<Message> ghosts)
    : walk_(std::move(table), std::move(uids), above), ghosts_(std::move(ghosts)), row_(walk_.next()) {}

namespace {

/// RFC 2180 s4.1.1: what was expunged stays readable for those who still see it. Their flags are gone; \Deleted is what
/// they all had.
asio::awaitable<std::expected<std::vector<Message>, MailboxError>> ghosts_among(Talk* talk, UidSet uids) {
  const auto& selected = *talk->session.selected;
  std::vector<Message> ghosts;
  for (const auto& [uid, email] : selected.ghosts()) {
    if (email == EmailId() || !uids.contains(uid)) continue;
    const auto found = co_await talk->services.mailboxes.email(selected.account(), email);
    if (!found && found.error() == MailboxError::kNoSuchEmail) continue;
    if (!found) co_return std::unexpected(found.error());
    Message message;
    message.uid = uid;
    message.modseq = selected.seen();
    message.created_modseq = ModSeq(1);
    message.flags = {state::mailbox::Flag::kDeleted};
    message.internal_date = message.saved_at = found->received_at;
    message.body = found->body;
    ghosts.push_back(message);
  }
  co_return ghosts;
}

}  // namespace

asio::awaitable<std::expected<RowSource, MailboxError>> rows_of(Talk* talk, UidSet uids, ModSeq above) {
  const bool there = co_await catch_up(talk);
  if (!there) co_return std::unexpected(MailboxError::kNoSuchMailbox);
  const auto& selected = *talk->session.selected;
  VEREDUS_CO_TRY(auto table, co_await talk->services.mailboxes.table(selected.account(), selected.mailbox()));
  std::vector<Message> ghosts;
  if (selected.has_expunged()) {
    VEREDUS_CO_TRY(ghosts, co_await ghosts_among(talk, uids));
  }
  co_return RowSource(std::move(table), std::move(uids), above, std::move(ghosts));
}

}  // namespace veredus::doors::imap
