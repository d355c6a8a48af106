#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "state/mailbox/account.h"

namespace veredus::state::mailbox {

/// The accounts in memory, at most about `capacity`, the least recently used going first. One in use never goes, so
/// there is one Account for an id at any time. Thread-safe.
class AccountCache {
 public:
  /// `engine` and `clock` must outlive it.
  AccountCache(io::engine::Engine& engine, const Clock& clock, std::uint32_t capacity, std::size_t turn_octets);

  [[nodiscard]] std::shared_ptr<Account> get(AccountId id);

 private:
  struct Entry {
    AccountId id;
    std::shared_ptr<Account> account;
  };
  struct Shard {
    std::mutex mutex;
    std::list<Entry> by_use;  // the last used first
    std::unordered_map<AccountId, std::list<Entry>::iterator> by_id;
  };

  void make_room(Shard& shard) const;

  io::engine::Engine* engine_;
  const Clock* clock_;
  std::size_t shard_capacity_;
  std::size_t turn_octets_;
  std::array<Shard, 16> shards_;
};

}  // namespace veredus::state::mailbox
