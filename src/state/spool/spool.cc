#include "state/spool/spool.h"

#include <limits>
#include <utility>

#include "base/types/bytes.h"
#include "base/types/result.h"

namespace veredus::state::spool {

using io::engine::Batch;
using io::engine::Durability;
using io::engine::Engine;
using io::engine::Kind;
using io::engine::Partition;
using io::engine::StoreError;

namespace {

constexpr std::uint32_t kSweepPage = 500;

Partition slot_partition(std::uint32_t slot) { return {.kind = Kind::kIntake, .id = slot}; }

/// The first key after all chunks of a message.
std::string after_chunks(const QueueId& id) { return chunk_key(id, std::numeric_limits<std::uint32_t>::max()) + '\0'; }

void erase_chunks(Batch& batch, const QueueId& id) { batch.erase_range(chunk_key(id, 0), after_chunks(id)); }

}  // namespace

std::uint32_t slot_of(const QueueId& id) {
  std::uint32_t hash = 0x811C9DC5;  // FNV-1a
  for (const std::uint8_t octet : id.octets) hash = (hash ^ octet) * 0x01000193;
  return (hash ^ hash >> 16) % kSlots;
}

Spool::Spool(Engine& engine, const Clock& clock, Options options) : engine_(engine), clock_(clock), options_(options) {}

Partition Spool::partition_of(const QueueId& id) { return slot_partition(slot_of(id)); }

std::expected<Batch, StoreError> Spool::leased_batch(const QueueId& id) const {
  const std::scoped_lock lock(mutex_);
  const auto& lease = leases_[slot_of(id)];
  if (!lease) return std::unexpected(StoreError::kFenced);
  Batch batch;
  batch.expect_lease(lease->epoch);
  return batch;
}

void Spool::keep(const io::engine::Lease& lease) {
  const std::scoped_lock lock(mutex_);
  leases_[lease.partition.id] = lease;
}

Spool::Result<void> Spool::take(std::uint32_t slot) {
  VEREDUS_CO_TRY(const auto lease,
                 co_await engine_.acquire_lease(slot_partition(slot), options_.node, options_.lease_ttl));
  keep(lease);
  co_return std::expected<void, StoreError>{};
}

Spool::Result<void> Spool::acquire() {
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) VEREDUS_CO_TRY(co_await take(slot));
  co_return std::expected<void, StoreError>{};
}

Spool::Result<void> Spool::renew() {
  std::vector<Partition> slots;
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) slots.push_back(slot_partition(slot));
  VEREDUS_CO_TRY(const auto renewed, co_await engine_.renew_leases(options_.node, slots, options_.lease_ttl));
  std::array<bool, kSlots> held{};
  for (const auto& lease : renewed) {
    held[lease.partition.id] = true;
    keep(lease);
  }
  std::expected<void, StoreError> outcome;
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    if (held[slot]) continue;
    const auto taken = co_await take(slot);
    if (!taken) outcome = taken;
  }
  co_return outcome;
}

Spool::Result<void> Spool::release() {
  std::array<std::optional<io::engine::Lease>, kSlots> leases;
  {
    const std::scoped_lock lock(mutex_);
    leases.swap(leases_);
  }
  for (const auto& lease : leases)
    if (lease) VEREDUS_CO_TRY(co_await engine_.release_lease(*lease));
  co_return std::expected<void, StoreError>{};
}

Spool::Result<void> Spool::stage(QueueId id, std::uint32_t chunk, std::string octets) {
  VEREDUS_CO_TRY(auto batch, leased_batch(id));
  batch.keep_version();
  if (chunk == 0) batch.put(staging_key(id), {});
  batch.put(chunk_key(id, chunk), std::move(octets));
  VEREDUS_CO_TRY(co_await engine_.commit(partition_of(id), std::move(batch), Durability::kRelaxed));
  co_return std::expected<void, StoreError>{};
}

Spool::Result<void> Spool::commit(SpooledMessage message, std::string last) {
  VEREDUS_CO_TRY(auto batch, leased_batch(message.id));
  if (message.chunks > 0) batch.put(chunk_key(message.id, message.chunks - 1), std::move(last));
  if (message.chunks > 1) {
    batch.expect(staging_key(message.id), std::string());  // what was staged has not been swept or discarded
    batch.erase(staging_key(message.id));
  }
  batch.put(envelope_key(message.id), encode_spooled(message));
  VEREDUS_CO_TRY(co_await engine_.commit(partition_of(message.id), std::move(batch), Durability::kSynced));
  co_return std::expected<void, StoreError>{};
}

Spool::Result<void> Spool::discard(QueueId id) {
  VEREDUS_CO_TRY(auto batch, leased_batch(id));
  batch.keep_version();
  batch.expect(envelope_key(id), std::nullopt);
  erase_chunks(batch, id);
  batch.erase(staging_key(id));
  VEREDUS_CO_TRY(co_await engine_.commit(partition_of(id), std::move(batch), Durability::kRelaxed));
  co_return std::expected<void, StoreError>{};
}

Spool::Result<std::vector<QueueId>> Spool::waiting(std::uint32_t slot, std::optional<QueueId> after,
                                                   std::uint32_t limit) {
  const io::engine::ScanOptions options{.limit = limit, .keys_only = true};
  std::string low = after ? envelope_key(*after) + '\0' : "e";
  VEREDUS_CO_TRY(const auto page, co_await engine_.scan(slot_partition(slot), std::move(low), "f", options));
  std::vector<QueueId> ids;
  for (const auto& row : page.rows) {
    const auto id = queue_id_of_key(std::string_view(row.key).substr(1));
    if (!id) co_return std::unexpected(StoreError::kCorrupt);
    ids.push_back(*id);
  }
  co_return ids;
}

Spool::Result<std::optional<SpooledMessage>> Spool::read(QueueId id) {
  const std::vector<io::engine::Key> keys{envelope_key(id)};
  VEREDUS_CO_TRY(const auto values, co_await engine_.get(partition_of(id), keys));
  if (!values[0]) co_return std::nullopt;
  auto message = decode_spooled(id, *values[0]);
  if (!message) co_return std::unexpected(StoreError::kCorrupt);
  co_return message;
}

Spool::Result<std::string> Spool::read_chunk(QueueId id, std::uint32_t chunk) {
  const std::vector<io::engine::Key> keys{chunk_key(id, chunk)};
  VEREDUS_CO_TRY(auto values, co_await engine_.get(partition_of(id), keys));
  if (!values[0]) co_return std::unexpected(StoreError::kCorrupt);
  co_return std::move(*values[0]);
}

Spool::Result<void> Spool::keep_remaining(SpooledMessage message) {
  VEREDUS_CO_TRY(auto batch, leased_batch(message.id));
  batch.put(envelope_key(message.id), encode_spooled(message));
  VEREDUS_CO_TRY(co_await engine_.commit(partition_of(message.id), std::move(batch), Durability::kRelaxed));
  co_return std::expected<void, StoreError>{};
}

Spool::Result<void> Spool::finish(QueueId id) {
  VEREDUS_CO_TRY(auto batch, leased_batch(id));
  batch.erase(envelope_key(id));
  erase_chunks(batch, id);
  VEREDUS_CO_TRY(co_await engine_.commit(partition_of(id), std::move(batch), Durability::kRelaxed));
  co_return std::expected<void, StoreError>{};
}

Spool::Result<std::size_t> Spool::sweep_slot(std::uint32_t slot) {
  const io::engine::ScanOptions options{.limit = kSweepPage, .keys_only = true};
  std::string low = "p";
  std::size_t swept = 0;
  while (true) {
    VEREDUS_CO_TRY(const auto page, co_await engine_.scan(slot_partition(slot), low, "q", options));
    for (const auto& row : page.rows) {
      const auto id = queue_id_of_key(std::string_view(row.key).substr(1));
      if (!id || id->made_at() + options_.staging_life > clock_.now()) continue;
      VEREDUS_CO_TRY(co_await discard(*id));
      ++swept;
    }
    if (!page.more || page.rows.empty()) co_return swept;
    low = page.rows.back().key + '\0';
  }
}

Spool::Result<std::size_t> Spool::sweep() {
  std::size_t swept = 0;
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    VEREDUS_CO_TRY(const auto here, co_await sweep_slot(slot));
    swept += here;
  }
  co_return swept;
}

}  // namespace veredus::state::spool
