#include "state/mailbox/mailboxes.h"

#include <algorithm>
#include <utility>

#include "state/mailbox/append_operation.h"
#include "state/mailbox/email_id.h"
#include "state/mailbox/expunge_operation.h"
#include "state/mailbox/flags_operation.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/mailbox_name.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/replace_operation.h"
#include "state/mailbox/sweep_operation.h"
#include "state/mailbox/transfer_operation.h"

namespace veredus::state::mailbox {
namespace {

using io::engine::Batch;
using io::engine::Durability;

using Slice = ExpungeOperation::Which;

/// What two operations, one after the other, came to.
void join(FlagsStored& all, const FlagsStored& next) {
  all.messages.insert(all.messages.end(), next.messages.begin(), next.messages.end());
  all.changed.insert(all.changed.end(), next.changed.begin(), next.changed.end());
  all.before.insert(all.before.end(), next.before.begin(), next.before.end());
  for (const auto& range : next.refused.ranges()) all.refused.add(range);
  if (!next.alone_since || *next.alone_since > all.modseq) all.alone_since.reset();
  all.modseq = next.modseq;
}

Options bounded(Options options) {
  options.name_octets = std::min<std::uint32_t>(options.name_octets, 480);  // and a key at most 512
  return options;
}

}  // namespace

Mailboxes::Mailboxes(io::engine::Engine& engine, const Clock& clock, Options options)
    : impl_(std::make_unique<Impl>(engine, clock, bounded(options))) {}

Mailboxes::~Mailboxes() = default;

Mailboxes::Result<Appended> Mailboxes::append(AccountId account, NewMessage message, QuotaLimits limits) {
  AppendOperation operation(std::move(message), limits);
  VEREDUS_CO_TRY(std::as_const(operation).check());
  VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
  operation.shelve(account, impl_->shelf);
  co_return std::move(operation.take_result().front());
}

Mailboxes::Result<std::vector<Appended>> Mailboxes::append_all(AccountId account, std::vector<NewMessage> messages,
                                                               QuotaLimits limits) {
  AppendOperation operation(std::move(messages), limits);
  VEREDUS_CO_TRY(std::as_const(operation).check());
  VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
  impl_->shelf.note_reader(account);  // several at a time are put there by a mail program, which reads, too
  operation.shelve(account, impl_->shelf);
  co_return operation.take_result();
}

Mailboxes::Result<Appended> Mailboxes::replace(AccountId account, NewMessage message, Location replaced,
                                               QuotaLimits limits) {
  auto table = impl_->tables.get(account, replaced.mailbox);
  ReplaceOperation operation(std::move(message), limits, replaced, std::move(table), impl_->options.removal_delay);
  VEREDUS_CO_TRY(std::as_const(operation).check());
  VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
  if (auto after = operation.table_after())
    impl_->tables.put(account, replaced.mailbox, std::move(after), operation.count_expunged());
  impl_->shelf.note_reader(account);
  operation.shelve(account, impl_->shelf);
  co_return operation.take_result();
}

EmailId Mailboxes::new_staged_email() {
  auto last = impl_->last_staged.load(std::memory_order_relaxed);
  const auto now = impl_->clock.now();
  while (true) {
    const auto random = impl_->staging_seed ^ (last * 0x9E3779B97F4A7C15 >> 7);
    const auto next = staged_email_id_after(EmailId(last), now, random);
    if (impl_->last_staged.compare_exchange_weak(last, next.value, std::memory_order_relaxed)) return next;
  }
}

Mailboxes::Result<void> Mailboxes::stage_chunk(AccountId account, EmailId email, std::uint32_t index,
                                               std::string octets, SystemTime expiry) {
  if (octets.size() > kChunkOctets) co_return std::unexpected(MailboxError::kTooBig);
  if (index == 0 || octets.empty() || !is_staged_id(email)) co_return std::unexpected(MailboxError::kBadBody);
  const rows::StagedRow staged{expiry, std::uint64_t{index - 1} * kChunkOctets + octets.size()};
  Batch batch;
  batch.keep_version().put(keys::staged(email), rows::encode(staged)).put(keys::chunk(email, index), std::move(octets));
  const auto kept = co_await impl_->engine.commit(Impl::partition(account), std::move(batch), Durability::kRelaxed);
  if (!kept) co_return std::unexpected(from_store(kept.error()));
  co_return std::expected<void, MailboxError>();
}

Mailboxes::Result<void> Mailboxes::discard_staged(AccountId account, EmailId email) {
  const auto partition = Impl::partition(account);
  std::vector<std::string> wanted{keys::staged(email)};
  const auto rows = co_await impl_->engine.get(partition, std::move(wanted));
  if (!rows) co_return std::unexpected(from_store(rows.error()));
  if (!rows->front()) co_return std::expected<void, MailboxError>();  // adopted, swept or never there
  VEREDUS_CO_TRY(const auto staged, rows::decode_staged(*rows->front()));
  Batch batch;
  batch.keep_version().expect(keys::staged(email), rows->front()).erase(keys::staged(email));
  const auto chunks = (staged.octets + kChunkOctets - 1) / kChunkOctets;
  for (std::uint32_t index = 1; index <= chunks; ++index) batch.erase(keys::chunk(email, index));
  const auto done = co_await impl_->engine.commit(partition, std::move(batch), Durability::kRelaxed);
  if (!done) co_return std::unexpected(from_store(done.error()));
  co_return std::expected<void, MailboxError>();
}

Mailboxes::Result<FlagsStored> Mailboxes::store_flags(AccountId account, MailboxId mailbox, UidSet uids,
                                                      FlagChange change) {
  FlagsStored all;
  bool is_first = true;
  auto table = impl_->tables.get(account, mailbox);
  do {
    FlagsOperation operation(mailbox, std::move(uids), change, table, impl_->options.flag_page_messages);
    VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
    uids = operation.rest();
    if (auto after = operation.table_after()) {  // whoever looks next need not read what we know
      impl_->tables.put(account, mailbox, after, operation.count_changed());
      table = std::move(after);
    }
    auto slice = operation.take_result();
    if (is_first)
      all = std::move(slice);
    else
      join(all, slice);
    is_first = false;
  } while (!uids.empty());
  co_return all;
}

Mailboxes::Result<Copied> Mailboxes::copy(AccountId account, MailboxId from, UidSet uids, MailboxId to,
                                          QuotaLimits limits, AllowedFlags allowed) {
  VEREDUS_CO_TRY(const auto source, co_await status(account, from));
  uids = uids.within(kFirstUid, Uid(source.uid_next.value - 1));  // not what this very copy brings
  Copied all;
  do {
    TransferOperation operation(TransferOperation::Kind::kCopy, from, std::move(uids), to, limits, allowed);
    const auto done = co_await impl_->perform(account, &operation);
    if (!done) {  // RFC 9051 s6.4.7: all or nothing, also of what takes several turns
      UidSet copies;
      for (const auto& [old_uid, new_uid] : all.uids) copies.add(new_uid);
      if (!copies.empty()) co_await expunge(account, to, std::move(copies));
      co_return std::unexpected(done.error());
    }
    uids = operation.rest();
    auto slice = operation.take_result();
    all.uid_validity = slice.uid_validity;
    all.modseq = slice.modseq;
    all.uids.insert(all.uids.end(), slice.uids.begin(), slice.uids.end());
  } while (!uids.empty());
  co_return all;
}

Mailboxes::Result<Copied> Mailboxes::move(AccountId account, MailboxId from, UidSet uids, MailboxId to,
                                          AllowedFlags allowed) {
  VEREDUS_CO_TRY(const auto source, co_await status(account, from));
  uids = uids.within(kFirstUid, Uid(source.uid_next.value - 1));
  Copied all;
  do {
    TransferOperation operation(TransferOperation::Kind::kMove, from, std::move(uids), to, QuotaLimits(), allowed);
    VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
    uids = operation.rest();
    auto slice = operation.take_result();
    all.uid_validity = slice.uid_validity;
    all.modseq = slice.modseq;
    all.uids.insert(all.uids.end(), slice.uids.begin(), slice.uids.end());
  } while (!uids.empty());
  co_return all;
}

/// ExpungeOperation after ExpungeOperation, until all of `uids` were looked at.
AsyncOutcome<Expunged> Mailboxes::Impl::expunge(AccountId account, MailboxId mailbox, UidSet uids, Slice which) {
  Expunged all;
  auto table = tables.get(account, mailbox);
  do {
    ExpungeOperation operation(which, mailbox, std::move(uids), table, options.removal_delay);
    VEREDUS_CO_TRY(co_await perform(account, &operation));
    uids = operation.rest();
    if (auto after = operation.table_after()) {
      tables.put(account, mailbox, after, operation.count_expunged());
      table = std::move(after);
    }
    const auto slice = operation.take_result();
    for (const auto& range : slice.uids.ranges()) all.uids.add(range);
    all.modseq = slice.modseq;
  } while (!uids.empty());
  co_return all;
}

Mailboxes::Result<Expunged> Mailboxes::expunge_deleted(AccountId account, MailboxId mailbox, UidSet uids) {
  co_return co_await impl_->expunge(account, mailbox, std::move(uids), Slice::kDeleted);
}

Mailboxes::Result<Expunged> Mailboxes::expunge(AccountId account, MailboxId mailbox, UidSet uids) {
  co_return co_await impl_->expunge(account, mailbox, std::move(uids), Slice::kAll);
}

Mailboxes::Result<std::uint64_t> Mailboxes::sweep(AccountId account) {
  const auto going = [](const AccountState& state) {
    std::vector<MailboxId> ids;
    for (const auto& [id, row] : state.mailboxes)
      if (row.state == rows::MailboxState::kGoing) ids.push_back(id);
    return ids;
  };
  VEREDUS_CO_TRY(const auto unfinished, co_await impl_->view(account, going));
  for (const MailboxId mailbox : unfinished)
    VEREDUS_CO_TRY(co_await impl_->expunge(account, mailbox, UidSet::all(), Slice::kPurge));
  VEREDUS_CO_TRY(co_await impl_->sweep_hints(account));
  std::uint64_t removed = 0;
  while (true) {
    SweepOperation operation(impl_->options.change_log_age);
    VEREDUS_CO_TRY(co_await impl_->perform(account, &operation));
    removed += operation.removed();
    if (operation.removed() != 0) impl_->shelf.forget(account);  // bodies may be among it
    if (!operation.more() || operation.removed() == 0) co_return removed;
  }
}

Mailboxes::Result<void> Mailboxes::erase_account(AccountId account) {
  VEREDUS_CO_TRY(co_await impl_->revoke_all_of(account));  // while it still says who shares with it
  EraseAccount operation;
  const auto erased = co_await impl_->perform(account, &operation);
  impl_->shelf.forget(account);
  co_return erased;
}

}  // namespace veredus::state::mailbox
