#include "state/mailbox/table_cache.h"

namespace veredus::state::mailbox {

std::shared_ptr<const MessageTable> TableCache::get(AccountId account, MailboxId mailbox) {
  const std::scoped_lock lock(mutex_);
  const auto at = by_key_.find({account, mailbox});
  if (at == by_key_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, at->second);
  return at->second->table;
}

bool TableCache::take_stale(AccountId account, MailboxId mailbox) {
  const std::scoped_lock lock(mutex_);
  const auto at = by_key_.find({account, mailbox});
  if (at == by_key_.end()) return false;
  const auto size = at->second->table->size();
  if (size < kWorthStoring || at->second->unstored <= size) return false;
  at->second->unstored = 0;
  return true;
}

void TableCache::put(AccountId account, MailboxId mailbox, std::shared_ptr<const MessageTable> table,
                     std::size_t changes) {
  const Key key{account, mailbox};
  const auto size = table->octets();
  const std::scoped_lock lock(mutex_);
  if (const auto at = by_key_.find(key); at != by_key_.end()) {
    const auto& there = *at->second->table;
    if (there.uid_validity() == table->uid_validity() && there.as_of() > table->as_of()) return;
    changes += at->second->unstored;
    octets_ -= there.octets();
    by_use_.erase(at->second);
    by_key_.erase(at);
  }
  if (size > octets_limit_) return;
  by_use_.push_front({key, std::move(table), changes});
  by_key_[key] = by_use_.begin();
  octets_ += size;
  while (octets_ > octets_limit_) {
    octets_ -= by_use_.back().table->octets();
    by_key_.erase(by_use_.back().key);
    by_use_.pop_back();
  }
}

std::size_t TableCache::octets() const {
  const std::scoped_lock lock(mutex_);
  return octets_;
}

}  // namespace veredus::state::mailbox
