#include "state/directory/directory_core.h"

#include <utility>

#include "base/types/bytes.h"
#include "state/directory/resolution.h"
#include "state/directory/rows.h"

namespace veredus::state::directory {

namespace engine = io::engine;

namespace {

DirectoryError from_store(engine::StoreError error) {
  switch (error) {
    case engine::StoreError::kUnknownOutcome:
      return DirectoryError::kUnknownOutcome;
    case engine::StoreError::kCorrupt:
      return DirectoryError::kCorrupt;
    default:
      return DirectoryError::kUnavailable;
  }
}

std::vector<AccountId> accounts_among(const std::vector<RowChange>& rows) {
  std::vector<AccountId> accounts;
  for (const auto& row : rows)
    if (row.key.front() == static_cast<char>(RowKind::kAccount))
      if (const auto id = id_of_key(row.key)) accounts.emplace_back(*id);
  return accounts;
}

}  // namespace

std::optional<SystemTime> LastUses::find(AccountId account, std::uint64_t app_password) const {
  const std::scoped_lock lock(mutex_);
  const auto at = uses_.find({account, app_password});
  return at == uses_.end() ? std::nullopt : std::optional(at->second);
}

bool LastUses::note(AccountId account, std::uint64_t app_password, SystemTime when, std::chrono::milliseconds step) {
  const std::scoped_lock lock(mutex_);
  const auto [at, fresh] = uses_.try_emplace({account, app_password}, when);
  if (fresh) return true;
  if (when - at->second < step) return false;
  at->second = when;
  return true;
}

std::shared_ptr<const Snapshot> Directory::Core::now() const {
  const std::scoped_lock lock(mutex_);
  return snapshot_;
}

void Directory::Core::publish(std::shared_ptr<const Snapshot> next) {
  const std::scoped_lock lock(mutex_);
  snapshot_.swap(next);  // the old one may die with `next`, after the lock
}

Directory::Result<void> Directory::Core::load() {
  for (int attempt = 0; attempt < kChangeAttempts; ++attempt) {
    const auto before = co_await engine->version(kPartition);
    if (!before) co_return std::unexpected(from_store(before.error()));
    auto next = std::make_shared<Snapshot>();
    next->set_version(*before);
    engine::Key from(1, '\0');
    for (bool more = true; more;) {
      const engine::Key to(1, '\xff');
      const engine::ScanOptions page_size;
      auto page = co_await engine->scan(kPartition, from, to, page_size);
      if (!page) co_return std::unexpected(from_store(page.error()));
      for (auto& row : page->rows) {
        VEREDUS_CO_TRY(next->apply(row.key, row.value));
        take_last_use(row);
      }
      more = page->more;
      if (!page->rows.empty()) from = page->rows.back().key + '\0';
    }
    const auto after = co_await engine->version(kPartition);
    if (!after) co_return std::unexpected(from_store(after.error()));
    if (*after != *before) continue;  // another node wrote meanwhile: what was read may be of two minds
    publish(std::move(next));
    co_return std::expected<void, DirectoryError>();
  }
  co_return std::unexpected(DirectoryError::kBusy);
}

void Directory::Core::take_last_use(const engine::Row& row) {
  if (row.key.front() != static_cast<char>(RowKind::kLastUsed)) return;
  ByteReader key(std::string_view(row.key).substr(1));
  const auto account = key.take_be<std::uint64_t>();
  const auto app_password = key.take_be<std::uint64_t>();
  const auto when = read_time(row.value);
  if (account && app_password && when) last_uses.note(AccountId(*account), *app_password, *when, {});
}

Directory::Result<bool> Directory::Core::commit(std::shared_ptr<const Snapshot> base, std::vector<RowChange> rows) {
  engine::Batch batch;
  batch.expect_version(base->version());
  const auto changed = accounts_among(rows);
  auto next = std::make_shared<Snapshot>(*base);
  for (auto& row : rows) {
    VEREDUS_CO_TRY(next->apply(row.key, row.value));
    if (row.value) {
      batch.put(std::move(row.key), *std::move(row.value));
    } else {
      batch.erase(std::move(row.key));
    }
  }
  const auto committed = co_await engine->commit(kPartition, std::move(batch), engine::Durability::kSynced);
  if (committed) {
    next->set_version(committed->version);
    publish(std::move(next));
    wake(changed);
    co_return true;
  }
  if (committed.error() == engine::StoreError::kConflict) {
    VEREDUS_CO_TRY(co_await load());
    co_return false;
  }
  // It may be in: what we believe must be what is stored, as far as it can be read now.
  if (committed.error() == engine::StoreError::kUnknownOutcome) {
    static_cast<void>(co_await load());
    wake(changed);
  }
  co_return std::unexpected(from_store(committed.error()));
}

void Directory::Core::wake(const std::vector<AccountId>& changed) const {
  for (const AccountId id : changed) watchers.wake(watched_as(id), {}, {});
}

Directory::Result<void> Directory::Core::replace_credentials(AccountId id, std::uint64_t revision, Credentials after) {
  auto plan = [id, revision, after = std::move(after)](const Snapshot& latest) {
    return plan_credentials(latest, id, revision, after);
  };
  VEREDUS_CO_TRY(co_await change<Nothing>(std::move(plan)));
  co_return std::expected<void, DirectoryError>();
}

asio::awaitable<void> Directory::Core::note_use(AccountId account, std::uint64_t app_password) {
  if (app_password == 0 || !last_uses.note(account, app_password, clock->now(), options.last_used_step)) co_return;
  engine::Batch batch;
  batch.keep_version().put(last_used_key(account, app_password), write_time(clock->now()));
  // Nobody is refused because this could not be written.
  static_cast<void>(co_await engine->commit(kPartition, std::move(batch), engine::Durability::kRelaxed));
}

asio::awaitable<std::expected<Login, AuthError>> Directory::Core::authorize(std::shared_ptr<const Snapshot> snapshot,
                                                                            AccountId id, std::string authzid,
                                                                            std::uint64_t app_password) {
  const auto* account = snapshot->account(id);
  if (account == nullptr) co_return std::unexpected(AuthError::kWrongCredentials);
  if (account->disabled) co_return std::unexpected(AuthError::kDisabled);
  if (!authzid.empty() && find_login(*snapshot, authzid, options.default_domain) != account)
    co_return std::unexpected(AuthError::kNotAuthorized);
  co_await note_use(id, app_password);
  co_return Login{.account = id, .address = account->address, .app_password = app_password};
}

}  // namespace veredus::state::directory
