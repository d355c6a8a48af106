#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types/ids.h"

namespace veredus::io::engine {

/// What a partition holds. On disk, do not renumber.
enum class Kind : std::uint8_t {
  kAccount = 'A',
  kQueue = 'Q',
  kIntake = 'I',
  kDirectory = 'D',
  kCampaign = 'C',
  kSuppression = 'S',
  kRate = 'R',
  kCluster = 'M',
  kJournal = 'J',
  kReports = 'P',
};

/// The unit of atomicity, version, lease and placement.
struct Partition {
  Kind kind{};
  std::uint64_t id = 0;
  friend auto operator<=>(const Partition&, const Partition&) = default;
};

using Key =
    std::string;  // 1..512 octets; a key that begins with 'x' holds a body chunk and is stored apart from small rows
using Value = std::string;  // 0..1 MiB

using Version =
    StrongId<struct VersionTag, std::uint64_t>;          // of a partition; 0 before its first commit, then +1 a commit
using Epoch = StrongId<struct EpochTag, std::uint64_t>;  // of a lease; grows with each new holder
using Topic = std::uint64_t;  // what a watcher is woken for; meaning is the partition's owner's

/// What one commit does to one partition: conditions first, then changes in the order given (a later change of the same
/// key wins). A plain value.
class Batch {
 public:
  struct Change {
    enum class Op : std::uint8_t { kPut, kAdd, kErase, kEraseRange } op;
    Key key;                 // kEraseRange: low, inclusive
    Value value;             // kPut: the value; kEraseRange: high, exclusive
    std::int64_t delta = 0;  // kAdd
  };
  struct Expectation {
    Key key;
    std::optional<Value> value;  // nullopt: the key is absent
  };

  /// Nobody committed (a versioned commit) since I read. Else kConflict.
  Batch& expect_version(Version version) {
    expected_version_ = version;
    return *this;
  }
  /// My lease still stands. Else kFenced.
  Batch& expect_lease(Epoch epoch) {
    expected_lease_ = epoch;
    return *this;
  }
  /// The key has this value, or is absent (nullopt). Else kConflict.
  Batch& expect(Key key, std::optional<Value> value) {
    expectations_.push_back({std::move(key), std::move(value)});
    return *this;
  }
  Batch& put(Key key, Value value) {
    octets_ += key.size() + value.size();
    changes_.push_back({Change::Op::kPut, std::move(key), std::move(value)});
    return *this;
  }
  /// Adds to a counter row: 8 octets, big-endian two's complement; an absent row counts as 0.
  Batch& add(Key key, std::int64_t delta) {
    changes_.push_back({Change::Op::kAdd, std::move(key), {}, delta});
    return *this;
  }
  Batch& erase(Key key) {
    changes_.push_back({Change::Op::kErase, std::move(key), {}});
    return *this;
  }
  /// Every key with low <= key < high; an empty high has no end.
  Batch& erase_range(Key low, Key high) {
    changes_.push_back({Change::Op::kEraseRange, std::move(low), std::move(high)});
    return *this;
  }
  /// Wakes the watchers of this partition with `topic` once the commit is in. Never durable.
  Batch& touch(Topic topic) {
    topics_.push_back(topic);
    return *this;
  }
  /// This commit leaves the partition's version as it is (body chunks before their message, attempt marks): it
  /// conflicts with nobody and wakes nobody.
  Batch& keep_version() {
    keeps_version_ = true;
    return *this;
  }

  [[nodiscard]] std::optional<Version> expected_version() const { return expected_version_; }
  [[nodiscard]] std::optional<Epoch> expected_lease() const { return expected_lease_; }
  [[nodiscard]] const std::vector<Expectation>& expectations() const { return expectations_; }
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }
  [[nodiscard]] const std::vector<Topic>& topics() const { return topics_; }
  [[nodiscard]] bool keeps_version() const { return keeps_version_; }
  /// Keys and values to be written, roughly what the commit costs in memory.
  [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
  std::optional<Version> expected_version_;
  std::optional<Epoch> expected_lease_;
  std::vector<Expectation> expectations_;
  std::vector<Change> changes_;
  std::vector<Topic> topics_;
  std::size_t octets_ = 0;
  bool keeps_version_ = false;
};

}  // namespace veredus::io::engine
