#include "io/engine/group.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "io/engine/counter.h"

namespace veredus::io::engine {
namespace {

using Op = Batch::Change::Op;

constexpr std::uint32_t kErasedAtOnce = 10'000;  // keys of a range in memory at a time
constexpr std::size_t kKeptOctets = 4 * 1024 * 1024;

bool is_plain(const Batch& batch) {
  return std::ranges::none_of(batch.changes(),
                              [](const auto& change) { return change.op == Op::kAdd || change.op == Op::kEraseRange; });
}

void overlay_change(Overlay& overlay, const Batch::Change& change) {
  if (change.op == Op::kPut) overlay.put(change.key, change.value);
  if (change.op == Op::kErase) overlay.erase(change.key);
}

rocksdb::Slice slice(std::string_view octets) { return {octets.data(), octets.size()}; }

/// The nine octets every key of a partition begins with, without a string.
class Prefix {
 public:
  explicit Prefix(Partition partition) {
    octets_[0] = static_cast<char>(partition.kind);
    for (std::size_t i = 0; i < 8; ++i)
      octets_[i + 1] = static_cast<char>(static_cast<std::uint8_t>(partition.id >> (56 - 8 * i)));
  }
  [[nodiscard]] rocksdb::Slice slice() const { return {octets_.data(), octets_.size()}; }

 private:
  std::array<char, layout::kPrefixOctets> octets_{};
};

}  // namespace

Group::Verdict Group::refuse(Request& request, StoreError error) {
  request.error = error;
  return Verdict::kRefused;
}

Group::Verdict Group::miss(Request& request, ReadError error) {
  return error == ReadError::kNotInMemory ? Verdict::kCold : refuse(request, to_store_error(error));
}

Group::Verdict Group::take(Request& request) {
  request.error.reset();
  const auto touched = touch(request);
  if (!touched) return touched.error();
  Touched& partition = **touched;
  if (const auto verdict = check(request, partition)) return *verdict;
  if (!std::exchange(is_begun_, true)) store_.begin(writes_);
  if (const auto verdict = write(request, partition)) return *verdict;
  if (!request.batch.keeps_version() && !request.claim) {
    ++partition.state.version.value;
    partition.is_changed = true;
  }
  if (!partition.is_stored) partition.is_changed = true;  // every partition with rows has a state row
  request.state = partition.state;
  is_synced_ = is_synced_ || request.durability == Durability::kSynced;
  taken_.push_back(&request);
  return Verdict::kTaken;
}

Group::Outcome<Group::Touched*> Group::touch(Request& request) {
  const auto place = places_.find(request.partition);
  if (place != places_.end()) return &touched_[place->second];
  Touched touched{.partition = request.partition};
  if (const auto cached = states_.find(request.partition)) {
    touched.state = *cached;
    touched.is_stored = true;
  } else {
    const auto read = store_.state(request.partition, request.is_warm ? Tier::kDisk : Tier::kMemory);
    if (!read) return std::unexpected(miss(request, read.error()));
    touched.state = read->value_or(layout::PartitionState());
    touched.is_stored = read->has_value();
  }
  places_.emplace(request.partition, touched_.size());
  return &touched_.emplace_back(std::move(touched));
}

std::optional<Group::Verdict> Group::check_claim(Request& request, const Touched& touched) {
  const bool is_free = touched.claimed_by ? *touched.claimed_by == request.claim->node
                                          : leases_.may_take(request.partition, request.claim->node);
  if (!is_free) return refuse(request, StoreError::kFenced);
  return std::nullopt;
}

std::optional<Group::Verdict> Group::check(Request& request, Touched& touched) {
  if (request.claim) return check_claim(request, touched);
  const Batch& batch = request.batch;
  if (const auto epoch = batch.expected_lease()) {
    const bool stands = touched.claimed_by ? *epoch == touched.state.epoch : leases_.stands(request.partition, *epoch);
    if (!stands) return refuse(request, StoreError::kFenced);
  }
  if (batch.expected_version() && *batch.expected_version() != touched.state.version)
    return refuse(request, StoreError::kConflict);
  static const Overlay kNone;
  for (const auto& [key, value] : batch.expectations()) {
    const auto found = find(request, touched, kNone, key);
    if (!found) return found.error();
    if (*found != value) return refuse(request, StoreError::kConflict);
  }
  return std::nullopt;
}

std::optional<Group::Verdict> Group::write(Request& request, Touched& touched) {
  if (request.claim) {
    touched.claimed_by = request.claim->node;
    ++touched.state.epoch.value;
    touched.is_changed = true;
    return std::nullopt;
  }
  if (is_plain(request.batch)) {
    write_plain(request.partition, request.batch);
    touched.plain.push_back(&request.batch);
    return std::nullopt;
  }
  auto own = resolve(request, touched);
  if (!own) return own.error();
  write_resolved(request.partition, *own);
  for (const auto& [key, value] : own->rows()) {
    if (value)
      touched.overlay.put(key, *value);
    else
      touched.overlay.erase(key);
  }
  return std::nullopt;
}

/// What a batch with counters or ranges comes to, as puts and erased keys.
Group::Outcome<Overlay> Group::resolve(Request& request, Touched& touched) {
  overlay_plain(touched);
  Overlay own;
  for (const auto& change : request.batch.changes()) {
    overlay_change(own, change);
    std::optional<Verdict> verdict;
    if (change.op == Op::kEraseRange) verdict = erase_range(request, touched, own, change);
    if (change.op == Op::kAdd) verdict = add(request, touched, own, change);
    if (verdict) return std::unexpected(*verdict);
  }
  return own;
}

std::optional<Group::Verdict> Group::add(Request& request, Touched& touched, Overlay& own,
                                         const Batch::Change& change) {
  const auto found = find(request, touched, own, change.key);
  if (!found) return found.error();
  const auto count = found->has_value() ? decode_counter(**found) : std::optional<std::int64_t>(0);
  if (!count) return refuse(request, StoreError::kCorrupt);
  own.put(change.key, encode_counter(add_wrapping(*count, change.delta)));
  return std::nullopt;
}

/// Erases the rows of a range one by one: range tombstones of RocksDB 7.8 make iterators lose rows after read errors.
std::optional<Group::Verdict> Group::erase_range(Request& request, Touched& touched, Overlay& own,
                                                 const Batch::Change& change) {
  const auto& [low, high] = std::tie(change.key, change.value);
  if (!high.empty() && high <= low) return std::nullopt;
  if (!request.is_warm) return Verdict::kCold;
  std::vector<Key> keys;
  const ScanOptions options{.limit = kErasedAtOnce, .keys_only = true};
  for (bool more = true; more;) {
    const Key from = keys.empty() ? low : keys.back() + '\0';
    const auto page = store_.scan(touched.partition, from, high, options);
    if (!page) return miss(request, page.error());
    for (const auto& row : page->rows) keys.push_back(row.key);
    more = page->more;
  }
  for (const Overlay* layer : {static_cast<const Overlay*>(&touched.overlay), static_cast<const Overlay*>(&own)})
    for (auto row = layer->rows().lower_bound(low); row != layer->rows().end() && is_between(row->first, low, high);
         ++row)
      if (row->second) keys.push_back(row->first);
  for (auto& key : keys) own.erase(std::move(key));
  return std::nullopt;
}

Group::Outcome<std::optional<Value>> Group::find(Request& request, Touched& touched, const Overlay& own,
                                                 const Key& key) {
  overlay_plain(touched);
  for (const Overlay* layer : {&own, static_cast<const Overlay*>(&touched.overlay)}) {
    const auto answer = layer->find(key);
    if (answer.known) return answer.value != nullptr ? std::optional(*answer.value) : std::nullopt;
  }
  auto found = store_.find(request.partition, key, request.is_warm ? Tier::kDisk : Tier::kMemory);
  if (!found) return std::unexpected(miss(request, found.error()));
  return *std::move(found);
}

void Group::overlay_plain(Touched& touched) {
  for (const Batch* batch : touched.plain)
    for (const auto& change : batch->changes()) overlay_change(touched.overlay, change);
  touched.plain.clear();
}

void Group::write_plain(Partition partition, const Batch& batch) {
  for (const auto& change : batch.changes()) {
    if (change.op == Op::kPut)
      put(partition, change.key, change.value);
    else
      erase(partition, change.key);
  }
}

void Group::write_resolved(Partition partition, const Overlay& own) {
  for (const auto& [key, value] : own.rows()) {
    if (value)
      put(partition, key, *value);
    else
      erase(partition, key);
  }
}

void Group::put(Partition partition, std::string_view key, std::string_view value) {
  const Prefix prefix(partition);
  const std::array name = {prefix.slice(), slice(key)};
  const auto octets = slice(value);
  writes_.Put(store_.family(layout::family_of(key)), rocksdb::SliceParts(name.data(), name.size()),
              rocksdb::SliceParts(&octets, 1));
}

void Group::erase(Partition partition, std::string_view key) {
  const Prefix prefix(partition);
  const std::array name = {prefix.slice(), slice(key)};
  writes_.Delete(store_.family(layout::family_of(key)), rocksdb::SliceParts(name.data(), name.size()));
}

rocksdb::WriteBatch& Group::seal() {
  for (const auto& touched : touched_)
    if (touched.is_changed)
      writes_.Put(store_.family(layout::Family::kRows), layout::prefix(touched.partition),
                  layout::encode(touched.state));
  Store::end(writes_);
  return writes_;
}

void Group::publish() {
  for (const auto& touched : touched_)
    if (touched.is_stored || touched.is_changed) states_.store(touched.partition, touched.state);
  for (Request* request : taken_)
    if (request->claim)
      request->lease =
          leases_.take(request->partition, request->claim->node, request->state.epoch, request->claim->ttl);
}

void Group::clear() {
  if (writes_.GetDataSize() > kKeptOctets)
    writes_ = rocksdb::WriteBatch();
  else
    writes_.Clear();
  taken_.clear();
  touched_.clear();
  places_.clear();
  is_begun_ = false;
  is_synced_ = false;
}

}  // namespace veredus::io::engine
