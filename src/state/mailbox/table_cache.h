#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "base/types/hash_together.h"
#include "base/types/ids.h"
#include "base/types/lru.h"
#include "state/mailbox/message_table.h"

namespace veredus::state::mailbox {

constexpr std::size_t kWorthStoring = 512;  // messages; the rows of fewer are read as quickly

/// The tables used last, at most about `octets` of them. Thread-safe.
class TableCache {
 public:
  explicit TableCache(std::size_t octets) : entries_(octets) {}

  /// nullptr: it is not here.
  [[nodiscard]] std::shared_ptr<const MessageTable> get(AccountId account, MailboxId mailbox);
  /// Takes the place of an older one. One too large for the cache is not kept. `changes`: messages in which it differs
  /// from the one before it (or, when there is none here, from what the store keeps of it).
  void put(AccountId account, MailboxId mailbox, std::shared_ptr<const MessageTable> table, std::size_t changes);
  /// The right to store a mailbox's table: for one at a time, as long as it lives. It may outlive the cache.
  using Claim = std::shared_ptr<const void>;
  /// Given when the table differs so much from what the store keeps of it that it is worth storing anew; it is taken to
  /// be stored from now on. Else null.
  [[nodiscard]] Claim claim_stale(AccountId account, MailboxId mailbox);
  [[nodiscard]] std::size_t octets() const;

 private:
  using Key = std::pair<AccountId, MailboxId>;
  struct Entry {
    std::shared_ptr<const MessageTable> table;
    std::size_t unstored;  // changes the store does not keep
  };
  class Claims {
   public:
    /// False: it is there.
    bool add(const Key& key) {
      const std::scoped_lock lock(mutex_);
      return keys_.insert(key).second;
    }
    void erase(const Key& key) {
      const std::scoped_lock lock(mutex_);
      keys_.erase(key);
    }

   private:
    std::mutex mutex_;
    std::set<Key> keys_;
  };

  mutable std::mutex mutex_;
  Lru<Key, Entry, PairHash> entries_;
  std::shared_ptr<Claims> claims_ = std::make_shared<Claims>();
};

}  // namespace veredus::state::mailbox
