#include <chrono>

#include "app/server/parts.h"
#include "io/net/deadline.h"

namespace veredus::app::server {

using namespace std::chrono_literals;

namespace {
constexpr auto kSweepEvery = 15min;
constexpr std::uint32_t kAccountsAtOnce = 100;
constexpr auto kForgetAfter = 24h;  // what was under way when an account was deleted has long ended then
}  // namespace

/// Everything of every account that is due to go: expunged bodies, abandoned uploads, old change logs; and the
/// mailboxes of accounts that were deleted.
asio::awaitable<void> Server::Parts::sweep_accounts() {
  for (const auto& deleted : directory->deleted_accounts()) {
    const auto erased = co_await mailboxes->erase_account(deleted.id);
    if (!erased) continue;
    indexes->erase(deleted.id);
    if (clock.now() < deleted.deleted + kForgetAfter) continue;
    const auto forgotten = co_await directory->forget_deleted(deleted.id);
    if (forgotten) log.info("server.account_erased", {{"account", deleted.id.value}, {"address", deleted.address}});
  }
  AccountId from{0};
  while (true) {
    const auto accounts = co_await mailboxes->accounts(from, kAccountsAtOnce);
    if (!accounts || accounts->empty()) co_return;
    for (const AccountId account : *accounts) {
      const auto removed = co_await mailboxes->sweep(account);
      if (!removed)
        log.warning("server.sweep_failed", {{"account", account.value}, {"why", to_string(removed.error())}});
      else if (*removed > 0)
        log.debug("server.swept", {{"account", account.value}, {"rows", *removed}});
    }
    from = AccountId{accounts->back().value + 1};
  }
}

asio::awaitable<void> Server::Parts::keep_house() {
  while (true) {
    co_await sweep_accounts();
    co_await io::net::pause(kSweepEvery);
  }
}

/// Figures that others keep.
void Server::Parts::sample_metrics() {
  const auto figure = [this](auto member) {
    return [this, member] { return static_cast<double>(engine->figures().*member); };
  };
  using io::engine::EngineFigures;
  metrics.sampled_gauge("veredus_sessions", "Sessions open now, over all listeners.",
                        [this] { return static_cast<double>(sessions->sessions()); });
  metrics.sampled_gauge("veredus_memory_budget_used_octets", "Message octets in flight.",
                        [this] { return static_cast<double>(budget.used_octets()); });
  metrics.sampled_gauge("veredus_fan_out_waiting", "Accepted messages that have not reached all their accounts yet.",
                        [this] { return static_cast<double>(fan_out->waiting()); });
  metrics.sampled_gauge("veredus_store_writable",
                        "1 while the store takes writes, 0 when it does not (disk full, I/O error).",
                        [this] { return engine->health().writable ? 1.0 : 0.0; });
  metrics.sampled_counter("veredus_store_commits_total", "Commits that are in.", figure(&EngineFigures::commits));
  metrics.sampled_counter("veredus_store_refused_commits_total", "Commits refused: conflicts and failures.",
                          figure(&EngineFigures::refused));
  metrics.sampled_counter("veredus_store_groups_total", "Writes to the log, each of many commits.",
                          figure(&EngineFigures::groups));
  metrics.sampled_counter("veredus_store_own_groups_total", "Writes to the log made by the reactor that asked.",
                          figure(&EngineFigures::here));
  metrics.sampled_counter("veredus_store_syncs_total", "Times the log was synced to disk.",
                          figure(&EngineFigures::syncs));
  metrics.sampled_counter("veredus_store_written_octets_total", "Keys and values written.",
                          figure(&EngineFigures::octets));
  metrics.sampled_counter("veredus_store_cold_reads_total", "Reads that had to wait for the disk.",
                          figure(&EngineFigures::cold_reads));
  metrics.sampled_counter("veredus_journal_dropped_events_total", "Journal events lost because too many waited.",
                          [this] { return static_cast<double>(journal->dropped()); });
  metrics.sampled_counter("veredus_log_dropped_lines_total", "Log lines lost because too many waited.",
                          [this] { return static_cast<double>(log.dropped_lines()); });
  if (tls)
    metrics.sampled_gauge("veredus_certificate_days_left", "Days until the first certificate expires.",
                          [this] { return static_cast<double>(tls->days_left()); });
}

}  // namespace veredus::app::server
