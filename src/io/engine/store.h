#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/engine/engine.h"
#include "io/engine/layout.h"
#include "io/engine/rocksdb_engine.h"

namespace veredus::io::engine {

class LevelLogs;

enum class Tier : std::uint8_t { kMemory, kDisk };  // how far a read may go

enum class ReadError : std::uint8_t {
  kNotInMemory,  // ask again with kDisk, on a thread that may block
  kCorrupt,
  kInputOutput,
};
/// kNotInMemory has no meaning outside: it is a broken invariant here.
[[nodiscard]] StoreError to_store_error(ReadError error);

/// Counting every key comparison costs more than it tells: the database does not, on this thread, from now on.
void stop_counting();

/// The open database and its reads. Thread-safe. Who writes holds the committer's pen. What is read is of the moment
/// after the last write that was finished.
class Store {
 public:
  enum class Mode : std::uint8_t { kReadWrite, kReadOnly };

  static std::expected<std::shared_ptr<Store>, OpenFailure> open(const RocksDbOptions& options, Mode mode,
                                                                 std::shared_ptr<rocksdb::EventListener> listener);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  template <class T>
  using Read = std::expected<T, ReadError>;

  [[nodiscard]] Read<std::optional<Value>> find(Partition partition, std::string_view key, Tier tier) const;
  /// One answer for each key, all of one moment.
  [[nodiscard]] Read<std::vector<std::optional<Value>>> find_all(Partition partition, const std::vector<Key>& keys,
                                                                 Tier tier) const;
  /// May wait for the disk: an iterator of RocksDB 7.8 that is told not to can pass over rows without a word.
  [[nodiscard]] Read<Page> scan(Partition partition, std::string_view low, std::string_view high,
                                ScanOptions options) const;
  /// The same rows, shown to `visitor`. Answers whether it stopped before their end.
  [[nodiscard]] Read<bool> walk(Partition partition, std::string_view low, std::string_view high, ScanOptions options,
                                const RowVisitor& visitor) const;
  /// nullopt: the partition was never written.
  [[nodiscard]] Read<std::optional<layout::PartitionState>> state(Partition partition, Tier tier) const;
  /// May wait for the disk.
  [[nodiscard]] Read<std::vector<std::uint64_t>> partitions(Kind kind, std::uint64_t from, std::uint32_t limit) const;

  /// Rewriting old body files pays once a good part of them is garbage; while little is, it costs as much as the mail
  /// that comes in. Turns it on and off accordingly: call it now and then, on one thread.
  void tend_bodies();
  [[nodiscard]] bool collects_garbage() const { return collects_garbage_; }

  /// Puts down in `writes`, which must be empty, how far the log is synced: each write to the database begins so.
  void begin(rocksdb::WriteBatch& writes) const;
  /// Each write ends so.
  static void end(rocksdb::WriteBatch& writes);

  /// Writes what begin() and end() enclose. The rows are put into memory while the disk takes the log; who reads sees
  /// them when it has them.
  [[nodiscard]] rocksdb::Status write(const rocksdb::WriteOptions& options, rocksdb::WriteBatch& writes);
  /// False: rows are in memory that the disk did not take. Nobody sees them, nothing is written any more, and they are
  /// gone when the store is opened anew.
  [[nodiscard]] bool is_sound() const { return is_sound_; }

  /// Does a step of what makes the next writes to the log cheap: for the thread that writes, while nobody waits for it
  /// and all it wrote is synced. Answers whether there is more to do.
  bool prepare_log();
  /// Whether there is such a step to do.
  [[nodiscard]] bool log_is_low() const;

  /// Begins to flush the bodies that came last if they fill half of their room in memory: for the thread that writes,
  /// while nobody does, so that the next to come find room and share the disk with no flush.
  void flush_early();

  [[nodiscard]] rocksdb::DB& database() const { return *database_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(layout::Family family) const {
    return family == layout::Family::kRows ? rows_ : bodies_;
  }

 private:
  using Moment = std::shared_ptr<const rocksdb::Snapshot>;

  Store() = default;
  [[nodiscard]] Moment moment() const;
  void advance();
  [[nodiscard]] Read<std::optional<Value>> get(const rocksdb::ReadOptions& options, Partition partition,
                                               std::string_view key) const;
  std::expected<void, OpenFailure> check_format(bool is_new) const;

  std::shared_ptr<LevelLogs> logs_;
  std::unique_ptr<rocksdb::Env> files_;
  std::unique_ptr<rocksdb::DB> database_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  rocksdb::ColumnFamilyHandle* rows_ = nullptr;
  rocksdb::ColumnFamilyHandle* bodies_ = nullptr;
  std::size_t bodies_room_ = 0;  // octets of one table in memory
  bool collects_garbage_ = false;
  bool is_sound_ = true;
  mutable std::mutex moment_mutex_;
  Moment moment_;  // null where nobody writes: all there is
};

}  // namespace veredus::io::engine
