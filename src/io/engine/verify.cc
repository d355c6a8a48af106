#include "io/engine/verify.h"

#include <fmt/format.h>
#include <rocksdb/iterator.h>

#include <filesystem>
#include <optional>

#include "base/codec/hex.h"
#include "io/engine/backup.h"
#include "io/engine/limits.h"
#include "io/engine/store.h"

namespace veredus::io::engine {
namespace {

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// Walks one column family and writes down what it finds.
class Walk {
 public:
  Walk(const Store& store, VerifyReport& report) : store_(store), report_(report) {}

  void read(layout::Family family) {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    options.fill_cache = false;
    options.readahead_size = 2 * 1024 * 1024;
    const std::unique_ptr<rocksdb::Iterator> it(store_.database().NewIterator(options, store_.family(family)));
    state_of_.reset();
    for (it->SeekToFirst(); it->Valid(); it->Next()) check_row(family, view(it->key()), view(it->value()));
    if (!it->status().ok())
      damaged(fmt::format("{} after key {}: {}", name_of(family), last_key_, it->status().ToString()));
  }

 private:
  static std::string_view name_of(layout::Family family) {
    return family == layout::Family::kRows ? layout::kRowsFamily : layout::kBodiesFamily;
  }
  void damaged(std::string words) {
    if (report_.damage.size() < kMaxReportedDamage) report_.damage.push_back(std::move(words));
  }

  void check_row(layout::Family family, std::string_view name, std::string_view value) {
    last_key_ = base::codec::hex_encode(name);
    report_.octets += name.size() + value.size();
    const auto split = layout::split_key(name);
    if (!split) return damaged(fmt::format("row {}: no such partition", last_key_));
    const auto& [partition, key] = *split;
    if (key.empty()) return check_state(partition, value);
    ++(family == layout::Family::kRows ? report_.rows : report_.bodies);
    if (key.size() > kMaxKeyOctets || value.size() > kMaxValueOctets)
      damaged(fmt::format("row {}: longer than any that was written", last_key_));
    if (layout::family_of(key) != family) damaged(fmt::format("row {}: in the wrong column family", last_key_));
    if (state_of_ == partition) return;
    // Every partition with rows has a state row; it comes before them.
    const auto state = store_.state(partition, Tier::kDisk);
    if (!state || !*state) damaged(fmt::format("row {}: its partition has no state row", last_key_));
    state_of_ = partition;
  }

  void check_state(Partition partition, std::string_view value) {
    ++report_.partitions;
    state_of_ = partition;
    if (!layout::decode_state(value)) damaged(fmt::format("row {}: the partition's state row is damaged", last_key_));
  }

  const Store& store_;
  VerifyReport& report_;
  std::optional<Partition> state_of_;  // whose state row has been seen
  std::string last_key_ = "(none)";
};

}  // namespace

std::expected<VerifyReport, OpenFailure> verify(std::string directory) {
  VerifyReport report;
  if (std::filesystem::exists(std::filesystem::path(directory) / kBackupManifest)) {
    report.is_backup = true;
    auto damage = check_backup(directory);
    if (!damage)
      return std::unexpected(OpenFailure{.why = OpenFailure::Why::kDamaged, .message = std::move(damage).error()});
    report.damage = *std::move(damage);
  }
  RocksDbOptions options;
  options.directory = std::move(directory);
  VEREDUS_TRY(const auto store, Store::open(options, Store::Mode::kReadOnly, nullptr));
  if (const auto status = store->database().VerifyChecksum(); !status.ok())
    report.damage.push_back(fmt::format("block checksums: {}", status.ToString()));
  Walk walk(*store, report);
  walk.read(layout::Family::kRows);
  walk.read(layout::Family::kBodies);
  return report;
}

}  // namespace veredus::io::engine
