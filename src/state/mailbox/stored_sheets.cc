#include "state/mailbox/stored_sheets.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "io/net/worker_pool_run.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/sheet_rows.h"

/// Mailboxes: sheets of large mailboxes in the store, so that the first list of messages after a start need not read
/// every email's row. What they say of an email is what its row says, always; whoever takes a message out of a mailbox
/// takes its sheets out of the store in the same commit, so that nothing of it is left.
namespace veredus::state::mailbox {
namespace {

/// One that is damaged or too long is as good as none: it is made anew.
std::vector<SheetCache::Sheet> unpack(const std::vector<SheetCache::Key>& wanted,
                                      const std::vector<std::optional<std::string>>& rows) {
  std::vector<SheetCache::Sheet> sheets(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!rows[i]) continue;
    if (auto sheet = decode_sheet(wanted[i].column, *rows[i]))
      sheets[i] = std::make_shared<const EmailSheet>(*std::move(sheet));
  }
  return sheets;
}

/// Of the sheets its messages are in, ascending.
std::vector<std::uint32_t> sheet_numbers(const MessageTable& table) {
  std::vector<std::uint32_t> numbers;
  for (const auto& page : table.pages())
    for (const auto& [first, last] : page->uids().ranges())
      for (auto number = EmailSheet::number_of(first); number <= EmailSheet::number_of(last); ++number)
        if (numbers.empty() || numbers.back() < number) numbers.push_back(number);
  return numbers;
}

}  // namespace

AsyncOutcome<std::vector<SheetCache::Sheet>> Mailboxes::Impl::stored_sheets(std::vector<SheetCache::Key> wanted) {
  std::vector<std::string> rows;
  rows.reserve(wanted.size());
  for (const auto& one : wanted) rows.push_back(keys::sheet(one.mailbox, one.number, one.column));
  auto found = co_await engine.get(partition(wanted.front().account), std::move(rows));
  if (!found) co_return std::unexpected(from_store(found.error()));
  const auto columns = wanted.size();
  const auto is_there = [](const auto& row) { return row.has_value(); };
  if (std::ranges::none_of(*found, is_there)) co_return std::vector<SheetCache::Sheet>(columns);
  auto job = [wanted = std::move(wanted), rows = *std::move(found)] { return unpack(wanted, rows); };
  auto read = co_await unpacker.run(std::move(job));
  // Without a sheet emails' rows are read.
  co_return read ? *std::move(read) : std::vector<SheetCache::Sheet>(columns);
}

asio::awaitable<void> Mailboxes::Impl::store_sheets(AccountId account, MailboxId mailbox) {
  const auto table = tables.get(account, mailbox);
  if (!table) co_return;
  for (const auto number : sheet_numbers(*table)) {
    for (const auto column : kSheetColumns) {
      const SheetCache::Key key{account, mailbox, number, column};
      auto sheet = sheets.take_unstored(key);
      const bool done = !sheet || co_await store_sheet(key, std::move(sheet));
      if (done) continue;
      sheets.put_back(key);
      co_return;
    }
  }
}

asio::awaitable<bool> Mailboxes::Impl::store_sheet(SheetCache::Key key, SheetCache::Sheet sheet) {
  const auto table = tables.get(key.account, key.mailbox);
  if (!table) co_return false;
  UidSet there;
  sheet->for_each(key.number, [&there, &table](SheetMessage message, std::string_view /*value*/) {
    const auto* row = table->find(message.uid);
    if (row != nullptr && row->body.email == message.email) there.add(message.uid);
  });
  if (there.size() < kSheetWorthStoring) co_return true;
  auto pack = [number = key.number, sheet, there = std::move(there)] { return encode_sheet(number, *sheet, there); };
  auto packed = co_await packer.run(std::move(pack));
  if (!packed) co_return false;
  if (packed->empty()) co_return true;
  // They are there at this version; if it is another when the commit comes, nothing is stored.
  const auto look = [&key, &table](const AccountState& state) -> std::optional<io::engine::Version> {
    const auto found = state.mailboxes.find(key.mailbox);
    if (found == state.mailboxes.end() || found->second.state != rows::MailboxState::kAlive) return std::nullopt;
    const auto& row = found->second;
    const bool is_current = row.uid_validity == table->uid_validity() && row.highest_modseq <= table->as_of();
    return is_current ? std::optional(state.version) : std::nullopt;
  };
  const auto version = accounts.get(key.account)->look(look).value_or(std::nullopt);
  if (!version) co_return false;  // or it is not in memory: to read one that was erased would begin it anew
  io::engine::Batch batch;
  batch.keep_version().expect_version(*version);
  batch.put(keys::sheet(key.mailbox, key.number, key.column), *std::move(packed));
  const auto stored =
      co_await engine.commit(partition(key.account), std::move(batch), io::engine::Durability::kRelaxed);
  co_return stored.has_value();
}

void erase_sheets(Turn& turn, MailboxId mailbox, const std::vector<Message>& leaving) {
  const auto* row = turn.any_mailbox(mailbox);
  if (row == nullptr || row->counts.messages < kSheetWorthStoring) return;  // then it has none
  std::optional<std::uint32_t> last;
  for (const auto& message : leaving) {
    const auto number = EmailSheet::number_of(message.uid);
    if (std::exchange(last, number) == number) continue;
    for (const auto column : kSheetColumns) turn.erase(keys::sheet(mailbox, number, column));
  }
}

}  // namespace veredus::state::mailbox
