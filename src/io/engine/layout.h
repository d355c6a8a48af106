#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/engine/batch.h"

namespace veredus::io::engine::layout {

// How the RocksDB engine names things on disk: docs/formats/engine.md. Do not change; a new format gets a new number.

constexpr std::string_view kFormatKey = "format";  // in the default column family
constexpr std::uint32_t kFormat = 1;
constexpr const char* kRowsFamily = "rows";
constexpr const char* kBodiesFamily = "bodies";

constexpr std::size_t kPrefixOctets = 9;  // kind, then the partition's id, big-endian

enum class Family : std::uint8_t { kRows, kBodies };

/// Body chunks begin with 'x' and are stored apart.
[[nodiscard]] constexpr Family family_of(std::string_view key) {
  return !key.empty() && key.front() == 'x' ? Family::kBodies : Family::kRows;
}

/// What every key of a partition begins with. By itself it is the key of the partition's state row.
[[nodiscard]] std::string prefix(Partition partition);
[[nodiscard]] std::string full_key(Partition partition, std::string_view key);
/// The first key after everything of the partition.
[[nodiscard]] std::string end_of(Partition partition);
/// The partition and the key within it (empty: the state row). nullopt: no key of ours.
[[nodiscard]] std::optional<std::pair<Partition, std::string_view>> split_key(std::string_view full_key);

/// A range of keys that lies in one column family. Ends are full keys, high exclusive.
struct Segment {
  Family family;
  std::string low;
  std::string high;
};
/// Cuts low <= key < high (empty: no end) of one partition where body chunks begin and end; the state row is in none.
[[nodiscard]] std::vector<Segment> segments_of(Partition partition, std::string_view low, std::string_view high);

/// What the state row holds: version8 epoch8.
struct PartitionState {
  Version version;
  Epoch epoch;
  friend bool operator==(const PartitionState&, const PartitionState&) = default;
};
[[nodiscard]] std::string encode(const PartitionState& state);
[[nodiscard]] std::optional<PartitionState> decode_state(std::string_view value);

[[nodiscard]] std::string encode_format(std::uint32_t format);
[[nodiscard]] std::optional<std::uint32_t> decode_format(std::string_view value);

}  // namespace veredus::io::engine::layout
