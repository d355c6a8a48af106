#include <algorithm>
#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/rows.h"

/// Mailboxes: tables of large mailboxes in the store, so that the first SELECT after a start need not read every
/// message's row. A stored table is what a table in memory was once: it is brought up to date by the change log in the
/// same way, and a table that cannot be used is done without.
namespace veredus::state::mailbox {
namespace {

using Table = std::shared_ptr<const MessageTable>;

constexpr std::size_t kPartsAtOnce = 64;  // what a damaged row may have room made for
constexpr std::size_t kPartPages = 16;    // pages of the table in memory in one row of the store

std::vector<rows::TablePart> parts_of(const MessageTable& table) {
  std::vector<rows::TablePart> parts;
  const auto& pages = table.pages();
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (i % kPartPages == 0) parts.push_back({table.uid_validity(), table.as_of(), 1, {}});
    const auto& messages = pages[i]->messages;
    parts.back().messages.insert(parts.back().messages.end(), messages.begin(), messages.end());
  }
  for (auto& part : parts) part.parts = static_cast<std::uint32_t>(parts.size());
  return parts;
}

/// Adds what a part says. False: it does not go with those before it.
bool add(rows::TablePart& all, std::uint32_t number, rows::TablePart part) {
  if (number == 0) {
    all = std::move(part);
    all.messages.reserve(std::min<std::size_t>(all.parts, kPartsAtOnce) * all.messages.size());
    return true;
  }
  if (part.uid_validity != all.uid_validity || part.as_of != all.as_of || part.parts != all.parts) return false;
  if (part.messages.empty() || all.messages.back().uid >= part.messages.front().uid) return false;
  all.messages.insert(all.messages.end(), part.messages.begin(), part.messages.end());
  return true;
}

}  // namespace

AsyncOutcome<Table> Mailboxes::Impl::stored_table(AccountId account, MailboxId mailbox) {
  std::string low = keys::table_part(mailbox, 0);
  const auto high = keys::after_table(mailbox);
  rows::TablePart all;
  std::uint32_t next = 0;
  while (!low.empty()) {
    const auto page = co_await engine.scan(partition(account), low, high, io::engine::ScanOptions{});
    if (!page) co_return std::unexpected(from_store(page.error()));
    for (const auto& row : page->rows) {
      const auto at = keys::parse_table_part(row.key);
      auto part = rows::decode_table_part(row.value);
      if (!at || !part || at->second != next || part->messages.empty()) co_return Table();
      if (!add(all, next++, *std::move(part))) co_return Table();
    }
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  if (next == 0 || next != all.parts) co_return Table();
  co_return MessageTable::of(all.uid_validity, all.as_of, std::move(all.messages));
}

AsyncOutcome<void> Mailboxes::Impl::store_table(AccountId account, MailboxId mailbox, Table table) {
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
  VEREDUS_CO_TRY(const auto version, co_await view(account, look));
  if (!version) co_return Outcome<void>();
  io::engine::Batch batch;
  batch.keep_version().expect_version(*version);
  const auto parts = parts_of(*table);
  for (std::uint32_t i = 0; i < parts.size(); ++i) batch.put(keys::table_part(mailbox, i), rows::encode(parts[i]));
  for (const auto& row : there->rows)
    if (keys::parse_table_part(row.key)->second >= parts.size()) batch.erase(row.key);
  // Another time, when something was committed meanwhile: the table is as good without it.
  (void)co_await engine.commit(partition(account), std::move(batch), io::engine::Durability::kRelaxed);
  co_return Outcome<void>();
}

}  // namespace veredus::state::mailbox
