#include "io/engine/store.h"

#include <rocksdb/iterator.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/snapshot.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "io/engine/row_walk.h"

namespace veredus::io::engine {
namespace {

constexpr std::uint64_t kCollectAbovePercent = 25;  // of the body files is garbage
constexpr std::uint64_t kCollectUntilPercent = 15;

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

rocksdb::ReadOptions read_options(Tier tier, const std::shared_ptr<const rocksdb::Snapshot>& moment) {
  stop_counting();
  rocksdb::ReadOptions options;
  options.snapshot = moment.get();
  options.read_tier = tier == Tier::kMemory ? rocksdb::kBlockCacheTier : rocksdb::kReadAllTier;
  return options;
}

ReadError read_error(const rocksdb::Status& status) {
  if (status.IsIncomplete()) return ReadError::kNotInMemory;
  return status.IsCorruption() ? ReadError::kCorrupt : ReadError::kInputOutput;
}

/// Walks over one segment. False: it stopped before the end.
std::expected<bool, ReadError> walk_segment(const Store& store, const layout::Segment& segment,
                                            rocksdb::ReadOptions read, const ScanOptions& options, RowWalk& walk) {
  const rocksdb::Slice low(segment.low), high(segment.high);
  read.iterate_lower_bound = &low;
  read.iterate_upper_bound = &high;
  const std::unique_ptr<rocksdb::Iterator> it(store.database().NewIterator(read, store.family(segment.family)));
  options.reverse ? it->SeekToLast() : it->SeekToFirst();
  for (; it->Valid(); options.reverse ? it->Prev() : it->Next()) {
    const auto key = view(it->key()).substr(layout::kPrefixOctets);
    if (!walk.show(key, options.keys_only ? std::string_view() : view(it->value()))) return false;
  }
  if (!it->status().ok()) return std::unexpected(read_error(it->status()));
  return true;
}

}  // namespace

void stop_counting() {
  thread_local bool stopped = false;
  if (!std::exchange(stopped, true)) rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
}

StoreError to_store_error(ReadError error) {
  VEREDUS_CHECK(error != ReadError::kNotInMemory);
  return error == ReadError::kCorrupt ? StoreError::kCorrupt : StoreError::kUnavailable;
}

Store::Moment Store::moment() const {
  const std::scoped_lock lock(moment_mutex_);
  return moment_;
}

/// From now on reads see everything that was written.
void Store::advance() {
  auto* const database = database_.get();
  const auto release = [database](const rocksdb::Snapshot* snapshot) { database->ReleaseSnapshot(snapshot); };
  Moment now(database->GetSnapshot(), release);
  const std::scoped_lock lock(moment_mutex_);
  moment_.swap(now);  // the one before ends when nobody reads by it, and not under the lock
}

Store::Read<std::optional<Value>> Store::find(Partition partition, std::string_view key, Tier tier) const {
  const auto now = moment();
  return get(read_options(tier, now), partition, key);
}

Store::Read<std::optional<Value>> Store::get(const rocksdb::ReadOptions& options, Partition partition,
                                             std::string_view key) const {
  rocksdb::PinnableSlice value;
  const auto name = layout::full_key(partition, key);
  const auto status = database_->Get(options, family(layout::family_of(key)), name, &value);
  if (status.ok()) return Value(value.data(), value.size());
  if (status.IsNotFound()) return std::nullopt;
  return std::unexpected(read_error(status));
}

Store::Read<std::vector<std::optional<Value>>> Store::find_all(Partition partition, const std::vector<Key>& keys,
                                                               Tier tier) const {
  // Not MultiGet: that of RocksDB 7.8 answers Corruption for sound rows that are not in memory.
  const auto now = moment();
  const auto read = read_options(tier, now);
  std::vector<std::optional<Value>> out;
  out.reserve(keys.size());
  for (const auto& key : keys) {
    VEREDUS_TRY(auto value, get(read, partition, key));
    out.push_back(std::move(value));
  }
  return out;
}

Store::Read<bool> Store::walk(Partition partition, std::string_view low, std::string_view high, ScanOptions options,
                              const RowVisitor& visitor) const {
  auto segments = layout::segments_of(partition, low, high);
  if (options.reverse) std::ranges::reverse(segments);
  const auto now = moment();
  auto read = read_options(Tier::kDisk, now);
  read.fill_cache = !options.once;
  RowWalk walk(options, visitor);
  for (const auto& segment : segments) {
    VEREDUS_TRY(const bool to_its_end, walk_segment(*this, segment, read, options, walk));
    if (!to_its_end) return true;
  }
  return false;
}

Store::Read<Page> Store::scan(Partition partition, std::string_view low, std::string_view high,
                              ScanOptions options) const {
  Page page;
  VEREDUS_TRY(page.more, walk(partition, low, high, options, keep_in(&page)));
  return page;
}

Store::Read<std::optional<layout::PartitionState>> Store::state(Partition partition, Tier tier) const {
  rocksdb::PinnableSlice value;
  const auto now = moment();
  const auto status = database_->Get(read_options(tier, now), rows_, layout::prefix(partition), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(read_error(status));
  const auto state = layout::decode_state(view(value));
  if (!state) return std::unexpected(ReadError::kCorrupt);
  return state;
}

void Store::tend_bodies() {
  std::uint64_t all = 0, garbage = 0;
  if (!database_->GetIntProperty(bodies_, rocksdb::DB::Properties::kLiveBlobFileSize, &all) ||
      !database_->GetIntProperty(bodies_, rocksdb::DB::Properties::kLiveBlobFileGarbageSize, &garbage))
    return;
  const bool pays = garbage > all / 100 * (collects_garbage_ ? kCollectUntilPercent : kCollectAbovePercent);
  if (pays == collects_garbage_) return;
  const auto status = database_->SetOptions(bodies_, {{"enable_blob_garbage_collection", pays ? "true" : "false"}});
  if (status.ok()) collects_garbage_ = pays;
}

Store::Read<std::vector<std::uint64_t>> Store::partitions(Kind kind, std::uint64_t from, std::uint32_t limit) const {
  const auto now = moment();
  auto read = read_options(Tier::kDisk, now);
  const auto end = layout::end_of({.kind = kind, .id = std::numeric_limits<std::uint64_t>::max()});
  const rocksdb::Slice upper(end);
  read.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(read, rows_));
  std::vector<std::uint64_t> ids;
  for (it->Seek(layout::prefix({.kind = kind, .id = from})); it->Valid() && ids.size() < limit;) {
    const auto split = layout::split_key(view(it->key()));
    if (!split) return std::unexpected(ReadError::kCorrupt);
    const Partition partition = split->first;
    // A state row alone is no content: look whether any other row, or a body, is there.
    VEREDUS_TRY(const Page first, scan(partition, "", "", {.limit = 1, .keys_only = true}));
    if (!first.rows.empty()) ids.push_back(partition.id);
    it->Seek(layout::end_of(partition));
  }
  if (!it->status().ok()) return std::unexpected(read_error(it->status()));
  return ids;
}

}  // namespace veredus::io::engine
