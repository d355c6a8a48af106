#include "work/mtasts/policy_row.h"

#include "base/types/bytes.h"

namespace veredus::work::mtasts {
namespace {

// On disk, do not change.
constexpr std::uint64_t kPartitionId = 1;
constexpr char kPrefix = 'p';
constexpr std::uint8_t kVersion = 1;

void put_time(std::string& out, SystemTime time) {
  put_be(out, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

std::optional<SystemTime> take_time(ByteReader& in) {
  const auto value = in.take_be<std::uint64_t>();
  if (!value) return std::nullopt;
  return SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(*value)));
}

std::optional<rules::mtasts::Policy> take_policy(ByteReader& in) {
  const auto mode = in.take_be<std::uint8_t>();
  const auto max_age = in.take_varint();
  const auto count = in.take_varint();
  if (!mode || *mode > static_cast<std::uint8_t>(rules::mtasts::Mode::kEnforce) || !max_age || !count)
    return std::nullopt;
  if (*count > rules::mtasts::kMaxPatterns || *max_age > static_cast<std::uint64_t>(rules::mtasts::kMaxAge.count()))
    return std::nullopt;
  rules::mtasts::Policy policy{
      .mode = static_cast<rules::mtasts::Mode>(*mode), .max_age = std::chrono::seconds(*max_age), .mx = {}};
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto pattern = in.take_string();
    if (!pattern) return std::nullopt;
    policy.mx.emplace_back(*pattern);
  }
  return policy;
}

}  // namespace

io::engine::Partition policy_partition() { return {io::engine::Kind::kCluster, kPartitionId}; }

io::engine::Key policy_key(std::string_view domain) { return kPrefix + std::string(domain); }

std::optional<std::string_view> domain_of(std::string_view key) {
  if (!key.starts_with(kPrefix)) return std::nullopt;
  return key.substr(1);
}

std::string encode(const PolicyRow& row) {
  std::string value(1, static_cast<char>(kVersion));
  put_string(value, row.id);
  put_time(value, row.fetched_at);
  put_time(value, row.used_at);
  put_be(value, static_cast<std::uint8_t>(row.policy.mode));
  put_varint(value, static_cast<std::uint64_t>(row.policy.max_age.count()));
  put_varint(value, row.policy.mx.size());
  for (const auto& pattern : row.policy.mx) put_string(value, pattern);
  return value;
}

std::optional<PolicyRow> decode(std::string_view value) {
  ByteReader in(value);
  if (in.take_be<std::uint8_t>() != kVersion) return std::nullopt;
  const auto id = in.take_string();
  const auto fetched_at = id ? take_time(in) : std::nullopt;
  const auto used_at = fetched_at ? take_time(in) : std::nullopt;
  if (!used_at) return std::nullopt;
  auto policy = take_policy(in);
  if (!policy || !in.empty()) return std::nullopt;
  return PolicyRow{
      .id = std::string(*id), .policy = *std::move(policy), .fetched_at = *fetched_at, .used_at = *used_at};
}

}  // namespace veredus::work::mtasts
