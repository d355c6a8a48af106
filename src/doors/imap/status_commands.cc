#include "doors/imap/status_commands.h"

#include <algorithm>
#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/updates.h"
#include "io/net/stint.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/object_id.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::Flag;
using state::mailbox::Mailbox;
using state::mailbox::MailboxError;
using wire::imap::StatusItem;
using Number = std::expected<std::uint64_t, MailboxError>;

asio::awaitable<std::expected<std::shared_ptr<const state::mailbox::MessageTable>, MailboxError>> rows_of(
    Talk* talk, AccountId account, MailboxId mailbox) {
  return talk->services.mailboxes.table(account, mailbox);
}

/// RFC 3501 s6.3.10: messages not shown to any session yet; of the selected mailbox those that are recent in it.
asio::awaitable<Number> count_recent(Talk* talk, AccountId account, const Mailbox* mailbox) {
  const auto& selected = talk->session.selected;
  std::uint64_t count = 0;
  if (selected && selected->account() == account && selected->mailbox() == mailbox->id)
    count = selected->recent_count();
  if (mailbox->first_recent == mailbox->uid_next) co_return count;
  if (mailbox->first_recent == state::mailbox::kFirstUid) co_return count + mailbox->counts.messages;
  const auto table = co_await rows_of(talk, account, mailbox->id);
  if (!table) co_return std::unexpected(table.error());
  for (const auto& page : (*table)->pages())
    if (page->last() >= mailbox->first_recent)
      count += page->uids().within(mailbox->first_recent, state::mailbox::kLastUid).size();
  co_return count;
}

/// RFC 9208 s4.3
asio::awaitable<Number> deleted_octets(Talk* talk, AccountId account, const Mailbox* mailbox) {
  std::uint64_t octets = 0;
  if (mailbox->counts.deleted == 0) co_return octets;
  const auto table = co_await rows_of(talk, account, mailbox->id);
  if (!table) co_return std::unexpected(table.error());
  io::net::Stint stint;
  for (const auto& page : (*table)->pages()) {
    for (const auto& message : page->messages())
      if (message.flags.has(Flag::kDeleted)) octets += message.body.octets;
    if (stint.is_long()) co_await stint.pause();
  }
  co_return octets;
}

asio::awaitable<Number> number_of(Talk* talk, AccountId account, const Mailbox* mailbox, StatusItem item) {
  switch (item) {
    case StatusItem::kMessages:
      co_return mailbox->counts.messages;
    case StatusItem::kRecent:
      co_return co_await count_recent(talk, account, mailbox);
    case StatusItem::kUidNext:
      co_return mailbox->uid_next.value;
    case StatusItem::kUidValidity:
      co_return mailbox->uid_validity.value;
    case StatusItem::kUnseen:
      co_return mailbox->counts.unseen;
    case StatusItem::kDeleted:
      co_return mailbox->counts.deleted;
    case StatusItem::kSize:
      co_return mailbox->counts.octets;
    case StatusItem::kHighestModSeq:
      co_return mailbox->highest_modseq.value;
    case StatusItem::kAppendLimit:
      co_return talk->options.max_message_octets;
    case StatusItem::kDeletedStorage:
      co_return co_await deleted_octets(talk, account, mailbox);
    case StatusItem::kMailboxId:
      break;
  }
  co_return 0;
}

}  // namespace

asio::awaitable<std::expected<void, MailboxError>> tell_status(Talk* talk, AccountId account, Mailbox mailbox,
                                                               std::string name, std::vector<StatusItem> items) {
  std::vector<wire::imap::StatusValue> values;
  const auto object_id = state::mailbox::object_id(account, mailbox.id);
  for (const auto item : items) {
    auto& value = values.emplace_back();
    value.item = item;
    value.text = object_id;
    const auto number = co_await number_of(talk, account, &mailbox, item);
    if (!number) co_return std::unexpected(number.error());
    value.number = *number;
  }
  wire::imap::append_status(talk->out.buffer(), name, values, names_of(talk->session));
  co_return std::expected<void, MailboxError>();
}

asio::awaitable<Outcome> status(Talk* talk, wire::imap::Status command) {
  auto found = co_await find_mailbox(talk, std::move(command.mailbox));
  if (!found) co_return failure(found.error());
  if (!found->rights.has(state::mailbox::Right::kRead)) co_return not_permitted(found->rights);
  if (std::ranges::count(command.items, StatusItem::kHighestModSeq) != 0) co_await enable_condstore(talk);
  const auto told = co_await tell_status(talk, found->account, std::move(found->mailbox), std::move(found->shown_name),
                                         std::move(command.items));
  co_return told ? ok("Status told") : failure(told.error());
}

}  // namespace veredus::doors::imap
