#include "state/mailbox/account_state.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "io/net/run_together.h"
#include "state/mailbox/change_topic.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/mailbox_name.h"

namespace veredus::state::mailbox {
namespace {

using io::engine::Batch;
using io::engine::Engine;
using io::engine::Kind;
using io::engine::Partition;
using io::engine::Row;
using io::engine::ScanOptions;
using io::engine::StoreError;

constexpr int kLoadAttempts = 16;  // a load that is overtaken by a commit begins again

/// All rows with low <= key < high.
struct Stretch {
  std::string low;
  std::string high;
  std::vector<Row> rows;
  std::optional<StoreError> error;
};

/// Cannot be cancelled, as its caller cannot be.
asio::awaitable<void> scan_all(Engine* engine, Partition partition, Stretch* stretch) {
  co_await asio::this_coro::throw_if_cancelled(false);
  auto low = stretch->low;
  for (bool more = true; more;) {
    auto page = co_await engine->scan(partition, low, stretch->high, ScanOptions{});
    if (!page) {
      stretch->error = page.error();
      co_return;
    }
    more = page->more;
    if (more) low = page->rows.back().key + '\0';
    std::ranges::move(page->rows, std::back_inserter(stretch->rows));
  }
}

/// All at the same time: each may wait for the disk.
asio::awaitable<std::expected<void, MailboxError>> scan_together(Engine* engine, Partition partition,
                                                                 std::vector<Stretch>* stretches) {
  std::vector<asio::awaitable<void>> scans;
  for (auto& stretch : *stretches) scans.push_back(scan_all(engine, partition, &stretch));
  co_await io::net::run_together(std::move(scans));
  for (const auto& stretch : *stretches)
    if (stretch.error) co_return std::unexpected(from_store(*stretch.error));
  co_return std::expected<void, MailboxError>();
}

std::expected<void, MailboxError> take_mailboxes(const std::vector<Row>& rows, AccountState& state) {
  for (const auto& [key, value] : rows) {
    const auto id = keys::parse_mailbox(key);
    if (!id) return std::unexpected(MailboxError::kCorrupt);
    VEREDUS_TRY(state.mailboxes[*id], rows::decode_mailbox(value));
  }
  return {};
}

/// Grants and sharers.
std::expected<void, MailboxError> take_sharing(const std::vector<Row>& rows, AccountState& state) {
  for (const auto& [key, value] : rows) {
    if (key.starts_with(keys::all_rights())) {
      const auto at = keys::parse_rights(key);
      if (!at) return std::unexpected(MailboxError::kCorrupt);
      VEREDUS_TRY(state.grants[at->first][at->second], rows::decode_rights(value));
    } else if (key.starts_with(keys::all_sharers())) {
      const auto owner = keys::parse_sharer(key);
      if (!owner) return std::unexpected(MailboxError::kCorrupt);
      state.sharers.insert(*owner);
    }
  }
  return {};
}

asio::awaitable<std::expected<std::optional<AccountState>, MailboxError>> load_once(Engine* engine,
                                                                                    Partition partition) {
  AccountState state;
  const auto version = co_await engine->version(partition);
  if (!version) co_return std::unexpected(from_store(version.error()));
  state.version = *version;
  const std::string subscription = keys::subscription("");
  std::vector<Stretch> stretches(3);
  stretches[0] = {.low = keys::account(), .high = keys::after("b")};  // nothing stands between the two
  stretches[1] = {.low = keys::all_rights(), .high = keys::after(keys::all_sharers())};
  stretches[2] = {.low = subscription, .high = keys::after(subscription)};
  VEREDUS_CO_TRY(co_await scan_together(engine, partition, &stretches));
  auto& mailboxes = stretches[0].rows;
  if (mailboxes.empty() || mailboxes.front().key != keys::account()) co_return std::nullopt;
  VEREDUS_CO_TRY(state.account, rows::decode_account(mailboxes.front().value));
  mailboxes.erase(mailboxes.begin());
  VEREDUS_CO_TRY(take_mailboxes(mailboxes, state));
  VEREDUS_CO_TRY(take_sharing(stretches[1].rows, state));
  for (const auto& row : stretches[2].rows) state.subscriptions.insert(row.key.substr(subscription.size()));
  co_return state;
}

}  // namespace

void RecentThreads::remember(Entry entry) {
  entries_[next_] = entry;
  next_ = (next_ + 1) % kRemembered;
}

std::optional<ThreadId> RecentThreads::find(std::uint64_t message_hash) const {
  for (const auto& entry : entries_)
    if (entry.message_hash == message_hash && entry.thread != ThreadId()) return entry.thread;
  return std::nullopt;
}

asio::awaitable<std::expected<std::optional<AccountState>, MailboxError>> load_account(Engine* engine,
                                                                                       AccountId account) {
  const Partition partition{Kind::kAccount, account.value};
  for (int attempt = 0; attempt < kLoadAttempts; ++attempt) {
    VEREDUS_CO_TRY(auto state, co_await load_once(engine, partition));
    if (!state) co_return std::nullopt;
    const auto version = co_await engine->version(partition);
    if (!version) co_return std::unexpected(from_store(version.error()));
    if (*version == state->version) co_return state;
  }
  co_return std::unexpected(MailboxError::kUnavailable);
}

Batch first_rows(SystemTime now, io::engine::Version version) {
  struct First {
    std::string_view name;
    SpecialUse use;
  };
  constexpr First kFirst[] = {{kInboxName, SpecialUse::kNone}, {"Archive", SpecialUse::kArchive},
                              {"Drafts", SpecialUse::kDrafts}, {"Junk", SpecialUse::kJunk},
                              {"Sent", SpecialUse::kSent},     {"Trash", SpecialUse::kTrash}};
  const ModSeq modseq(version.value + 1);
  Batch batch;
  batch.expect_version(version).expect(keys::account(), std::nullopt);
  rows::AccountRow account;
  account.last_uid_validity = uid_validity_after(account.last_uid_validity, now);
  const auto first_validity = account.last_uid_validity;
  for (const auto& [name, use] : kFirst) {
    rows::MailboxRow row;
    row.name = name;
    row.special_use = use;
    row.uid_validity = first_validity;
    row.created_modseq = row.highest_modseq = modseq;
    const auto id = account.next_mailbox;
    ++account.next_mailbox.value;
    batch.put(keys::mailbox(id), rows::encode(row)).put(keys::subscription(name), rows::encode_mark());
    rows::ChangeRow change{now, {{rows::ChangeKind::kMailboxCreated, Uid(), EmailId()}}};
    batch.put(keys::change(modseq, id), rows::encode(change)).touch(topic_of(id));
  }
  batch.put(keys::account(), rows::encode(account));
  return batch;
}

const rows::MailboxRow* alive_mailbox(const AccountState& state, MailboxId id) {
  const auto found = state.mailboxes.find(id);
  const bool is_alive = found != state.mailboxes.end() && found->second.state == rows::MailboxState::kAlive;
  return is_alive ? &found->second : nullptr;
}

Mailbox describe_alone(const AccountState& state, MailboxId id, const rows::MailboxRow& row) {
  Mailbox mailbox;
  mailbox.id = id;
  mailbox.name = row.name;
  mailbox.uid_validity = row.uid_validity;
  mailbox.uid_next = row.uid_next;
  mailbox.created_modseq = row.created_modseq;
  mailbox.highest_modseq = row.highest_modseq;
  mailbox.deleted_modseq = row.deleted_modseq;
  mailbox.first_recent = row.first_recent;
  mailbox.counts = row.counts;
  mailbox.special_use = row.special_use;
  mailbox.keywords = row.keywords;
  mailbox.subscribed = state.subscriptions.contains(row.name);
  return mailbox;
}

Mailbox describe(const AccountState& state, MailboxId id, const rows::MailboxRow& row) {
  auto mailbox = describe_alone(state, id, row);
  mailbox.has_children = std::ranges::any_of(state.mailboxes, [&](const auto& other) {
    return other.second.state == rows::MailboxState::kAlive && is_below(other.second.name, row.name);
  });
  return mailbox;
}

Rights rights_of(const AccountState& state, MailboxId mailbox, AccountId account) {
  const auto grants = state.grants.find(mailbox);
  if (grants == state.grants.end()) return {};
  Rights rights;
  for (const AccountId named : {account, kAnyone})  // RFC 4314 s2: all identifiers that match add up
    if (const auto granted = grants->second.find(named); granted != grants->second.end())
      rights = rights.with(granted->second);
  return rights;
}

std::optional<MailboxId> find_by_name(const std::map<MailboxId, rows::MailboxRow>& mailboxes, std::string_view name) {
  for (const auto& [id, row] : mailboxes)
    if (row.state == rows::MailboxState::kAlive && row.name == name) return id;
  return std::nullopt;
}

}  // namespace veredus::state::mailbox
