#include "state/spool/shard_turn.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/types/result.h"
#include "state/spool/queue_rows.h"

namespace veredus::state::spool {

using io::engine::Batch;
using io::engine::StoreError;

namespace {

constexpr std::uint32_t kSiblingPage = 1000;

}  // namespace

asio::awaitable<std::expected<void, StoreError>> ShardTurn::fetch(std::vector<std::string> keys) {
  if (keys.empty()) co_return std::expected<void, StoreError>();
  VEREDUS_CO_TRY(auto values, co_await engine_->get(partition_, keys));
  for (std::size_t i = 0; i < keys.size(); ++i) fetched_.insert_or_assign(std::move(keys[i]), std::move(values[i]));
  co_return std::expected<void, StoreError>();
}

const std::string* ShardTurn::row(const std::string& key) const {
  const auto value = [](const Row& row) { return row ? &*row : nullptr; };
  if (const auto changed = changed_.find(key); changed != changed_.end()) return value(changed->second);
  const auto fetched = fetched_.find(key);
  return fetched == fetched_.end() ? nullptr : value(fetched->second);
}

void ShardTurn::put(std::string key, std::string value) { changed_.insert_or_assign(std::move(key), std::move(value)); }
void ShardTurn::erase(std::string key) { changed_.insert_or_assign(std::move(key), std::nullopt); }

void ShardTurn::release_body(const QueueId& message, std::optional<std::uint32_t> chunks) {
  auto& known = released_[message];
  if (chunks) known = chunks;
}

/// As the turn leaves them.
asio::awaitable<std::expected<bool, StoreError>> ShardTurn::has_entries(QueueId message) const {
  const auto prefix = queue_keys::entries_of(message);
  const auto end = prefix + std::string(7, '\xFF');  // after every id: six octets follow the prefix
  std::uint32_t erased = 0;
  for (auto place = changed_.lower_bound(prefix); place != changed_.end() && place->first < end; ++place) {
    if (place->second) co_return true;
    ++erased;
  }
  std::string low = prefix;
  while (true) {
    // Among one more than were erased is one that is left, or there is none.
    const io::engine::ScanOptions options{.limit = std::min(erased + 1, kSiblingPage), .keys_only = true};
    VEREDUS_CO_TRY(const auto page, co_await engine_->scan(partition_, low, end, options));
    for (const auto& row : page.rows)
      if (!changed_.contains(row.key)) co_return true;
    if (!page.more || page.rows.empty()) co_return false;
    low = page.rows.back().key + '\0';
  }
}

asio::awaitable<std::expected<void, StoreError>> ShardTurn::erase_unused_bodies() {
  for (const auto& [message, chunks] : released_) {
    VEREDUS_CO_TRY(const bool used, co_await has_entries(message));
    if (used) continue;
    if (chunks) {
      for (std::uint32_t chunk = 0; chunk < *chunks; ++chunk) batch_.erase(queue_keys::chunk(message, chunk));
    } else {
      constexpr auto kLast = std::numeric_limits<std::uint32_t>::max();
      batch_.erase_range(queue_keys::chunk(message, 0), queue_keys::chunk(message, kLast) + '\0');
    }
  }
  co_return std::expected<void, StoreError>();
}

Batch ShardTurn::take_batch(io::engine::Epoch epoch) {
  Batch batch = std::move(batch_);
  batch.expect_lease(epoch).keep_version();
  for (auto& [key, value] : changed_) {
    if (value)
      batch.put(key, std::move(*value));
    else
      batch.erase(key);
  }
  return batch;
}

}  // namespace veredus::state::spool
