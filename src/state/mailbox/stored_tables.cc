#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/packed_table.h"
#include "state/mailbox/rows.h"

/// Mailboxes: tables of large mailboxes in the store, so that the first SELECT after a start need not read every
/// message's row. A stored table is what a table in memory was once: it is brought up to date by the change log in the
/// same way, and a table that cannot be used is done without.
namespace veredus::state::mailbox {
namespace {

using Table = std::shared_ptr<const MessageTable>;

}  // namespace

AsyncOutcome<Table> Mailboxes::Impl::stored_table(AccountId account, MailboxId mailbox) {
  std::string low = keys::table_part(mailbox, 0);
  const auto high = keys::after_table(mailbox);
  std::vector<std::string> parts;
  while (!low.empty()) {
    auto page = co_await engine.scan(partition(account), low, high, io::engine::ScanOptions{});
    if (!page) co_return std::unexpected(from_store(page.error()));
    for (auto& row : page->rows) {
      const auto at = keys::parse_table_part(row.key);
      if (!at || at->second != parts.size()) co_return Table();
      parts.push_back(std::move(row.value));
    }
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  co_return co_await unpacked(&packer, std::move(parts));
}

/// Packing takes a while: what is stored is right up to where the table is, however far the account is by then. But
/// nothing is stored of a mailbox that went meanwhile; to read an account that was erased would begin it anew.
AsyncOutcome<void> Mailboxes::Impl::store_table(AccountId account, MailboxId mailbox, Table table) {
  auto parts = co_await packed(&packer, table);
  if (parts.empty()) co_return Outcome<void>();
  io::engine::ScanOptions keys_only;
  keys_only.keys_only = true;
  const auto there =
      co_await engine.scan(partition(account), keys::table_part(mailbox, 0), keys::after_table(mailbox), keys_only);
  if (!there) co_return std::unexpected(from_store(there.error()));
  const auto look = [mailbox, &table](const AccountState& state) -> std::optional<io::engine::Version> {
    const auto found = state.mailboxes.find(mailbox);
    if (found == state.mailboxes.end() || found->second.state != rows::MailboxState::kAlive) return std::nullopt;
    if (found->second.uid_validity != table->uid_validity()) return std::nullopt;
    return state.version;
  };
  const auto version = accounts.get(account)->look(look).value_or(std::nullopt);
  if (!version) co_return Outcome<void>();
  io::engine::Batch batch;
  batch.keep_version().expect_version(*version);
  for (const auto& row : there->rows) {
    const auto at = keys::parse_table_part(row.key);
    if (!at || at->second >= parts.size()) batch.erase(row.key);
  }
  for (std::uint32_t i = 0; i < parts.size(); ++i) batch.put(keys::table_part(mailbox, i), std::move(parts[i]));
  // Another time, when something was committed meanwhile: the table is as good without it.
  (void)co_await engine.commit(partition(account), std::move(batch), io::engine::Durability::kRelaxed);
  co_return Outcome<void>();
}

}  // namespace veredus::state::mailbox
