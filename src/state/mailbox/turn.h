#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory_resource>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "state/mailbox/account_state.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/rows.h"

namespace veredus::state::mailbox {

template <class T>
using Outcome = std::expected<T, MailboxError>;
template <class T>
using AsyncOutcome = asio::awaitable<Outcome<T>>;

/// One commit to an account in the making: the state before it, what has been changed on the way, and the rows to
/// write. Used by one operation at a time, on one executor. An operation checks first and changes only when nothing can
/// fail any more, so that a refused one leaves no trace. Later operations of the turn see what earlier ones changed,
/// except messages that arrived in it: to them it is as if those came after.
class Turn {
 public:
  /// All must outlive the turn.
  Turn(io::engine::Engine& engine, io::engine::Partition partition, const AccountState& before, SystemTime now);
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  [[nodiscard]] SystemTime now() const { return now_; }
  /// What this turn will be, when it commits anything.
  [[nodiscard]] ModSeq modseq() const { return ModSeq(before_->version.value + 1); }
  /// The account's highest MODSEQ once the turn is done, committed or empty.
  [[nodiscard]] ModSeq final_modseq() const { return empty() ? ModSeq(before_->version.value) : modseq(); }

  [[nodiscard]] const rows::AccountRow& account() const { return account_; }
  rows::AccountRow& edit_account();

  // Mailboxes. Those being removed are found by any_mailbox alone.
  [[nodiscard]] const rows::MailboxRow* mailbox(MailboxId id) const;
  [[nodiscard]] const rows::MailboxRow* any_mailbox(MailboxId id) const;
  [[nodiscard]] std::optional<MailboxId> find(std::string_view name) const;
  /// All that are alive, by id.
  [[nodiscard]] std::map<MailboxId, const rows::MailboxRow*> mailboxes() const;
  /// It must exist. The reference is good until the next mailbox is edited.
  rows::MailboxRow& edit_mailbox(MailboxId id);
  MailboxId add_mailbox(rows::MailboxRow row);
  void erase_mailbox(MailboxId id);

  [[nodiscard]] bool subscribed(std::string_view name) const;
  [[nodiscard]] std::size_t count_subscriptions() const;  // about: those of this turn are counted twice
  void subscribe(std::string name);
  void unsubscribe(const std::string& name);

  /// Whom a mailbox is shared with.
  [[nodiscard]] const std::map<AccountId, Rights>& grants(MailboxId mailbox) const;
  /// No rights: nothing is shared any more.
  void grant(MailboxId mailbox, AccountId to, Rights rights);
  [[nodiscard]] std::size_t count_grants() const;

  /// Notes that `owner` may have shared something with this account, or not any more.
  void note_sharer(AccountId owner);
  void forget_sharer(AccountId owner);

  [[nodiscard]] std::optional<ThreadId> recent_thread(std::uint64_t message_hash) const;
  void remember_thread(std::uint64_t message_hash, ThreadId thread);

  // Rows, as this turn leaves them.
  /// Reads rows that `row` will know then; one read for all that are not known yet.
  AsyncOutcome<void> fetch(std::vector<std::string> keys);
  /// A row that was fetched or changed in this turn. Null: it is absent.
  [[nodiscard]] const std::string* row(const std::string& key) const;
  struct Rows {
    std::vector<io::engine::Row> rows;
    std::string next;  // go on here; empty: that was all
  };
  AsyncOutcome<Rows> scan(std::string low, std::string high, io::engine::ScanOptions options);
  void put(std::string key, std::string value);
  void erase(std::string key);
  /// For new rows that nothing in this turn will look for: written as they are.
  void put_unseen(std::string key, std::string value);
  void erase_everything();
  /// The row must still be so when the turn commits: for rows that are also written outside turns.
  void expect(std::string key, std::string value) { batch_.expect(std::move(key), std::move(value)); }

  /// Notes a change of a message (or, with Uid 0, of the mailbox) in the change log, and the mailbox's new MODSEQ.
  void log(MailboxId mailbox, rows::ChangeKind kind, Uid uid, EmailId email);
  /// The same for several; none is nothing.
  void log(MailboxId mailbox, const std::vector<rows::Change>& changes);

  /// For those who follow the annotations; its MODSEQ is filled in.
  void note(AnnotationNote note) { annotations_.push_back(std::move(note)); }

  /// How many changes of messages of this mailbox were noted.
  [[nodiscard]] std::size_t changes_in(MailboxId mailbox) const;

  /// The commit must be synced. Without it, it is relaxed: for what may be lost in a crash and will be done again.
  void require_sync() { durability_ = io::engine::Durability::kSynced; }

  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool full(std::size_t octets_limit) const;

  // For the account, when all operations were done.
  [[nodiscard]] io::engine::Durability durability() const { return durability_; }
  [[nodiscard]] bool erases_everything() const { return erases_everything_; }
  io::engine::Batch take_batch();
  /// Gives `state`, which the turn began from, what was committed. It ends the turn.
  void settle(AccountState& state, io::engine::Version version) &&;

 private:
  using Row = std::optional<std::string>;

  void change(std::string key, Row row);

  io::engine::Engine* engine_;
  io::engine::Partition partition_;
  const AccountState* before_;
  SystemTime now_;
  io::engine::Durability durability_ = io::engine::Durability::kRelaxed;
  rows::AccountRow account_;
  bool account_changed_ = false;
  bool erases_everything_ = false;
  std::map<MailboxId, std::optional<rows::MailboxRow>> mailboxes_;  // changed ones; nullopt: erased
  std::map<std::string, bool, std::less<>> subscriptions_;
  std::map<MailboxId, std::map<AccountId, Rights>> grants_;  // all of each mailbox that has changed ones
  std::map<AccountId, bool> sharers_;
  std::vector<RecentThreads::Entry> threads_;
  std::pmr::monotonic_buffer_resource arena_{1024};  // a turn of thousands of rows is taken down at once
  std::pmr::unordered_map<std::string, Row> fetched_{&arena_};
  std::pmr::map<std::string, Row> changed_{&arena_};
  std::pmr::map<std::string, Row>::iterator after_last_ = changed_.end();
  std::map<MailboxId, rows::ChangeRow> log_;
  std::vector<AnnotationNote> annotations_;
  io::engine::Batch batch_;
};

}  // namespace veredus::state::mailbox
