#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "state/mailbox/mailbox.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/recent_annotations.h"
#include "state/mailbox/recent_changes.h"
#include "state/mailbox/rows.h"

namespace veredus::state::mailbox {

/// The threads of the messages that came last: finds them without a read. Holds kRemembered at most, the oldest goes
/// first.
class RecentThreads {
 public:
  struct Entry {
    std::uint64_t message_hash = 0;  // threads.h
    ThreadId thread;                 // 0: an empty place
  };

  void remember(Entry entry);
  [[nodiscard]] std::optional<ThreadId> find(std::uint64_t message_hash) const;

 private:
  static constexpr std::size_t kRemembered = 64;
  std::array<Entry, kRemembered> entries_{};
  std::size_t next_ = 0;
};

/// What is kept in memory of an account: all but its messages. A plain value, as of `version`.
struct AccountState {
  io::engine::Version version;
  rows::AccountRow account;
  std::map<MailboxId, rows::MailboxRow> mailboxes;  // those being removed as well
  std::set<std::string, std::less<>> subscriptions;
  std::map<MailboxId, std::map<AccountId, Rights>> grants;
  std::set<AccountId> sharers;  // who may have shared something with this account
  RecentThreads threads;
  RecentChanges changes;
  RecentAnnotations annotations;
};

/// Reads it. nullopt: the account was never used.
asio::awaitable<std::expected<std::optional<AccountState>, MailboxError>> load_account(io::engine::Engine* engine,
                                                                                       AccountId account);

/// What the first use of an account writes: INBOX and the mailboxes every mail program looks for.
[[nodiscard]] io::engine::Batch first_rows(SystemTime now, io::engine::Version version);

/// Null: there is none, or it is going.
[[nodiscard]] const rows::MailboxRow* alive_mailbox(const AccountState& state, MailboxId id);
/// For callers, without `has_children`.
[[nodiscard]] Mailbox describe_alone(const AccountState& state, MailboxId id, const rows::MailboxRow& row);
/// For callers: `subscribed` and `has_children` are looked up in `state`.
[[nodiscard]] Mailbox describe(const AccountState& state, MailboxId id, const rows::MailboxRow& row);

/// What `account` may do with a mailbox that is not its own.
[[nodiscard]] Rights rights_of(const AccountState& state, MailboxId mailbox, AccountId account);

/// The mailbox called so that is not being removed.
[[nodiscard]] std::optional<MailboxId> find_by_name(const std::map<MailboxId, rows::MailboxRow>& mailboxes,
                                                    std::string_view name);

}  // namespace veredus::state::mailbox
