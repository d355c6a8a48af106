#include "state/mailbox/verification.h"

#include <utility>

#include "state/mailbox/account_walk.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/mailboxes_impl.h"

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

}  // namespace

Mailboxes::Result<Verification> Mailboxes::verify_account(AccountId account, BodyCheck bodies) {
  const auto partition = Impl::partition(account);
  const auto version = co_await impl_->engine.version(partition);
  if (!version) co_return std::unexpected(from_store(version.error()));
  AccountWalk all(*version, bodies);
  const bool keys_only = bodies == BodyCheck::kPresence;
  VEREDUS_CO_TRY(co_await walk(&impl_->engine, partition, std::string(1, '\0'), "x", false, &all));
  VEREDUS_CO_TRY(co_await walk(&impl_->engine, partition, "x", "y", keys_only, &all));
  VEREDUS_CO_TRY(co_await walk(&impl_->engine, partition, "y", std::string(), false, &all));
  co_return all.finish();
}

}  // namespace veredus::state::mailbox
