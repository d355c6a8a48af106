#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "io/engine/layout.h"

namespace veredus::io::engine {

struct PartitionHash {
  std::size_t operator()(const Partition& partition) const noexcept {
    // Fibonacci hashing: ids are small numbers or hashes, kinds few.
    return static_cast<std::size_t>((partition.id * 9 + static_cast<std::uint8_t>(partition.kind)) *
                                    0x9E3779B97F4A7C15ULL);
  }
};

/// Version and epoch of the partitions in use, so that a commit reads nothing. Bounded: what has not been asked for
/// during a whole generation is forgotten. Thread-safe; only who holds the committer's pen stores, since he alone knows
/// what is true.
class StateCache {
 public:
  /// Keeps up to `bound` states.
  explicit StateCache(std::size_t bound) : generation_size_(bound / 2 + 1) {}

  [[nodiscard]] std::optional<layout::PartitionState> find(Partition partition) const;
  void store(Partition partition, layout::PartitionState state);
  void clear();

 private:
  using States = std::unordered_map<Partition, layout::PartitionState, PartitionHash>;

  std::size_t generation_size_;
  mutable std::mutex mutex_;
  mutable States young_;
  mutable States old_;
};

}  // namespace veredus::io::engine
