#include "state/mailbox/account_cache.h"

#include <algorithm>
#include <iterator>

namespace veredus::state::mailbox {

AccountCache::AccountCache(io::engine::Engine& engine, const Clock& clock, std::uint32_t capacity,
                           std::size_t turn_octets)
    : engine_(&engine),
      clock_(&clock),
      shard_capacity_(std::max<std::size_t>(1, capacity / std::tuple_size_v<decltype(shards_)>)),
      turn_octets_(turn_octets) {}

std::shared_ptr<Account> AccountCache::get(AccountId id) {
  auto& shard = shards_[(id.value * 0x9E3779B97F4A7C15) >> 60];
  const std::scoped_lock lock(shard.mutex);
  if (const auto known = shard.by_id.find(id); known != shard.by_id.end()) {
    shard.by_use.splice(shard.by_use.begin(), shard.by_use, known->second);
    return known->second->account;
  }
  make_room(shard);
  auto account = std::make_shared<Account>(*engine_, *clock_, id, turn_octets_);
  shard.by_use.push_front({id, account});
  shard.by_id.emplace(id, shard.by_use.begin());
  return account;
}

/// Under the shard's lock, where alone an account is handed out: one that is only ours stays only ours.
void AccountCache::make_room(Shard& shard) const {
  for (auto it = shard.by_use.end(); it != shard.by_use.begin() && shard.by_use.size() >= shard_capacity_;) {
    --it;
    if (it->account.use_count() != 1) continue;
    shard.by_id.erase(it->id);
    it = shard.by_use.erase(it);
  }
}

}  // namespace veredus::state::mailbox
