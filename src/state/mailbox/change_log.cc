#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/rows.h"

/// Mailboxes: what changed since.
namespace veredus::state::mailbox {
namespace {

using io::engine::Engine;
using io::engine::Partition;
using io::engine::ScanOptions;

struct Log {
  std::vector<LogEntry> entries;
  ModSeq up_to;
  bool more = false;
};

/// The log after `since` up to `until`: whole commits, and no further than the one that brings the changes of `mailbox`
/// (nullopt: all) to `limit`.
AsyncOutcome<Log> read_log(Engine* engine, Partition partition, ModSeq since, ModSeq until,
                           std::optional<MailboxId> mailbox, std::uint32_t limit) {
  Log log;
  log.up_to = until;
  std::string low = keys::change(ModSeq(since.value + 1), MailboxId());
  const std::string high = keys::change(ModSeq(until.value + 1), MailboxId());
  std::size_t changes = 0;
  while (!low.empty()) {
    const auto page = co_await engine->scan(partition, low, high, ScanOptions{});
    if (!page) co_return std::unexpected(from_store(page.error()));
    for (const auto& [key, value] : page->rows) {
      const auto at = keys::parse_change(key);
      if (!at) co_return std::unexpected(MailboxError::kCorrupt);
      if (changes >= limit && at->first != log.entries.back().modseq) {
        log.up_to = ModSeq(at->first.value - 1);
        log.more = true;
        co_return log;
      }
      if (mailbox && at->second != *mailbox) continue;
      VEREDUS_CO_TRY(auto row, rows::decode_change(value));
      changes += row.changes.size();
      log.entries.push_back({at->first, at->second, std::move(row)});
    }
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  co_return log;
}

/// The same from memory, where that reaches back so far.
std::optional<Log> recent_log(const AccountState& state, ModSeq since, std::optional<MailboxId> mailbox,
                              std::uint32_t limit) {
  if (since < state.account.log_floor) return std::nullopt;
  auto entries = state.changes.after(since, mailbox);
  if (!entries || limit < RecentChanges::kChanges) return std::nullopt;
  return Log{*std::move(entries), ModSeq(state.version.value)};
}

/// The messages of a mailbox that changed after `since`, from their rows: for what the log no longer has.
AsyncOutcome<MailboxChanges> scan_changed(Engine* engine, Partition partition, MailboxId mailbox, ModSeq since,
                                          FlagOverlay flags) {
  MailboxChanges changes;
  std::string low = keys::message(mailbox, kFirstUid);
  const std::string high = keys::message(mailbox, kLastUid) + '\0';
  while (!low.empty()) {
    const auto page = co_await engine->scan(partition, low, high, ScanOptions{});
    if (!page) co_return std::unexpected(from_store(page.error()));
    for (const auto& row : page->rows) {
      const auto at = keys::parse_message(row.key);
      if (!at) co_return std::unexpected(MailboxError::kCorrupt);
      VEREDUS_CO_TRY(auto message, rows::decode_message(at->uid, row.value));
      flags.apply(message);
      if (message.created_modseq > since) {
        changes.arrived.push_back(message.uid);
      } else if (message.modseq > since) {
        changes.changed.push_back(message.uid);
        changes.changed_at.push_back(message.modseq);
      }
    }
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  co_return changes;
}

/// In the order of strength.
enum class Kind : std::uint8_t { kChanged, kArrived, kExpunged };

struct Happening {
  Uid uid;
  ModSeq modseq;
  EmailId email;
  Kind kind = Kind::kChanged;
};

Kind kind_of(rows::ChangeKind kind) {
  switch (kind) {
    case rows::ChangeKind::kArrived:
    case rows::ChangeKind::kCopied:
      return Kind::kArrived;
    case rows::ChangeKind::kExpunged:
    case rows::ChangeKind::kDestroyed:
      return Kind::kExpunged;
    default:
      return Kind::kChanged;
  }
}

/// All that happened to messages, in the order of UIDs, then of time.
std::vector<Happening> happenings(const Log& log) {
  std::size_t count = 0;
  for (const auto& entry : log.entries) count += entry.row.changes.size();
  std::vector<Happening> all;
  all.reserve(count);
  for (const auto& entry : log.entries)
    for (const auto& change : entry.row.changes)
      if (change.uid != Uid()) all.push_back({change.uid, entry.modseq, change.email, kind_of(change.kind)});
  const auto order = [](const Happening& one) { return std::pair(one.uid, one.modseq); };
  if (!std::ranges::is_sorted(all, {}, order)) std::ranges::sort(all, {}, order);  // one commit is in order already
  return all;
}

/// Each message once, by the strongest that happened to it.
MailboxChanges summarize(const Log& log) {
  const auto all = happenings(log);
  MailboxChanges changes;
  for (std::size_t i = 0; i < all.size();) {
    auto fate = all[i];
    for (++i; i < all.size() && all[i].uid == fate.uid; ++i) {
      fate.kind = std::max(fate.kind, all[i].kind);
      fate.modseq = all[i].modseq == all[i - 1].modseq ? ModSeq() : all[i].modseq;
    }
    if (fate.kind == Kind::kArrived) changes.arrived.push_back(fate.uid);
    if (fate.kind == Kind::kChanged) {
      changes.changed.push_back(fate.uid);
      changes.changed_at.push_back(fate.modseq);
    }
    if (fate.kind != Kind::kExpunged) continue;
    changes.expunged.add(fate.uid);
    changes.expunged_emails.emplace_back(fate.uid, fate.email);
  }
  return changes;
}

/// First and last of what happened to something.
struct Fate {
  bool created = false;
  bool destroyed = false;
};

template <class Id>
void sort_out(const std::map<Id, Fate>& fates, std::vector<Id>& created, std::vector<Id>& updated,
              std::vector<Id>& destroyed) {
  for (const auto& [id, fate] : fates) {
    if (fate.created && fate.destroyed) continue;  // RFC 8620 s5.2: came and went, may be left out
    if (fate.created)
      created.push_back(id);
    else if (fate.destroyed)
      destroyed.push_back(id);
    else
      updated.push_back(id);
  }
}

AccountChanges summarize_account(const Log& log) {
  std::map<EmailId, Fate> emails;
  std::map<MailboxId, Fate> mailboxes;
  for (const auto& entry : log.entries) {
    auto& mailbox = mailboxes[entry.mailbox];
    for (const auto& change : entry.row.changes) {
      if (change.kind == rows::ChangeKind::kMailboxCreated) mailbox.created = true;
      if (change.kind == rows::ChangeKind::kMailboxRemoved) mailbox.destroyed = true;
      if (change.uid == Uid()) continue;
      auto& email = emails[change.email];
      if (change.kind == rows::ChangeKind::kArrived) email.created = true;
      if (change.kind == rows::ChangeKind::kDestroyed) email.destroyed = true;
    }
  }
  AccountChanges changes;
  sort_out(emails, changes.created, changes.updated, changes.destroyed);
  sort_out(mailboxes, changes.mailboxes_created, changes.mailboxes_updated, changes.mailboxes_destroyed);
  return changes;
}

}  // namespace

/// A watch wakes when something is committed, and who is woken may look before the leader of that very turn has noted
/// it in memory: then this waits for the turn to end, so that no change is slept through.
Mailboxes::Result<ModSeq> Mailboxes::highest_modseq(AccountId account) {
  const auto look = [](const AccountState& state) { return ModSeq(state.version.value); };
  VEREDUS_CO_TRY(const auto noted, co_await impl_->view(account, look));
  const auto committed = co_await impl_->engine.version(Impl::partition(account));
  if (!committed || committed->value <= noted.value) co_return noted;
  LoadAccount after_the_turn;
  VEREDUS_CO_TRY(co_await impl_->perform(account, &after_the_turn));
  co_return co_await impl_->view(account, look);
}

Mailboxes::Result<MailboxChanges> Mailboxes::changes(AccountId account, MailboxId mailbox, ModSeq since,
                                                     std::uint32_t limit) {
  struct Known {
    ModSeq now;
    ModSeq log_floor;
    std::optional<ModSeq> deleted;
    ModSeq highest;
    std::optional<Log> log;  // what has to be known of it, if that is in memory
  };
  const auto look = [mailbox, since, limit](const AccountState& state) {
    Known known{ModSeq(state.version.value), state.account.log_floor, std::nullopt, ModSeq(), std::nullopt};
    const auto* row = alive_mailbox(state, mailbox);
    if (row == nullptr) return known;
    known.deleted = row->deleted_modseq;
    known.highest = row->highest_modseq;
    if (known.highest > since) known.log = recent_log(state, since, mailbox, limit);
    return known;
  };
  VEREDUS_CO_TRY(auto known, co_await impl_->view(account, look));
  if (!known.deleted) co_return std::unexpected(MailboxError::kNoSuchMailbox);
  if (known.highest <= since && *known.deleted <= since) {  // others changed: nothing is read
    MailboxChanges none;
    none.up_to = known.now;
    co_return none;
  }
  const auto partition = Impl::partition(account);
  const auto from = std::max(since, known.log_floor);
  const auto at_most = since < known.log_floor ? std::numeric_limits<std::uint32_t>::max() : limit;
  if (!known.log) {
    VEREDUS_CO_TRY(known.log, co_await read_log(&impl_->engine, partition, from, known.now, mailbox, at_most));
  }
  const auto& log = *known.log;
  auto changes = summarize(log);
  if (since < known.log_floor) {
    VEREDUS_CO_TRY(auto flags, co_await impl_->flags_of(account, mailbox, kAllUids));
    VEREDUS_CO_TRY(auto scanned, co_await scan_changed(&impl_->engine, partition, mailbox, since, std::move(flags)));
    changes.arrived = std::move(scanned.arrived);
    changes.changed = std::move(scanned.changed);
    changes.changed_at = std::move(scanned.changed_at);
  }
  if (since < *known.deleted) changes.expunges = MailboxChanges::Expunges::kIncomplete;
  changes.up_to = log.up_to;
  changes.more = log.more;
  co_return changes;
}

Mailboxes::Result<AccountChanges> Mailboxes::account_changes(AccountId account, ModSeq since, std::uint32_t limit) {
  const auto look = [](const AccountState& state) {
    return std::pair(ModSeq(state.version.value), state.account.log_floor);
  };
  VEREDUS_CO_TRY(const auto known, co_await impl_->view(account, look));
  const auto [now, log_floor] = known;
  AccountChanges changes;
  if (since < log_floor || since > now) {
    changes.reach = AccountChanges::Reach::kCannotCalculate;
    changes.up_to = now;
    co_return changes;
  }
  VEREDUS_CO_TRY(const auto log,
                 co_await read_log(&impl_->engine, Impl::partition(account), since, now, std::nullopt, limit));
  changes = summarize_account(log);
  changes.up_to = log.up_to;
  changes.more = log.more;
  co_return changes;
}

ChangeWatch Mailboxes::watch(AccountId account, std::optional<MailboxId> mailbox) {
  return watch({{account, mailbox}});
}

ChangeWatch Mailboxes::watch(const std::vector<Watched>& watched) { return ChangeWatch(impl_->engine, watched); }

}  // namespace veredus::state::mailbox
