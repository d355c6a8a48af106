#include "io/engine/store.h"

#include <rocksdb/iterator.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/snapshot.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace veredus::io::engine {
namespace {

constexpr std::uint64_t kCollectAbovePercent = 25;  // of the body files is garbage
constexpr std::uint64_t kCollectUntilPercent = 15;

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

rocksdb::ReadOptions read_options(Tier tier) {
  stop_counting();
  rocksdb::ReadOptions options;
  options.read_tier = tier == Tier::kMemory ? rocksdb::kBlockCacheTier : rocksdb::kReadAllTier;
  return options;
}

ReadError read_error(const rocksdb::Status& status) {
  if (status.IsIncomplete()) return ReadError::kNotInMemory;
  return status.IsCorruption() ? ReadError::kCorrupt : ReadError::kInputOutput;
}

class Scanner {
 public:
  Scanner(const Store& store, ScanOptions options, rocksdb::ReadOptions read)
      : store_(store), options_(options), read_(read) {}

  /// Reads one segment. False: the page is full, or something failed.
  std::expected<bool, ReadError> read(const layout::Segment& segment) {
    const rocksdb::Slice low(segment.low), high(segment.high);
    read_.iterate_lower_bound = &low;
    read_.iterate_upper_bound = &high;
    const std::unique_ptr<rocksdb::Iterator> it(store_.database().NewIterator(read_, store_.family(segment.family)));
    options_.reverse ? it->SeekToLast() : it->SeekToFirst();
    for (; it->Valid(); options_.reverse ? it->Prev() : it->Next()) {
      if (!take(*it)) return false;
    }
    if (!it->status().ok()) return std::unexpected(read_error(it->status()));
    return true;
  }

  Page page;

 private:
  bool take(const rocksdb::Iterator& it) {
    const auto key = view(it.key()).substr(layout::kPrefixOctets);
    const auto value = options_.keys_only ? std::string_view() : view(it.value());
    const std::size_t size = key.size() + value.size();
    if (page.rows.size() >= options_.limit || (!page.rows.empty() && octets_ + size > options_.octets_limit)) {
      page.more = true;
      return false;
    }
    octets_ += size;
    page.rows.push_back({Key(key), Value(value)});
    return true;
  }

  const Store& store_;
  ScanOptions options_;
  rocksdb::ReadOptions read_;
  std::size_t octets_ = 0;
};

}  // namespace

void stop_counting() {
  thread_local bool stopped = false;
  if (!std::exchange(stopped, true)) rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
}

StoreError to_store_error(ReadError error) {
  VEREDUS_CHECK(error != ReadError::kNotInMemory);
  return error == ReadError::kCorrupt ? StoreError::kCorrupt : StoreError::kUnavailable;
}

Store::Read<std::optional<Value>> Store::find(Partition partition, std::string_view key, Tier tier) const {
  return get(read_options(tier), partition, key);
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
  auto read = read_options(tier);
  std::optional<rocksdb::ManagedSnapshot> moment;
  if (keys.size() > 1) read.snapshot = moment.emplace(database_.get()).snapshot();
  std::vector<std::optional<Value>> out;
  out.reserve(keys.size());
  for (const auto& key : keys) {
    VEREDUS_TRY(auto value, get(read, partition, key));
    out.push_back(std::move(value));
  }
  return out;
}

Store::Read<Page> Store::scan(Partition partition, std::string_view low, std::string_view high,
                              ScanOptions options) const {
  auto segments = layout::segments_of(partition, low, high);
  if (options.reverse) std::ranges::reverse(segments);
  auto read = read_options(Tier::kDisk);
  std::optional<rocksdb::ManagedSnapshot> moment;  // one iterator is of one moment by itself
  if (segments.size() > 1) read.snapshot = moment.emplace(database_.get()).snapshot();
  Scanner scanner(*this, options, read);
  for (const auto& segment : segments) {
    VEREDUS_TRY(const bool go_on, scanner.read(segment));
    if (!go_on) break;
  }
  return std::move(scanner.page);
}

Store::Read<std::optional<layout::PartitionState>> Store::state(Partition partition, Tier tier) const {
  rocksdb::PinnableSlice value;
  const auto status = database_->Get(read_options(tier), rows_, layout::prefix(partition), &value);
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
  auto read = read_options(Tier::kDisk);
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
