#include "state/mailbox/table_cache.h"

namespace veredus::state::mailbox {

std::shared_ptr<const MessageTable> TableCache::get(AccountId account, MailboxId mailbox) {
  const std::scoped_lock lock(mutex_);
  const auto* entry = entries_.find({account, mailbox});
  return entry == nullptr ? nullptr : entry->table;
}

TableCache::Claim TableCache::claim_stale(AccountId account, MailboxId mailbox) {
  const Key key{account, mailbox};
  const std::scoped_lock lock(mutex_);
  auto* entry = entries_.peek(key);
  if (entry == nullptr) return nullptr;
  const auto size = entry->table->size();
  if (size < kWorthStoring || entry->unstored <= size) return nullptr;
  if (!claims_->add(key)) return nullptr;
  entry->unstored = 0;
  const auto give_back = [claims = claims_, key](const void* /*claim*/) { claims->erase(key); };
  return {claims_.get(), give_back};
}

void TableCache::put(AccountId account, MailboxId mailbox, std::shared_ptr<const MessageTable> table,
                     std::size_t changes) {
  const Key key{account, mailbox};
  const auto octets = table->octets();
  const std::scoped_lock lock(mutex_);
  if (const auto* there = entries_.peek(key)) {
    if (there->table->uid_validity() == table->uid_validity() && there->table->as_of() > table->as_of()) return;
    changes += there->unstored;
  }
  entries_.put(key, {std::move(table), changes}, octets);
}

std::size_t TableCache::octets() const {
  const std::scoped_lock lock(mutex_);
  return entries_.weight();
}

}  // namespace veredus::state::mailbox
