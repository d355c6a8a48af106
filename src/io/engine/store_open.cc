#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <filesystem>

#include "io/engine/body_files.h"
#include "io/engine/crc32c.h"
#include "io/engine/level_log.h"
#include "io/engine/store.h"
#include "io/net/unique_fd.h"

namespace veredus::io::engine {
namespace {

using Why = OpenFailure::Why;

constexpr std::uint64_t kMinBlobOctets = 1024;  // smaller bodies stay in the sorted files
constexpr std::size_t kBodiesShare = 4;         // one part in so many of the cache is for large bodies

/// Whether the file system takes writes that pass the page cache.
bool takes_direct_writes(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path place = fs::exists(directory, ignored) ? fs::path(directory) : fs::path(directory).parent_path();
  const io::net::UniqueFd file(::open(place.c_str(), O_TMPFILE | O_DIRECT | O_WRONLY | O_CLOEXEC, 0600));
  return static_cast<bool>(file);
}

rocksdb::DBOptions database_options(const RocksDbOptions& options) {
  rocksdb::DBOptions out;
  out.create_if_missing = true;
  out.create_missing_column_families = true;
  out.paranoid_checks = true;
  const bool is_salvage = options.recovery == Recovery::kSalvage;
  out.wal_recovery_mode = is_salvage ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                                     : rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  out.track_and_verify_wals_in_manifest = !is_salvage;  // a synced log that is missing or short is an error
  out.max_write_batch_group_size_bytes = options.max_group_octets;
  out.db_write_buffer_size = 4 * options.write_buffer_octets;
  out.allow_concurrent_memtable_write = false;  // one thread at a time writes; insert hints need it
  out.max_total_wal_size = options.max_log_octets;
  out.max_background_jobs = static_cast<int>(options.background_threads);
  out.bytes_per_sync = 1024 * 1024;
  out.max_open_files = 4096;
  out.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  out.keep_log_file_num = 4;
  out.max_log_file_size = 4 * 1024 * 1024;
  out.max_manifest_file_size = 16 * 1024 * 1024;
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  // What is flushed is seldom read soon, and the log holds it besides: through the page cache it would be copied once
  // more, into fresh pages, which is the dearest copy of all.
  if (options.env == nullptr) out.use_direct_io_for_flush_and_compaction = takes_direct_writes(options.directory);
  return out;
}

rocksdb::ColumnFamilyOptions rows_options(const RocksDbOptions& options, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.block_size = 16 * 1024;  // who scans mostly wants some hundred rows, of 80 or of 1,200 octets
  table.initial_auto_readahead_size = 64 * 1024;
  rocksdb::ColumnFamilyOptions out;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  out.write_buffer_size = options.write_buffer_octets;
  out.max_write_buffer_number = 3;
  // Rows of one kind in one partition mostly arrive in the order of their keys: remembering where the last one went
  // saves half of what a commit costs. Never together with range tombstones, which share the hints of RocksDB 7.8 and
  // break.
  out.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(layout::kPrefixOctets + 1));
  out.level_compaction_dynamic_level_bytes = true;
  out.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  return out;
}

/// In one table; there are three of them when bodies come faster than they go.
std::size_t bodies_room(const RocksDbOptions& options) { return options.write_buffer_octets / 8 * 5; }

rocksdb::ColumnFamilyOptions bodies_options(const RocksDbOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions out = rows_options(options, cache);
  out.write_buffer_size = bodies_room(options);
  out.enable_blob_files = true;
  out.min_blob_size = kMinBlobOctets;
  out.blob_file_size = options.body_file_octets;
  out.blob_compression_type = options.compress_bodies ? rocksdb::kZSTD : rocksdb::kNoCompression;
  // Each compaction would rewrite whatever still lives in that part of the oldest files: Store::tend_bodies() says
  // when.
  out.enable_blob_garbage_collection = false;
  out.blob_garbage_collection_age_cutoff = 0.25;
  out.blob_garbage_collection_force_threshold = 0.5;
  // Apart: what is read once, as a queue's bodies are, must not drive out the rows, nor fill all of the cache with
  // memory that was never touched before.
  out.blob_cache = rocksdb::NewLRUCache(options.cache_octets / kBodiesShare, 2);
  return out;
}

OpenFailure failure_of(const rocksdb::Status& status, const std::string& directory) {
  const std::string text = status.ToString();
  if (status.IsCorruption())
    return {.why = Why::kDamaged, .message = fmt::format("{} is damaged: {}", directory, text)};
  if (text.find("lock ") != std::string::npos || text.find("LOCK") != std::string::npos)
    return {.why = Why::kInUse, .message = fmt::format("{} is in use by another process: {}", directory, text)};
  return {.why = Why::kInputOutput, .message = fmt::format("{} cannot be opened: {}", directory, text)};
}

}  // namespace

std::expected<std::shared_ptr<Store>, OpenFailure> Store::open(const RocksDbOptions& options, Mode mode,
                                                               std::shared_ptr<rocksdb::EventListener> listener) {
  (void)is_crc32c_by_processor();  // links it
  auto cache = rocksdb::NewLRUCache(options.cache_octets - options.cache_octets / kBodiesShare);
  std::shared_ptr<Store> store(new Store());
  store->logs_ = std::make_shared<LevelLogs>(
      options.env != nullptr ? options.env->GetFileSystem() : rocksdb::FileSystem::Default(), options.directory,
      options.recovery);
  store->files_ = rocksdb::NewCompositeEnv(std::make_shared<BodyFiles>(store->logs_));
  auto settings = database_options(options);
  settings.env = store->files_.get();
  if (listener) settings.listeners.push_back(std::move(listener));
  const bool is_new = mode == Mode::kReadWrite && settings.env->FileExists(options.directory + "/CURRENT").IsNotFound();
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions()},
      {layout::kRowsFamily, rows_options(options, cache)},
      {layout::kBodiesFamily, bodies_options(options, cache)},
  };
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status;
  if (mode == Mode::kReadOnly)
    status = rocksdb::DB::OpenForReadOnly(settings, options.directory, families, &store->handles_, &opened);
  else
    status = rocksdb::DB::Open(settings, options.directory, families, &store->handles_, &opened);
  store->database_.reset(opened);
  if (!status.ok()) return std::unexpected(failure_of(status, options.directory));
  store->rows_ = store->handles_[1];
  store->bodies_ = store->handles_[2];
  store->bodies_room_ = bodies_room(options);
  VEREDUS_TRY(store->check_format(is_new));
  if (mode == Mode::kReadWrite) store->advance();
  return store;
}

std::expected<void, OpenFailure> Store::check_format(bool is_new) const {
  const rocksdb::Slice key(layout::kFormatKey.data(), layout::kFormatKey.size());
  std::string value;
  auto status = database_->Get(rocksdb::ReadOptions(), handles_[0], key, &value);
  if (status.IsNotFound() && is_new) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    rocksdb::WriteBatch writes;
    begin(writes);
    writes.Put(handles_[0], key, layout::encode_format(layout::kFormat));
    end(writes);
    status = database_->Write(synced, &writes);
    if (status.ok()) status = database_->Flush(rocksdb::FlushOptions(), handles_[0]);
    if (!status.ok()) return std::unexpected(failure_of(status, database_->GetName()));
    return {};
  }
  if (!status.ok() && !status.IsNotFound()) return std::unexpected(failure_of(status, database_->GetName()));
  const auto format = layout::decode_format(value);
  if (!format)
    return std::unexpected(
        OpenFailure{.why = Why::kDamaged,
                    .message = fmt::format("{} does not say which format it has: it is damaged, or its first start was "
                                           "interrupted and it can be removed",
                                           database_->GetName())});
  if (*format != layout::kFormat)
    return std::unexpected(OpenFailure{
        .why = Why::kUnknownFormat,
        .message = fmt::format("{} has format {}, this program reads format {}: it was written by another version",
                               database_->GetName(), *format, layout::kFormat)});
  return {};
}

void Store::begin(rocksdb::WriteBatch& writes) const { writes.PutLogData(logs_->note()); }

void Store::end(rocksdb::WriteBatch& writes) {
  writes.PutLogData(rocksdb::Slice(kRecordEnd.data(), kRecordEnd.size()));
}

rocksdb::Status Store::write(const rocksdb::WriteOptions& options, rocksdb::WriteBatch& writes) {
  if (!is_sound_) return rocksdb::Status::IOError("the log could not be synced");
  rocksdb::Status status;
  if (options.sync) {
    LevelLogs::LateSync late(*logs_);
    status = database_->Write(options, &writes);
    const auto synced = late.finish();
    is_sound_ = synced.ok();
    if (status.ok()) status = synced;
  } else {
    status = database_->Write(options, &writes);
  }
  if (status.ok()) advance();
  return status;
}

bool Store::prepare_log() { return logs_->raise_ahead(); }

bool Store::log_is_low() const { return logs_->is_low(); }

void Store::flush_early() {
  std::uint64_t used = 0;
  if (!database_->GetIntProperty(bodies_, rocksdb::DB::Properties::kCurSizeActiveMemTable, &used) ||
      used < bodies_room_ / 2)
    return;
  rocksdb::FlushOptions begin;
  begin.wait = false;
  begin.allow_write_stall = true;          // rather than wait here until it would stall nobody
  (void)database_->Flush(begin, bodies_);  // its errors are the listener's
}

Store::~Store() {
  if (!database_) return;
  moment_.reset();
  for (auto* handle : handles_) database_->DestroyColumnFamilyHandle(handle);
  database_->Close();
}

}  // namespace veredus::io::engine
