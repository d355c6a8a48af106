#pragma once

#include <rocksdb/write_batch.h>

#include <cstddef>
#include <expected>
#include <optional>
#include <unordered_map>
#include <vector>

#include "io/engine/completions.h"
#include "io/engine/engine.h"
#include "io/engine/lease_table.h"
#include "io/engine/overlay.h"
#include "io/engine/state_cache.h"
#include "io/engine/store.h"

namespace veredus::io::engine {

/// A commit, or the taking of a lease, on its way through the committer. Lives in the frame of the coroutine that waits
/// for it.
struct Request {
  struct Claim {
    NodeId node;
    std::chrono::seconds ttl;
  };

  Partition partition;
  Batch batch;
  Durability durability = Durability::kSynced;
  std::optional<Claim> claim = {};  // take the lease; the batch is empty then

  // The answer: the error, or else the partition's state after it.
  std::optional<StoreError> error = {};
  layout::PartitionState state = {};
  Lease lease = {};

  // The committer's own.
  Completion completion = {};
  Request* next = nullptr;
  bool is_warm = false;  // what it reads has been fetched from disk once; the next miss may wait for the disk
};

/// Commits that will be one write: takes requests one by one, each seeing what those before it did, and builds the
/// WriteBatch. For one thread at a time.
class Group {
 public:
  enum class Verdict : std::uint8_t {
    kTaken,    // part of the write; to be answered after it
    kRefused,  // `error` is set; it left no trace
    kCold,     // it reads what is not in memory: fetch that and come again; it left no trace
  };

  Group(const Store& store, StateCache& states, LeaseTable& leases) : store_(store), states_(states), leases_(leases) {}

  Verdict take(Request& request);
  /// Adds the state rows; the write is ready after it.
  rocksdb::WriteBatch& seal();
  /// After the write: makes the new states known, takes the leases.
  void publish();

  [[nodiscard]] const std::vector<Request*>& taken() const { return taken_; }
  [[nodiscard]] std::size_t octets() const { return writes_.GetDataSize(); }
  [[nodiscard]] bool is_synced() const { return is_synced_; }
  /// Empty again, keeping its memory.
  void clear();

 private:
  template <class T>
  using Outcome = std::expected<T, Verdict>;

  struct Touched {  // one partition within this group
    Partition partition;
    layout::PartitionState state;
    bool is_stored = false;   // has a state row
    bool is_changed = false;  // state differs from the row
    std::optional<NodeId> claimed_by = {};
    std::vector<const Batch*> plain = {};  // taken, not yet in the overlay
    Overlay overlay = {};
  };

  Outcome<Touched*> touch(Request& request);
  std::optional<Verdict> check(Request& request, Touched& touched);
  std::optional<Verdict> check_claim(Request& request, const Touched& touched);
  std::optional<Verdict> write(Request& request, Touched& touched);
  Outcome<Overlay> resolve(Request& request, Touched& touched);
  std::optional<Verdict> add(Request& request, Touched& touched, Overlay& own, const Batch::Change& change);
  std::optional<Verdict> erase_range(Request& request, Touched& touched, Overlay& own, const Batch::Change& change);
  Outcome<std::optional<Value>> find(Request& request, Touched& touched, const Overlay& own, const Key& key);
  static void overlay_plain(Touched& touched);
  void write_plain(Partition partition, const Batch& batch);
  void write_resolved(Partition partition, const Overlay& own);
  void put(Partition partition, std::string_view key, std::string_view value);
  void erase(Partition partition, std::string_view key);
  static Verdict refuse(Request& request, StoreError error);
  static Verdict miss(Request& request, ReadError error);

  const Store& store_;
  StateCache& states_;
  LeaseTable& leases_;
  rocksdb::WriteBatch writes_;
  std::vector<Request*> taken_;
  std::vector<Touched> touched_;
  std::unordered_map<Partition, std::size_t, PartitionHash> places_;  // in touched_
  bool is_begun_ = false;
  bool is_synced_ = false;
};

}  // namespace veredus::io::engine
