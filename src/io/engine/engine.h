#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/ids.h"
#include "base/types/result.h"
#include "io/engine/batch.h"
#include "io/net/asio.h"

namespace veredus::io::engine {

enum class Durability : std::uint8_t {
  kSynced,   // complete only when it is on disk (or on a quorum of disks)
  kRelaxed,  // complete when it is in order; the next synced commit, or a second at most, makes it durable
};

enum class StoreError : std::uint8_t {
  kConflict,        // a condition of the batch does not hold; nothing was written
  kFenced,          // the lease is somebody else's now; nothing was written
  kUnavailable,     // disk full, I/O error, shutting down; nothing of it will be seen
  kUnknownOutcome,  // it may or may not have been written: repeat with the same keys
  kTooBig,          // a key, a value or the batch is over its limit (limits.h), or a key is empty
  kCorrupt,         // what was read is not what was written
};
[[nodiscard]] std::string_view to_string(StoreError error);
[[nodiscard]] Permanence permanence(StoreError error);

struct Committed {
  Version version;  // the partition's version after this commit
};

struct Row {
  Key key;
  Value value;
};

struct ScanOptions {
  std::uint32_t limit = 1000;                  // rows in one page
  std::size_t octets_limit = 4 * 1024 * 1024;  // of keys and values in one page; the first row is always given
  bool reverse = false;
  bool keys_only = false;
  bool once = false;  // much at a time, which nobody will read again soon: the engine need not keep it in memory
};

struct Page {
  std::vector<Row> rows;
  bool more = false;  // the scan stopped at a limit; go on after the last key
};

/// Given the rows of a walk in turn, on a thread of the engine: it must neither wait nor call the engine, and what it
/// is given stands only until it returns. False: that was enough.
using RowVisitor = std::function<bool(std::string_view key, std::string_view value)>;

struct Lease {
  Partition partition;
  Epoch epoch;
  std::chrono::steady_clock::time_point good_until;
};

struct Health {
  bool writable =
      true;  // false: disk full or I/O error; doors answer 452/451 and delivery pauses until it is true again
  bool durable = true;  // false: synced commits are not what they promise (a cluster without quorum)
  std::string reason;   // for people, when either is false
};

/// Called on an engine thread after a commit: do little, post the rest.
using Wakeup = std::function<void(Partition, Version, const std::vector<Topic>&)>;

/// Ends its watch when destroyed.
class Subscription {
 public:
  Subscription() = default;
  explicit Subscription(std::shared_ptr<void> token) : token_(std::move(token)) {}

 private:
  std::shared_ptr<void> token_;
};

/// An ordered key-value store cut into partitions. Every commit touches one partition, all or nothing. Thread-safe;
/// every call completes on the executor of the coroutine that awaits it, and none blocks a reactor. Contract:
/// docs/formats/engine.md and the contract tests, which every engine passes.
class Engine {
 public:
  template <class T>
  using Result = asio::awaitable<std::expected<T, StoreError>>;

  virtual ~Engine() = default;

  /// Checks the batch's conditions and applies it, atomically.
  virtual Result<Committed> commit(Partition partition, Batch batch, Durability durability) = 0;
  /// One answer for each key, in order, all of one moment.
  virtual Result<std::vector<std::optional<Value>>> get(Partition partition, std::vector<Key> keys) = 0;
  /// Rows with low <= key < high, in order (or in reverse), all of one moment. An empty high has no end.
  virtual Result<Page> scan(Partition partition, Key low, Key high, ScanOptions options) = 0;
  /// The rows of such a scan, shown without a copy. Answers what Page::more says, true also where the visitor ended it.
  virtual Result<bool> walk(Partition partition, Key low, Key high, ScanOptions options, RowVisitor visitor) = 0;
  virtual Result<Version> version(Partition partition) = 0;
  /// Ids, from `from` up, of the partitions of `kind` that hold something.
  virtual Result<std::vector<std::uint64_t>> partitions(Kind kind, std::uint64_t from, std::uint32_t limit) = 0;

  /// Takes the lease when it is free, expired or already `node`'s: the epoch grows each time, also over restarts.
  /// kFenced: another holds it.
  virtual Result<Lease> acquire_lease(Partition partition, NodeId node, std::chrono::seconds ttl) = 0;
  /// Renews all that are still `node`'s, in one step; those not in the answer are lost.
  virtual Result<std::vector<Lease>> renew_leases(NodeId node, std::vector<Partition> partitions,
                                                  std::chrono::seconds ttl) = 0;
  virtual Result<void> release_lease(Lease lease) = 0;

  /// Wakes for every versioned commit in the partition. A hint: the listener reads the version again.
  [[nodiscard]] virtual Subscription watch(Partition partition, Wakeup wakeup) = 0;
  [[nodiscard]] virtual Health health() const = 0;

  /// Makes a consistent copy at `directory` (which must not exist) while serving.
  virtual Result<void> backup(std::string directory) = 0;
};

}  // namespace veredus::io::engine
