#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "base/types/clock.h"
#include "io/engine/engine.h"

namespace rocksdb {
class Env;
}
namespace veredus::base::observe {
class Logger;
}

namespace veredus::io::engine {

/// Why a data directory could not be opened, in words for the person who runs the server.
struct OpenFailure {
  enum class Why : std::uint8_t { kInUse, kDamaged, kUnknownFormat, kInputOutput } why{};
  std::string message;
};

enum class Recovery : std::uint8_t {
  kRefuseDamage,  // a damaged log that was synced is an error: mail that was accepted would be missing
  kSalvage,       // open with what stands before the damage, drop the rest
};

struct RocksDbOptions {
  std::string directory;  // made when it is missing, its parent is not
  Recovery recovery = Recovery::kRefuseDamage;
  std::size_t cache_octets = 128 * 1024 * 1024;
  std::size_t write_buffer_octets = 16 * 1024 * 1024;  // for rows and for bodies; about four of them in all
  std::size_t max_log_octets = 256 * 1024 * 1024;      // of write-ahead log: bounds how long reopening takes
  std::size_t body_file_octets = 256 * 1024 * 1024;    // of one file of large bodies
  std::size_t max_group_octets = 4 * 1024 * 1024;      // of commits merged into one write
  std::size_t cached_partition_states = 200'000;
  std::uint64_t min_free_octets = 128 * 1024 * 1024;   // with less disk than this nothing more is accepted
  std::chrono::milliseconds sync_relaxed_within{500};  // relaxed commits are on disk after this
  std::chrono::microseconds quick_write{1000};         // a reactor writes itself while writes and syncs take no longer
  std::chrono::milliseconds health_interval{500};      // between looks at the disk, and between tries to recover
  std::chrono::milliseconds lull{1000};                // without a write, until bodies in memory may be flushed early
  std::chrono::seconds tend_bodies_every{60};          // between looks at how much of the body files is garbage
  unsigned reader_threads = 4;                         // for reads that miss the memory
  unsigned background_threads = 2;                     // flushes and compactions
  bool compress_bodies = false;                        // zstd for bodies of 1 KiB and more
  base::observe::Logger* log = nullptr;  // told when it stops taking commits, and why; must outlive the engine
  const Clock* clock = nullptr;          // for leases; null: the machine's. Must outlive the engine
  rocksdb::Env* env = nullptr;           // where files live; null: the operating system
};

/// What the engine has done since it was opened.
struct EngineFigures {
  std::uint64_t commits = 0;
  std::uint64_t refused = 0;  // conflicts, fenced, failed
  std::uint64_t groups = 0;   // writes to the log, each of many commits
  std::uint64_t here = 0;     // of those, the ones made by the thread that asked
  std::uint64_t syncs = 0;
  std::uint64_t octets = 0;      // of keys and values written
  std::uint64_t cold_reads = 0;  // reads that had to go to a reader thread
};

/// The embedded engine: one RocksDB database in one directory, opened by one process. One thread at a time commits,
/// nearly always the same: it merges all that is waiting into one write and one sync. Gets that hit memory complete at
/// once on the caller; others, and scans, on a reader thread. Format: docs/formats/engine.md.
///
/// The io_contexts of waiting coroutines must outlive the engine's destructor, which finishes what is pending.
class RocksDbEngine final : public Engine {
 public:
  using Options = RocksDbOptions;

  /// Blocks while the log is replayed (≤2 s for a full one).
  static std::expected<std::unique_ptr<RocksDbEngine>, OpenFailure> open(Options options);
  ~RocksDbEngine() override;
  RocksDbEngine(const RocksDbEngine&) = delete;
  RocksDbEngine& operator=(const RocksDbEngine&) = delete;

  Result<Committed> commit(Partition partition, Batch batch, Durability durability) override;
  Result<std::vector<std::optional<Value>>> get(Partition partition, std::vector<Key> keys) override;
  Result<Page> scan(Partition partition, Key low, Key high, ScanOptions options) override;
  Result<bool> walk(Partition partition, Key low, Key high, ScanOptions options, RowVisitor visitor) override;
  Result<Version> version(Partition partition) override;
  Result<std::vector<std::uint64_t>> partitions(Kind kind, std::uint64_t from, std::uint32_t limit) override;
  Result<Lease> acquire_lease(Partition partition, NodeId node, std::chrono::seconds ttl) override;
  Result<std::vector<Lease>> renew_leases(NodeId node, std::vector<Partition> partitions,
                                          std::chrono::seconds ttl) override;
  Result<void> release_lease(Lease lease) override;
  [[nodiscard]] Subscription watch(Partition partition, Wakeup wakeup) override;
  [[nodiscard]] Health health() const override;
  /// Files are linked where the file system allows, so a backup on the same disk costs nothing at first.
  Result<void> backup(std::string directory) override;

  [[nodiscard]] EngineFigures figures() const;

 private:
  struct Parts;
  explicit RocksDbEngine(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace veredus::io::engine
