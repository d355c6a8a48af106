#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "io/engine/watchers.h"
#include "io/net/worker_pool.h"
#include "state/directory/directory.h"
#include "state/directory/plan.h"
#include "state/directory/verified_passwords.h"
#include "state/directory/write_turn.h"

namespace veredus::state::directory {

/// The partition all of it is in.
constexpr io::engine::Partition kPartition{.kind = io::engine::Kind::kDirectory, .id = 0};

/// When each app password was last used; apart from the snapshot because logins change it.
class LastUses {
 public:
  [[nodiscard]] std::optional<SystemTime> find(AccountId account, std::uint64_t app_password) const;
  /// False: it was noted less than `step` ago.
  bool note(AccountId account, std::uint64_t app_password, SystemTime when, std::chrono::milliseconds step);

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<AccountId, std::uint64_t>, SystemTime> uses_;
};

/// What is behind a Directory: the published snapshot and how it is replaced.
struct Directory::Core {
  Core(io::engine::Engine* engine_used, io::net::WorkerPool* pool_used, const Clock* clock_used, Options options_used)
      : engine(engine_used),
        pool(pool_used),
        clock(clock_used),
        options(std::move(options_used)),
        verified(clock, options.verified_passwords, options.verified_for) {}

  io::engine::Engine* engine;
  io::net::WorkerPool* pool;
  const Clock* clock;
  Options options;
  VerifiedPasswords verified;
  LastUses last_uses;
  WriteTurn turn;
  io::engine::Watchers watchers;  // by the accounts' own partitions

  [[nodiscard]] std::shared_ptr<const Snapshot> now() const;
  void publish(std::shared_ptr<const Snapshot> next);

  /// Reads all rows and publishes what they say. Within a turn, or before anybody else knows this object.
  Result<void> load();

  /// Plans on the newest snapshot, commits, publishes; again when another node was faster. Within its own turn.
  /// `make_plan(snapshot)` answers a Planned<T>; it may be called several times and must own what it uses.
  template <class T, class MakePlan>
  Result<T> change(MakePlan make_plan);
  /// Commits what was planned on `base`. False: another node was faster, and everything has been read again.
  Result<bool> commit(std::shared_ptr<const Snapshot> base, std::vector<RowChange> rows);

  /// Computes new credentials on the pool from those the account has now, and puts them in their place.
  /// `derive(Credentials) -> expected<Credentials, DirectoryError>`.
  template <class Derive>
  Result<Credentials> change_credentials(AccountId id, Derive derive);
  /// Puts credentials in the place of those of `revision`, unless somebody was faster.
  Result<void> replace_credentials(AccountId id, std::uint64_t revision, Credentials after);

  asio::awaitable<void> note_use(AccountId account, std::uint64_t app_password);
  asio::awaitable<std::expected<Login, AuthError>> authorize(std::shared_ptr<const Snapshot> snapshot, AccountId id,
                                                             std::string authzid, std::uint64_t app_password);

  static io::engine::Partition watched_as(AccountId id) { return {io::engine::Kind::kAccount, id.value}; }

 private:
  void take_last_use(const io::engine::Row& row);
  void wake(const std::vector<AccountId>& changed) const;

  mutable std::mutex mutex_;  // held for the copy of a pointer only
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();
};

constexpr int kChangeAttempts = 8;

template <class T, class MakePlan>
Directory::Result<T> Directory::Core::change(MakePlan make_plan) {
  const auto held = co_await turn.take();
  for (int attempt = 0; attempt < kChangeAttempts; ++attempt) {
    auto base = now();
    auto plan = make_plan(*base);
    if (!plan) co_return std::unexpected(plan.error());
    VEREDUS_CO_TRY(const bool done, co_await commit(base, std::move(plan->rows)));
    if (done) co_return std::move(plan->answer);
  }
  co_return std::unexpected(DirectoryError::kBusy);
}

template <class Derive>
Directory::Result<Credentials> Directory::Core::change_credentials(AccountId id, Derive derive) {
  for (int attempt = 0; attempt < kChangeAttempts; ++attempt) {
    const auto base = now();
    if (base->account(id) == nullptr) co_return std::unexpected(DirectoryError::kNoSuchAccount);
    const auto* current = base->credentials(id);
    auto work = [derive, before = current != nullptr ? *current : Credentials{}]() mutable {
      return derive(std::move(before));
    };
    auto computed = co_await pool->run(std::move(work));
    if (!computed) co_return std::unexpected(DirectoryError::kUnavailable);
    VEREDUS_CO_TRY(const auto after, std::move(*computed));
    const auto revision = current != nullptr ? current->revision : 0;
    const auto done = co_await replace_credentials(id, revision, after);
    if (done) co_return after;
    if (done.error() != DirectoryError::kBusy) co_return std::unexpected(done.error());
  }
  co_return std::unexpected(DirectoryError::kBusy);
}

}  // namespace veredus::state::directory
