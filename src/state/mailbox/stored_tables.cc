#include <algorithm>
#include <optional>
#include <utility>

#include "io/net/run_together.h"
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

constexpr std::uint32_t kPartsAtOnce = 4;

/// One part after the other is read while those before it are unpacked.
class PartReader {
 public:
  /// `first` is part 0. All must outlive it.
  PartReader(io::engine::Engine& engine, io::engine::Partition partition, MailboxId mailbox,
             io::net::WorkerPool& unpacker, std::string first)
      : engine_(engine),
        partition_(partition),
        mailbox_(mailbox),
        unpacker_(unpacker),
        first_(std::move(first)),
        parts_(parts_of_table(first_)) {}

  AsyncOutcome<Table> read_all() {
    std::vector<asio::awaitable<void>> works;
    for (std::uint32_t i = 0; i < std::min<std::size_t>(kPartsAtOnce, parts_.size()); ++i) works.push_back(work());
    co_await io::net::run_together(std::move(works));
    if (failure_) co_return std::unexpected(from_store(*failure_));
    co_return joined(parts_);
  }

 private:
  asio::awaitable<void> work() {
    while (next_ < parts_.size() && !failure_) {
      const auto part = next_++;
      auto octets = part == 0 ? std::move(first_) : co_await read(part);
      if (octets.empty()) co_return;
      parts_[part] = co_await unpacked(&unpacker_, std::move(octets));
    }
  }

  /// Empty: there is no such part.
  asio::awaitable<std::string> read(std::uint32_t part) {
    std::vector<std::string> wanted{keys::table_part(mailbox_, part)};
    auto rows = co_await engine_.get(partition_, std::move(wanted));
    if (!rows) failure_ = rows.error();
    co_return rows && rows->front() ? *std::move(rows->front()) : std::string();
  }

  io::engine::Engine& engine_;
  io::engine::Partition partition_;
  MailboxId mailbox_;
  io::net::WorkerPool& unpacker_;
  std::string first_;
  std::vector<Unpacked> parts_;
  std::uint32_t next_ = 0;
  std::optional<io::engine::StoreError> failure_;
};

}  // namespace

AsyncOutcome<Table> Mailboxes::Impl::stored_table(AccountId account, MailboxId mailbox) {
  std::vector<std::string> wanted{keys::table_part(mailbox, 0)};
  auto rows = co_await engine.get(partition(account), std::move(wanted));
  if (!rows) co_return std::unexpected(from_store(rows.error()));
  if (!rows->front()) co_return Table();
  PartReader reader(engine, partition(account), mailbox, unpacker, *std::move(rows->front()));
  co_return co_await reader.read_all();
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
