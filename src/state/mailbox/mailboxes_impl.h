#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string_view>
#include <utility>

#include "io/net/worker_pool.h"
#include "state/mailbox/account_cache.h"
#include "state/mailbox/expunge_operation.h"
#include "state/mailbox/flag_page.h"
#include "state/mailbox/fresh_bodies.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/naming_operations.h"
#include "state/mailbox/sheet_cache.h"
#include "state/mailbox/table_cache.h"

namespace veredus::state::mailbox {

/// As EmailViewer, of the row itself. An error ends it.
using RowViewer = std::function<Outcome<void>(std::size_t place, std::string_view row)>;

class Mailboxes::Impl {
 public:
  Impl(io::engine::Engine& engine_, const Clock& clock_, Options options_)
      : engine(engine_),
        clock(clock_),
        options(options_),
        accounts(engine_, clock_, options_.cached_accounts, options_.turn_octets),
        tables(options_.table_octets),
        sheets(options_.sheet_octets),
        shelf(FreshBodies::Options{}),
        staging_seed((std::uint64_t{std::random_device()()} << 32) | std::random_device()()) {}

  /// Does one operation; it must outlive the call.
  AsyncOutcome<void> perform(AccountId account, Operation* operation) {
    const auto in_memory = accounts.get(account);
    co_await in_memory->perform(operation);
    co_return operation->outcome;
  }

  /// What `look(const AccountState&)` answers, with the account in memory.
  template <class Look>
  auto view(AccountId account, Look look) -> AsyncOutcome<decltype(look(std::declval<const AccountState&>()))> {
    const auto in_memory = accounts.get(account);
    while (true) {
      if (auto seen = in_memory->look(look)) co_return *std::move(seen);
      LoadAccount load;
      co_await in_memory->perform(&load);
      VEREDUS_CO_TRY(std::move(load.outcome));
    }
  }

  AsyncOutcome<Expunged> expunge(AccountId account, MailboxId mailbox, UidSet uids, ExpungeOperation::Which which);

  // bulk_reading.cc
  /// As view_emails, of the rows themselves. `pool`: shows those that are read one by one, if many; null: nobody else.
  AsyncOutcome<std::size_t> view_rows(AccountId account, std::span<const EmailId> ids, std::size_t octets, Again again,
                                      io::net::WorkerPool* pool, RowViewer viewer);

  // tables.cc
  /// What flag pages say of the mailbox's messages in `range`.
  AsyncOutcome<FlagOverlay> flags_of(AccountId account, MailboxId mailbox, UidRange range);
  static AsyncOutcome<std::shared_ptr<const MessageTable>> load_table(Mailboxes* self, AccountId account,
                                                                      MailboxId mailbox);
  /// Counts in `changes` the messages that are not as `table` has them.
  AsyncOutcome<std::shared_ptr<const MessageTable>> follow(Mailboxes* self, AccountId account, MailboxId mailbox,
                                                           std::shared_ptr<const MessageTable> table,
                                                           std::size_t* changes);
  // stored_sheets.cc
  /// Of one account. Null where there is none that can be used.
  AsyncOutcome<std::vector<SheetCache::Sheet>> stored_sheets(std::vector<SheetCache::Key> wanted);
  /// Those of the mailbox that the store should have, as far as it is certain that their messages are all there.
  asio::awaitable<void> store_sheets(AccountId account, MailboxId mailbox);
  /// False: another time, something was committed meanwhile.
  asio::awaitable<bool> store_sheet(SheetCache::Key key, SheetCache::Sheet sheet);
  // stored_tables.cc
  /// The table as it was stored last: to be followed from there. nullptr: there is none that can be used.
  AsyncOutcome<std::shared_ptr<const MessageTable>> stored_table(AccountId account, MailboxId mailbox);
  /// Stores it, unless something is committed at that moment. For whoever has the claim to it.
  AsyncOutcome<void> store_table(AccountId account, MailboxId mailbox, std::shared_ptr<const MessageTable> table);

  AsyncOutcome<bool> exists(AccountId account);
  AsyncOutcome<bool> shares(AccountId owner, AccountId reader);
  AsyncOutcome<void> note_sharer(AccountId owner, AccountId to, io::engine::Durability durability);
  AsyncOutcome<void> sweep_hints(AccountId account);
  AsyncOutcome<void> revoke(AccountId owner, AccountId reader);
  /// Takes back what others share with `reader`. Errors: temporary ones; what cannot be changed at all stays.
  AsyncOutcome<void> revoke_all_of(AccountId reader);

  static io::engine::Partition partition(AccountId account) { return {io::engine::Kind::kAccount, account.value}; }

  io::engine::Engine& engine;
  const Clock& clock;
  const Options options;
  AccountCache accounts;
  TableCache tables;
  SheetCache sheets;
  FreshBodies shelf;
  const std::uint64_t staging_seed;
  std::atomic<std::uint64_t> last_staged{0};
  io::net::WorkerPool packer{{.threads = 1, .name = "packer"}};      // of what is put away; stops before what is above
  io::net::WorkerPool unpacker{{.threads = 2, .name = "unpacker"}};  // of what readers wait for
};

}  // namespace veredus::state::mailbox
