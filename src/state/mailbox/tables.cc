#include <algorithm>
#include <utility>

#include "state/mailbox/flag_reading.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/rows.h"

/// Mailboxes: whole mailboxes in memory, kept up with by the change log.
namespace veredus::state::mailbox {
namespace {

using Table = std::shared_ptr<const MessageTable>;

constexpr std::uint32_t kRowsAtOnce = 8'192;
constexpr std::uint32_t kChangesAtOnce = 10'000;
constexpr std::size_t kAllChanged = std::size_t{1} << 40;
constexpr std::size_t kSingleRows = 256;  // scattered rows read one by one; more are scanned

AsyncOutcome<std::vector<Message>> read_range(Mailboxes* mailboxes, AccountId account, MailboxId mailbox,
                                              UidRange range) {
  std::vector<Message> all;
  for (Uid first = range.first;;) {
    VEREDUS_CO_TRY(auto page, co_await mailboxes->messages(account, mailbox, first, range.last, kRowsAtOnce));
    if (all.empty()) {
      all = std::move(page.messages);
    } else {
      all.insert(all.end(), page.messages.begin(), page.messages.end());
    }
    if (!page.more || all.empty()) co_return all;
    first = Uid(all.back().uid.value + 1);
  }
}

/// Rows named one by one, in one read; `flags` are what the pages say of them.
AsyncOutcome<std::vector<Message>> read_single(io::engine::Engine* engine, AccountId account, MailboxId mailbox,
                                               std::vector<Uid> uids, FlagOverlay flags) {
  std::vector<std::string> wanted;
  wanted.reserve(uids.size());
  for (const Uid uid : uids) wanted.push_back(keys::message(mailbox, uid));
  const auto values = co_await engine->get({io::engine::Kind::kAccount, account.value}, std::move(wanted));
  if (!values) co_return std::unexpected(from_store(values.error()));
  std::vector<Message> found;
  found.reserve(uids.size());
  for (std::size_t i = 0; i < uids.size(); ++i) {
    if (!(*values)[i]) continue;
    auto& message = found.emplace_back();
    VEREDUS_CO_TRY(message, rows::decode_message(uids[i], *(*values)[i]));
    flags.apply(message);
  }
  co_return found;
}

/// The messages of `changes.changed` that are as pages say; those of which the rows have to be read are added to
/// `rest`. What the log says changed last at some MODSEQ, and a page says so too, is nowhere newer in what is committed
/// so far: another change would have come after it in the log.
std::vector<Message> changed_in_pages(const Table& table, const MailboxChanges& changes, FlagOverlay flags,
                                      std::vector<Uid>& rest) {
  std::vector<Message> found;
  found.reserve(changes.changed.size());
  TableWalk walk(table, UidSet::of(changes.changed));
  const auto* before = walk.next();
  for (std::size_t i = 0; i < changes.changed.size(); ++i) {
    const auto uid = changes.changed[i];
    while (before != nullptr && before->uid < uid) before = walk.next();
    const bool is_known = before != nullptr && before->uid == uid;
    if (is_known) flags.apply(found.emplace_back(*before));
    // 0: that commit changed it more than once.
    if (is_known && changes.changed_at[i] != ModSeq() && found.back().modseq >= changes.changed_at[i]) continue;
    if (is_known) found.pop_back();
    rest.push_back(uid);
  }
  return found;
}

std::vector<Message> merged(const std::vector<Message>& left, const std::vector<Message>& right) {
  std::vector<Message> all;
  all.reserve(left.size() + right.size());
  std::ranges::merge(left, right, std::back_inserter(all), {}, &Message::uid, &Message::uid);
  return all;
}

std::vector<Uid> merged(const std::vector<Uid>& left, const std::vector<Uid>& right) {
  std::vector<Uid> all;
  all.reserve(left.size() + right.size());
  std::ranges::set_union(left, right, std::back_inserter(all));
  return all;
}

}  // namespace

AsyncOutcome<FlagOverlay> Mailboxes::Impl::flags_of(AccountId account, MailboxId mailbox, UidRange range) {
  const auto look = [mailbox](const AccountState& state) {
    const auto found = state.mailboxes.find(mailbox);
    return found != state.mailboxes.end() && found->second.has_flag_pages;
  };
  VEREDUS_CO_TRY(const bool there, co_await view(account, look));
  if (!there) co_return FlagOverlay();
  co_return co_await read_flags(&engine, partition(account), mailbox, range);
}

/// What was read may be newer than `as_of`, so the changes after it are looked at once more.
AsyncOutcome<Table> Mailboxes::Impl::load_table(Mailboxes* self, AccountId account, MailboxId mailbox) {
  VEREDUS_CO_TRY(const auto as_of, co_await self->highest_modseq(account));
  VEREDUS_CO_TRY(const auto status, co_await self->status(account, mailbox));
  VEREDUS_CO_TRY(auto messages, co_await read_range(self, account, mailbox, kAllUids));
  co_return MessageTable::of(status.uid_validity, as_of, std::move(messages));
}

AsyncOutcome<Table> Mailboxes::Impl::follow(Mailboxes* self, AccountId account, MailboxId mailbox, Table table,
                                            std::size_t* count) {
  VEREDUS_CO_TRY(const auto changes, co_await self->changes(account, mailbox, table->as_of(), kChangesAtOnce));
  const bool exact = changes.expunges == MailboxChanges::Expunges::kExact;
  *count += changes.arrived.size() + changes.changed.size() + changes.expunged.size();
  std::vector<Message> known;
  std::vector<Uid> fresh;
  if (exact && changes.changed.size() > kSingleRows) {
    const UidRange around{changes.changed.front(), changes.changed.back()};
    VEREDUS_CO_TRY(auto flags, co_await flags_of(account, mailbox, around));
    std::vector<Uid> rest;
    known = changed_in_pages(table, changes, std::move(flags), rest);
    fresh = merged(changes.arrived, rest);
  } else {
    fresh = merged(changes.arrived, changes.changed);
  }
  if (!exact || fresh.size() > std::max<std::size_t>(kSingleRows, table->size() / 2)) {
    *count = kAllChanged;
    co_return co_await load_table(self, account, mailbox);
  }
  std::vector<Message> messages;
  if (fresh.size() <= kSingleRows) {
    if (!fresh.empty()) {
      const UidRange around{fresh.front(), fresh.back()};
      VEREDUS_CO_TRY(auto flags, co_await flags_of(account, mailbox, around));
      VEREDUS_CO_TRY(messages, co_await read_single(&engine, account, mailbox, fresh, std::move(flags)));
    }
  } else {
    const UidRange around{fresh.front(), fresh.back()};
    VEREDUS_CO_TRY(messages, co_await read_range(self, account, mailbox, around));
  }
  if (!known.empty()) messages = merged(known, messages);
  if (messages.empty() && changes.expunged.empty()) co_return table->confirmed(changes.up_to);
  co_return table->changed(changes.up_to, messages, changes.expunged);
}

Mailboxes::Result<Table> Mailboxes::table(AccountId account, MailboxId mailbox) {
  auto known = impl_->tables.get(account, mailbox);
  std::size_t changes = 0;
  bool fresh = false;
  bool from_store = false;
  for (bool looked = false;;) {
    struct Mark {
      std::uint32_t messages;
      UidValidity uid_validity;
      ModSeq highest;
      ModSeq version;
    };
    const auto look = [mailbox](const AccountState& state) -> std::optional<Mark> {
      const auto found = state.mailboxes.find(mailbox);
      if (found == state.mailboxes.end() || found->second.state != rows::MailboxState::kAlive) return std::nullopt;
      const auto& row = found->second;
      return Mark{row.counts.messages, row.uid_validity, row.highest_modseq, ModSeq(state.version.value)};
    };
    VEREDUS_CO_TRY(const auto mark, co_await impl_->view(account, look));
    if (!mark) co_return std::unexpected(MailboxError::kNoSuchMailbox);
    if (!known && !std::exchange(looked, true) && mark->messages >= kWorthStoring) {
      VEREDUS_CO_TRY(known, co_await impl_->stored_table(account, mailbox));
      fresh = true;
      from_store = true;
    }
    // An account that was erased and began again counts from the beginning.
    if (known && (known->uid_validity() != mark->uid_validity || known->as_of() > mark->version)) known = nullptr;
    const bool current = known && known->as_of() >= mark->highest;
    // Its parts were read one by one: what stands there now may be of another table between two of them.
    if (current && std::exchange(from_store, false) && known->size() != mark->messages) known = nullptr;
    if (known && current) {
      if (fresh) impl_->tables.put(account, mailbox, known, changes);
      if (const auto claim = impl_->tables.claim_stale(account, mailbox))
        (void)co_await impl_->store_table(account, mailbox, known);
      co_return known;
    }
    fresh = true;
    if (known) {
      VEREDUS_CO_TRY(known, co_await impl_->follow(this, account, mailbox, known, &changes));
    } else {
      changes = kAllChanged;
      VEREDUS_CO_TRY(known, co_await impl_->load_table(this, account, mailbox));
    }
  }
}

/// Of an account that is not in memory nothing is stored: to read one that was erased would begin it anew.
Mailboxes::Result<void> Mailboxes::put_away(AccountId account, MailboxId mailbox) {
  const auto is_alive = [mailbox](const AccountState& state) {
    const auto found = state.mailboxes.find(mailbox);
    return found != state.mailboxes.end() && found->second.state == rows::MailboxState::kAlive;
  };
  if (!impl_->tables.get(account, mailbox) || !impl_->accounts.get(account)->look(is_alive).value_or(false))
    co_return std::expected<void, MailboxError>();
  VEREDUS_CO_TRY(co_await table(account, mailbox));
  co_await impl_->store_sheets(account, mailbox);
  co_return std::expected<void, MailboxError>();
}

}  // namespace veredus::state::mailbox
