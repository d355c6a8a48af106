#include "state/mailbox/verification.h"

#include <utility>

#include "state/mailbox/account_walk.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"
#include "state/mailbox/operation.h"

namespace veredus::state::mailbox {
namespace {

AsyncOutcome<void> walk(io::engine::Engine* engine, io::engine::Partition partition, std::string low, std::string high,
                        bool keys_only, AccountWalk* account) {
  io::engine::ScanOptions options;
  options.keys_only = keys_only;
  while (true) {
    const auto page = co_await engine->scan(partition, low, high, options);
    if (!page) co_return std::unexpected(from_store(page.error()));
    for (const auto& row : page->rows) account->see(row);
    if (!page->more) co_return Outcome<void>();
    low = page->rows.back().key + '\0';
  }
}

AsyncOutcome<Verification> walk_all(io::engine::Engine* engine, io::engine::Partition partition, BodyCheck bodies) {
  const auto version = co_await engine->version(partition);
  if (!version) co_return std::unexpected(from_store(version.error()));
  AccountWalk all(*version, bodies);
  const bool keys_only = bodies == BodyCheck::kPresence;
  // Chunks first: a body that begins to arrive meanwhile then is one that has none yet.
  VEREDUS_CO_TRY(co_await walk(engine, partition, "x", "y", keys_only, &all));
  VEREDUS_CO_TRY(co_await walk(engine, partition, std::string(1, '\0'), "x", false, &all));
  VEREDUS_CO_TRY(co_await walk(engine, partition, "y", std::string(), false, &all));
  co_return all.finish();
}

/// The walk while nobody else has a turn, so that nothing but bodies that arrive can change meanwhile.
class WalkOperation final : public Operation {
 public:
  WalkOperation(io::engine::Engine& engine, io::engine::Partition partition, BodyCheck bodies)
      : engine_(engine), partition_(partition), bodies_(bodies) {}

  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* /*turn*/) override {
    VEREDUS_CO_TRY(found, co_await walk_all(&engine_, partition_, bodies_));
    co_return Outcome<void>();
  }
  Outcome<void> perform(Turn& /*turn*/) override { return {}; }

  Verification found;

 private:
  io::engine::Engine& engine_;
  io::engine::Partition partition_;
  BodyCheck bodies_;
};

constexpr int kMaxWalks = 4;

}  // namespace

/// What a walk beside deliveries finds may be their trace: what is really wrong is found again while they wait.
Mailboxes::Result<Verification> Mailboxes::verify_account(AccountId account, BodyCheck bodies) {
  const auto partition = Impl::partition(account);
  VEREDUS_CO_TRY(auto found, co_await walk_all(&impl_->engine, partition, bodies));
  for (int walks = 1; walks < kMaxWalks && !found.differences.empty(); ++walks) {
    WalkOperation again(impl_->engine, partition, bodies);
    if (!co_await impl_->perform(account, &again)) break;  // too damaged for a turn
    const bool is_stable = again.found.differences == found.differences;
    found = std::move(again.found);
    if (is_stable) break;
  }
  co_return found;
}

}  // namespace veredus::state::mailbox
