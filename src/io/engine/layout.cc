#include "io/engine/layout.h"

#include <algorithm>
#include <limits>

#include "base/types/bytes.h"

namespace veredus::io::engine::layout {
namespace {

constexpr Kind kKinds[] = {Kind::kAccount,     Kind::kQueue, Kind::kIntake,  Kind::kDirectory, Kind::kCampaign,
                           Kind::kSuppression, Kind::kRate,  Kind::kCluster, Kind::kJournal,   Kind::kReports};

}  // namespace

std::string prefix(Partition partition) {
  std::string out;
  put_be(out, static_cast<std::uint8_t>(partition.kind));
  put_be(out, partition.id);
  return out;
}

std::string full_key(Partition partition, std::string_view key) {
  std::string out;
  out.reserve(kPrefixOctets + key.size());
  put_be(out, static_cast<std::uint8_t>(partition.kind));
  put_be(out, partition.id);
  out.append(key);
  return out;
}

std::string end_of(Partition partition) {
  if (partition.id != std::numeric_limits<std::uint64_t>::max())
    return prefix({.kind = partition.kind, .id = partition.id + 1});
  std::string out;
  put_be(out, static_cast<std::uint8_t>(static_cast<std::uint8_t>(partition.kind) + 1));
  return out;
}

std::optional<std::pair<Partition, std::string_view>> split_key(std::string_view full_key) {
  ByteReader reader(full_key);
  const auto kind = reader.take_be<std::uint8_t>();
  const auto id = reader.take_be<std::uint64_t>();
  if (!kind || !id || std::ranges::find(kKinds, static_cast<Kind>(*kind)) == std::end(kKinds)) return std::nullopt;
  return std::pair(Partition{.kind = static_cast<Kind>(*kind), .id = *id}, reader.rest());
}

std::vector<Segment> segments_of(Partition partition, std::string_view low, std::string_view high) {
  struct Piece {
    Family family;
    std::string_view low, high;  // an empty high: to the end
  };
  static constexpr Piece kPieces[] = {{Family::kRows, "", "x"}, {Family::kBodies, "x", "y"}, {Family::kRows, "y", ""}};
  std::vector<Segment> segments;
  for (const auto& piece : kPieces) {
    const std::string_view from = std::max(low, piece.low);
    const std::string_view to = high.empty() ? piece.high : piece.high.empty() ? high : std::min(high, piece.high);
    if (!to.empty() && to <= from) continue;
    auto begin = full_key(partition, from);
    if (from.empty()) begin.push_back('\0');  // not the state row
    segments.push_back({piece.family, std::move(begin), to.empty() ? end_of(partition) : full_key(partition, to)});
  }
  return segments;
}

std::string encode(const PartitionState& state) {
  std::string out;
  put_be(out, state.version.value);
  put_be(out, state.epoch.value);
  return out;
}

std::optional<PartitionState> decode_state(std::string_view value) {
  ByteReader reader(value);
  const auto version = reader.take_be<std::uint64_t>();
  const auto epoch = reader.take_be<std::uint64_t>();
  if (!version || !epoch || !reader.empty()) return std::nullopt;
  return PartitionState{.version = Version(*version), .epoch = Epoch(*epoch)};
}

std::string encode_format(std::uint32_t format) {
  std::string out;
  put_be(out, format);
  return out;
}

std::optional<std::uint32_t> decode_format(std::string_view value) {
  ByteReader reader(value);
  const auto format = reader.take_be<std::uint32_t>();
  if (!format || !reader.empty()) return std::nullopt;
  return format;
}

}  // namespace veredus::io::engine::layout
