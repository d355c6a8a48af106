#include <algorithm>
#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/picking.h"
#include "state/mailbox/rows.h"

/// Mailboxes: what only reads. No turn is taken: a read sees what is committed.
namespace veredus::state::mailbox {
namespace {

using io::engine::ScanOptions;
using io::engine::Value;

/// An m row and, when it is there, its l row.
Outcome<std::optional<Email>> decode(EmailId id, const std::optional<Value>& content,
                                     const std::optional<Value>& locations) {
  if (!content) return std::nullopt;
  VEREDUS_TRY(auto row, rows::decode_email(*content));
  Email email;
  email.body = {id, row.octets, row.first_octets};
  email.thread = row.thread;
  email.received_at = row.received_at;
  email.locations.assign(1, row.home);
  if (locations) {
    VEREDUS_TRY(email.locations, rows::decode_locations(*locations));
  }
  email.content = std::move(row.content);
  return email;
}

}  // namespace

Mailboxes::Result<MessagePage> Mailboxes::messages(AccountId account, MailboxId mailbox, Uid first, Uid last,
                                                   std::uint32_t limit) {
  MessagePage found;
  if (last < first || limit == 0) co_return found;
  ScanOptions options;
  options.limit = limit;
  const auto page = co_await impl_->engine.scan(Impl::partition(account), keys::message(mailbox, first),
                                                keys::message(mailbox, last) + '\0', options);
  if (!page) co_return std::unexpected(from_store(page.error()));
  if (page->rows.empty()) {  // nothing there, or no mailbox
    VEREDUS_CO_TRY(co_await status(account, mailbox));
    co_return found;
  }
  found.messages.reserve(page->rows.size());
  VEREDUS_CO_TRY(add_messages(page->rows, found.messages));
  const UidRange around{found.messages.front().uid, found.messages.back().uid};
  VEREDUS_CO_TRY(auto flags, co_await impl_->flags_of(account, mailbox, around));
  flags.apply(found.messages);
  found.more = page->more;
  co_return found;
}

Mailboxes::Result<std::vector<std::optional<Email>>> Mailboxes::emails(AccountId account, std::vector<EmailId> ids) {
  std::vector<std::string> wanted;
  wanted.reserve(ids.size() * 2);
  for (const EmailId id : ids) {
    wanted.push_back(keys::email(id));
    wanted.push_back(keys::locations(id));
  }
  const auto values = co_await impl_->engine.get(Impl::partition(account), std::move(wanted));
  if (!values) co_return std::unexpected(from_store(values.error()));
  std::vector<std::optional<Email>> found(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    VEREDUS_CO_TRY(found[i], decode(ids[i], (*values)[2 * i], (*values)[2 * i + 1]));
  }
  co_return found;
}

Mailboxes::Result<Email> Mailboxes::email(AccountId account, EmailId id) {
  std::vector<EmailId> one(1, id);
  VEREDUS_CO_TRY(auto found, co_await emails(account, std::move(one)));
  if (!found.front()) co_return std::unexpected(MailboxError::kNoSuchEmail);
  co_return std::move(*found.front());
}

Mailboxes::Result<std::string> Mailboxes::read_body(AccountId account, StoredBody body, std::uint64_t offset,
                                                    std::uint32_t length) {
  if (offset >= body.octets || length == 0) co_return std::string();
  const bool in_first = offset < body.first_octets;
  const auto index = in_first ? 0 : static_cast<std::uint32_t>((offset - body.first_octets) / kChunkOctets) + 1;
  const auto inside = in_first ? offset : (offset - body.first_octets) % kChunkOctets;
  if (index == 0)
    if (const auto kept = impl_->shelf.find(account, body.email))
      if (kept->size() == body.first_octets) co_return kept->substr(inside, length);
  std::vector<std::string> wanted(1, keys::chunk(body.email, index));
  auto values = co_await impl_->engine.get(Impl::partition(account), std::move(wanted));
  if (!values) co_return std::unexpected(from_store(values.error()));
  auto& chunk = values->front();
  if (!chunk) co_return std::unexpected(MailboxError::kNoSuchEmail);
  const auto whole = index == 0 ? body.first_octets
                                : std::min<std::uint64_t>(kChunkOctets, body.octets - body.first_octets -
                                                                            std::uint64_t{index - 1} * kChunkOctets);
  if (chunk->size() != whole) co_return std::unexpected(MailboxError::kCorrupt);
  if (inside == 0 && length >= chunk->size()) co_return std::move(*chunk);
  co_return chunk->substr(inside, length);
}

Mailboxes::Result<std::vector<EmailId>> Mailboxes::thread(AccountId account, ThreadId thread) {
  std::vector<EmailId> members;
  const EmailId founder(thread.value);  // a thread is called after the first email in it
  std::vector<EmailId> one(1, founder);
  VEREDUS_CO_TRY(auto found, co_await emails(account, std::move(one)));
  if (found.front() && !found.front()->locations.empty()) members.push_back(founder);
  std::string low = keys::thread_member(thread, EmailId());
  const std::string high = keys::thread_member(ThreadId(thread.value + 1), EmailId());
  while (!low.empty()) {
    const auto page = co_await impl_->engine.scan(Impl::partition(account), low, high, ScanOptions{});
    if (!page) co_return std::unexpected(from_store(page.error()));
    std::vector<EmailId> others;
    for (const auto& row : page->rows) {
      const auto member = keys::parse_thread_member(row.key);
      if (!member) co_return std::unexpected(MailboxError::kCorrupt);
      others.push_back(member->second);
    }
    VEREDUS_CO_TRY(const auto joined, co_await emails(account, others));
    for (const auto& email : joined)
      if (email && !email->locations.empty()) members.push_back(email->body.email);
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  std::ranges::sort(members);
  co_return members;
}

Mailboxes::Result<QuotaUsage> Mailboxes::usage(AccountId account) {
  const auto look = [](const AccountState& state) { return state.account.usage; };
  co_return co_await impl_->view(account, look);
}

Mailboxes::Result<std::vector<AccountId>> Mailboxes::accounts(AccountId from, std::uint32_t limit) {
  const auto ids = co_await impl_->engine.partitions(io::engine::Kind::kAccount, from.value, limit);
  if (!ids) co_return std::unexpected(from_store(ids.error()));
  co_return std::vector<AccountId>(ids->begin(), ids->end());
}

}  // namespace veredus::state::mailbox
