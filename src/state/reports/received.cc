#include "state/reports/received.h"

#include <algorithm>
#include <utility>

#include "base/codec/hex.h"
#include "base/types/bytes.h"
#include "base/types/result.h"
#include "io/engine/counter.h"
#include "state/reports/keys.h"
#include "wire/archive/unpack.h"

namespace veredus::state::reports {

using io::engine::Batch;
using io::engine::Durability;
using io::engine::Kind;
using io::engine::Partition;
using io::engine::StoreError;

namespace {

constexpr Partition kPartition{.kind = Kind::kReports, .id = kReceivedPartition};
constexpr std::size_t kChunkOctets = std::size_t{256} * 1024;
constexpr std::uint32_t kPage = 500;
constexpr std::string_view kNumberKey = "n";

std::string hash_of_report(const Summary& summary) {
  std::string whole;
  put_be(whole, std::to_underlying(summary.kind));
  for (const auto* text : {&summary.organization, &summary.domain, &summary.report_id}) put_string(whole, *text);
  return hash_of(whole);
}

std::optional<std::string> hash_of_key(const ReportKey& key) {
  auto hash = base::codec::hex_decode(key);
  return hash && hash->size() == kHashOctets ? std::optional(*std::move(hash)) : std::nullopt;
}

bool is_wanted(const Summary& summary, const Wanted& wanted) {
  return (!wanted.kind || summary.kind == *wanted.kind) &&
         (wanted.domain.empty() || summary.domain == wanted.domain || summary.domain.ends_with('.' + wanted.domain));
}

}  // namespace

Received::Result<std::size_t> Received::number() {
  const std::vector<io::engine::Key> keys{std::string(kNumberKey)};
  VEREDUS_CO_TRY(const auto values, co_await engine_.get(kPartition, keys));
  const auto number = values[0] ? io::engine::decode_counter(*values[0]) : std::nullopt;
  co_return number && *number > 0 ? static_cast<std::size_t>(*number) : 0;
}

Received::Result<Received::Added> Received::add(Summary summary, std::string document) {
  const auto hash = hash_of_report(summary);
  VEREDUS_CO_TRY(const auto there, co_await number());
  if (there >= options_.most) co_return Added::kFull;
  summary.received = clock_.now();
  summary.octets = document.size();
  const std::string packed = wire::archive::gzip(document);
  const auto place = received_key(summary.received, hash);
  Batch batch;
  batch.keep_version();
  batch.expect(identity_key(hash), std::nullopt);
  for (std::size_t at = 0; at < packed.size(); at += kChunkOctets)
    batch.put(document_key(hash, summary.chunks++), packed.substr(at, kChunkOctets));
  batch.put(place, encode_summary(summary));
  batch.put(identity_key(hash), place);
  batch.add(std::string(kNumberKey), 1);
  const auto committed = co_await engine_.commit(kPartition, std::move(batch), Durability::kSynced);
  if (committed) co_return Added::kNew;
  if (committed.error() == StoreError::kConflict) co_return Added::kKnown;
  co_return std::unexpected(committed.error());
}

Received::Result<std::vector<Listed>> Received::list(Wanted wanted) {
  std::vector<Listed> out;
  auto take = [&out, limit = wanted.limit](Listed listed) {
    out.push_back(std::move(listed));
    return out.size() < limit;
  };
  VEREDUS_CO_TRY(co_await each(std::move(wanted), std::move(take)));
  co_return out;
}

Received::Result<void> Received::each(Wanted wanted, std::function<bool(Listed)> take) {
  io::engine::ScanOptions options;
  options.limit = kPage;
  options.reverse = true;
  const std::string low = received_key(std::max(wanted.from, SystemTime{}), "");
  std::string high = received_key(wanted.until, "");
  while (true) {
    VEREDUS_CO_TRY(const auto page, co_await engine_.scan(kPartition, low, high, options));
    for (const auto& row : page.rows) {
      auto summary = decode_summary(row.value);
      if (!summary) co_return std::unexpected(StoreError::kCorrupt);
      if (!is_wanted(*summary, wanted)) continue;
      Listed listed{.key = base::codec::hex_encode(hash_in(row.key)), .summary = *std::move(summary)};
      if (!take(std::move(listed))) co_return std::expected<void, StoreError>{};
    }
    if (!page.more || page.rows.empty()) co_return std::expected<void, StoreError>{};
    high = page.rows.back().key;
  }
}

Received::Result<std::optional<std::string>> Received::place_of(ReportKey key) {
  const auto hash = hash_of_key(key);
  if (!hash) co_return std::nullopt;
  const std::vector<io::engine::Key> keys{identity_key(*hash)};
  VEREDUS_CO_TRY(auto values, co_await engine_.get(kPartition, keys));
  co_return std::move(values[0]);
}

Received::Result<std::optional<Listed>> Received::find(ReportKey key) {
  VEREDUS_CO_TRY(const auto place, co_await place_of(key));
  if (!place) co_return std::nullopt;
  const std::vector<io::engine::Key> keys{*place};
  VEREDUS_CO_TRY(const auto values, co_await engine_.get(kPartition, keys));
  if (!values[0]) co_return std::nullopt;
  auto summary = decode_summary(*values[0]);
  if (!summary) co_return std::unexpected(StoreError::kCorrupt);
  co_return Listed{.key = std::move(key), .summary = *std::move(summary)};
}

Received::Result<std::optional<std::string>> Received::document(ReportKey key) {
  VEREDUS_CO_TRY(const auto listed, co_await find(key));
  if (!listed) co_return std::nullopt;
  std::vector<io::engine::Key> keys;
  for (std::uint32_t chunk = 0; chunk < listed->summary.chunks; ++chunk)
    keys.push_back(document_key(*hash_of_key(key), chunk));
  VEREDUS_CO_TRY(const auto values, co_await engine_.get(kPartition, std::move(keys)));
  std::string packed;
  for (const auto& value : values) {
    if (!value) co_return std::nullopt;  // erased meanwhile
    packed += *value;
  }
  // Limits are for what others packed.
  wire::archive::Limits limits;
  limits.octets = listed->summary.octets;
  limits.ratio = SIZE_MAX;
  auto document = wire::archive::gunzip(packed, limits);
  if (!document) co_return std::unexpected(StoreError::kCorrupt);
  co_return *std::move(document);
}

Received::Result<void> Received::erase_at(std::string place) {
  const auto hash = hash_in(place);
  Batch batch;
  batch.keep_version();
  batch.expect(identity_key(hash), place);
  batch.erase(identity_key(hash));
  batch.erase(place);
  batch.erase_range(document_key(hash, 0), document_key(hash, UINT32_MAX));
  batch.add(std::string(kNumberKey), -1);
  const auto committed = co_await engine_.commit(kPartition, std::move(batch), Durability::kSynced);
  if (!committed && committed.error() != StoreError::kConflict) co_return std::unexpected(committed.error());
  co_return std::expected<void, StoreError>{};
}

Received::Result<bool> Received::erase(ReportKey key) {
  VEREDUS_CO_TRY(auto place, co_await place_of(std::move(key)));
  if (!place) co_return false;
  VEREDUS_CO_TRY(co_await erase_at(*std::move(place)));
  co_return true;
}

Received::Result<std::size_t> Received::sweep() {
  const auto oldest = clock_.now() - options_.life;
  io::engine::ScanOptions options;
  options.keys_only = true;
  VEREDUS_CO_TRY(const auto page,
                 co_await engine_.scan(kPartition, received_key(SystemTime{}, ""), received_key(oldest, ""), options));
  for (const auto& row : page.rows) VEREDUS_CO_TRY(co_await erase_at(row.key));
  co_return page.rows.size();
}

}  // namespace veredus::state::reports
