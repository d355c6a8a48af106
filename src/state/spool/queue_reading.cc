#include <algorithm>
#include <utility>

#include "base/types/bytes.h"
#include "base/types/result.h"
#include "state/spool/queue_shards.h"

namespace veredus::state::spool {

using io::engine::Batch;
using io::engine::Durability;
using io::engine::Key;
using io::engine::Kind;
using io::engine::Partition;
using io::engine::ScanOptions;
using io::engine::StoreError;

namespace {

constexpr std::uint32_t kPage = 1000;

Partition partition_of(Shard shard) { return {.kind = Kind::kQueue, .id = shard}; }

std::string after_key(std::string key) {
  key.push_back('\0');
  return key;
}

std::string low_entry(const std::optional<EntryId>& after) {
  return after ? after_key(queue_keys::entry(*after)) : std::string("e");
}

std::optional<EntryId> entry_of(std::string_view key) { return entry_id_of_key(key.substr(1)); }
std::optional<QueueId> message_of(std::string_view key) { return queue_id_of_key(key.substr(1)); }

/// Gives each mark to its entry; both are in the order of ids.
void give_marks(const std::vector<io::engine::Row>& marks, std::vector<LoadedEntry>& entries) {
  auto entry = entries.begin();
  for (const auto& row : marks) {
    const auto id = entry_of(row.key);
    if (!id) continue;
    entry = std::ranges::lower_bound(entry, entries.end(), *id, {}, [](const auto& e) { return e.entry.id; });
    if (entry == entries.end()) return;
    if (entry->entry.id != *id) continue;
    entry->mark = decode_mark(*id, row.value);
    if (!entry->mark) entry->mark.emplace().id = *id;  // one that cannot be read was made all the same
  }
}

}  // namespace

QueueShards::Result<LoadedPage> QueueShards::load(Shard shard, std::optional<EntryId> after, std::uint32_t limit) {
  const ScanOptions options{.limit = limit};
  VEREDUS_CO_TRY(const auto page, co_await engine_.scan(partition_of(shard), low_entry(after), "f", options));
  LoadedPage loaded;
  if (page.rows.empty()) co_return loaded;
  loaded.entries.reserve(page.rows.size());
  for (const auto& row : page.rows) {
    const auto id = entry_of(row.key);
    if (!id) co_return std::unexpected(StoreError::kCorrupt);
    if (auto entry = decode_queue_entry(*id, row.value))
      loaded.entries.push_back({.entry = *std::move(entry), .mark = {}});
    else
      loaded.damaged.push_back(*id);
  }
  if (page.more) loaded.next = entry_of(page.rows.back().key);
  Key low = 'a' + page.rows.front().key.substr(1);
  const Key high = after_key('a' + page.rows.back().key.substr(1));
  while (true) {
    const ScanOptions of_marks{.limit = kPage};
    VEREDUS_CO_TRY(const auto marks, co_await engine_.scan(partition_of(shard), low, high, of_marks));
    give_marks(marks.rows, loaded.entries);
    if (!marks.more || marks.rows.empty()) co_return loaded;
    low = after_key(marks.rows.back().key);
  }
}

QueueShards::Result<std::vector<std::optional<QueueEntry>>> QueueShards::read(Shard shard, std::vector<EntryId> ids) {
  std::vector<Key> keys;
  keys.reserve(ids.size());
  for (const auto& id : ids) keys.push_back(queue_keys::entry(id));
  VEREDUS_CO_TRY(const auto values, co_await engine_.get(partition_of(shard), std::move(keys)));
  std::vector<std::optional<QueueEntry>> entries(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!values[i]) continue;
    entries[i] = decode_queue_entry(ids[i], *values[i]);
    if (!entries[i]) co_return std::unexpected(StoreError::kCorrupt);
  }
  co_return entries;
}

QueueShards::Result<std::string> QueueShards::read_chunk(Shard shard, QueueId message, std::uint32_t chunk) {
  const std::vector<Key> keys{queue_keys::chunk(message, chunk)};
  VEREDUS_CO_TRY(auto values, co_await engine_.get(partition_of(shard), keys));
  if (!values[0]) co_return std::unexpected(StoreError::kCorrupt);
  co_return std::move(*values[0]);
}

QueueShards::Result<std::vector<std::optional<std::string>>> QueueShards::read_first_chunks(
    Shard shard, std::vector<QueueId> messages) {
  std::vector<Key> keys;
  keys.reserve(messages.size());
  for (const auto& message : messages) keys.push_back(queue_keys::chunk(message, 0));
  return engine_.get(partition_of(shard), std::move(keys));
}

QueueShards::Result<EntryPage> QueueShards::find(Shard shard, QueueQuery query, std::optional<EntryId> after,
                                                 std::uint32_t limit) {
  const ScanOptions options{.limit = limit};
  Key low = low_entry(after);
  Key high = "f";
  if (query.entry || query.message) {
    const auto prefix = queue_keys::entries_of(query.message ? *query.message : query.entry->message());
    low = std::max(low, prefix);
    high = prefix + std::string(7, '\xFF');  // six octets follow the prefix
  }
  VEREDUS_CO_TRY(const auto page, co_await engine_.scan(partition_of(shard), std::move(low), std::move(high), options));
  EntryPage found;
  for (const auto& row : page.rows) {
    const auto id = entry_of(row.key);
    if (!id) co_return std::unexpected(StoreError::kCorrupt);
    auto entry = decode_queue_entry(*id, row.value);
    if (entry && matches(query, *entry)) found.entries.push_back(*std::move(entry));
  }
  if (page.more && !page.rows.empty()) found.next = entry_of(page.rows.back().key);
  co_return found;
}

QueueShards::Result<std::vector<OutboxItem>> QueueShards::outbox(Shard shard, std::uint32_t limit) {
  const ScanOptions options{.limit = limit};
  VEREDUS_CO_TRY(const auto page, co_await engine_.scan(partition_of(shard), "o", "p", options));
  std::vector<OutboxItem> items;
  for (const auto& row : page.rows) {
    const auto id = message_of(row.key);
    auto read = id ? decode_outbox(*id, row.value) : std::nullopt;
    if (!read) co_return std::unexpected(StoreError::kCorrupt);
    std::vector<Key> keys;
    for (std::uint32_t chunk = 0; chunk < read->chunks; ++chunk) keys.push_back(queue_keys::outbox_chunk(*id, chunk));
    VEREDUS_CO_TRY(const auto chunks, co_await engine_.get(partition_of(shard), std::move(keys)));
    for (const auto& chunk : chunks) {
      if (!chunk) co_return std::unexpected(StoreError::kCorrupt);
      read->item.message.append(*chunk);
    }
    items.push_back(std::move(read->item));
  }
  co_return items;
}

QueueShards::Result<void> QueueShards::outbox_done(Shard shard, std::vector<QueueId> ids) {
  std::vector<Key> keys;
  keys.reserve(ids.size());
  for (const auto& id : ids) keys.push_back(queue_keys::outbox(id));
  VEREDUS_CO_TRY(const auto rows, co_await engine_.get(partition_of(shard), keys));
  Batch batch;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto read = rows[i] ? decode_outbox(ids[i], *rows[i]) : std::nullopt;
    const auto chunks = read ? read->chunks : 0;
    for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) batch.erase(queue_keys::outbox_chunk(ids[i], chunk));
    batch.erase(std::move(keys[i]));
  }
  co_return co_await write(shard, std::move(batch), Durability::kRelaxed);
}

QueueShards::Result<std::vector<DestinationState>> QueueShards::destinations(Shard shard) {
  std::vector<DestinationState> states;
  Key low = "g";
  while (true) {
    const ScanOptions options{.limit = kPage};
    VEREDUS_CO_TRY(const auto page, co_await engine_.scan(partition_of(shard), low, "h", options));
    for (const auto& row : page.rows) {
      auto state = decode_destination(std::string_view(row.key).substr(1), row.value);
      if (state) states.push_back(*std::move(state));  // one that cannot be read is learnt anew
    }
    if (!page.more || page.rows.empty()) co_return states;
    low = after_key(page.rows.back().key);
  }
}

QueueShards::Result<std::vector<Pause>> QueueShards::pauses() {
  std::vector<Pause> pauses;
  Key low = "h";
  while (true) {
    const ScanOptions options{.limit = kPage};
    VEREDUS_CO_TRY(const auto page, co_await engine_.scan(partition_of(0), low, "i", options));
    for (const auto& row : page.rows) {
      auto pause = decode_pause(row.key, row.value);
      if (!pause) co_return std::unexpected(StoreError::kCorrupt);
      pauses.push_back(*std::move(pause));
    }
    if (!page.more || page.rows.empty()) co_return pauses;
    low = after_key(page.rows.back().key);
  }
}

QueueShards::Result<std::size_t> QueueShards::sweep_staged(Shard shard) {
  std::size_t swept = 0;
  Key low = "p";
  while (true) {
    const ScanOptions options{.limit = kPage};
    VEREDUS_CO_TRY(const auto page, co_await engine_.scan(partition_of(shard), low, "q", options));
    for (const auto& row : page.rows) {
      ByteReader reader(row.value);
      const auto since = take_time(reader);
      const auto id = message_of(row.key);
      if (!id || (since && *since + options_.staging_life > clock_.now())) continue;
      VEREDUS_CO_TRY(co_await discard(shard, *id));
      ++swept;
    }
    if (!page.more || page.rows.empty()) co_return swept;
    low = after_key(page.rows.back().key);
  }
}

QueueShards::Result<std::size_t> QueueShards::sweep_dedupe(Shard shard) {
  std::size_t swept = 0;
  Key low = "k";
  while (true) {
    const ScanOptions options{.limit = kPage};
    VEREDUS_CO_TRY(const auto page, co_await engine_.scan(partition_of(shard), low, "l", options));
    Batch batch;
    for (const auto& row : page.rows) {
      ByteReader reader(row.value);
      const auto until = take_time(reader);
      if (until && *until > clock_.now()) continue;
      batch.erase(row.key);
      ++swept;
    }
    if (!batch.changes().empty()) VEREDUS_CO_TRY(co_await write(shard, std::move(batch), Durability::kRelaxed));
    if (!page.more || page.rows.empty()) co_return swept;
    low = after_key(page.rows.back().key);
  }
}

QueueShards::Result<std::size_t> QueueShards::sweep() {
  std::size_t swept = 0;
  for (Shard shard = 0; shard < kShards; ++shard) {
    if (!holds(shard)) continue;
    VEREDUS_CO_TRY(const auto staged, co_await sweep_staged(shard));
    VEREDUS_CO_TRY(const auto remembered, co_await sweep_dedupe(shard));
    swept += staged + remembered;
  }
  co_return swept;
}

}  // namespace veredus::state::spool
