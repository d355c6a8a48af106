#include "io/engine/limits.h"

#include <algorithm>

namespace veredus::io::engine {
namespace {

bool is_key(const Key& key) { return !key.empty() && key.size() <= kMaxKeyOctets; }

bool is_within_limits(const Batch::Change& change) {
  if (change.op != Batch::Change::Op::kEraseRange) return is_key(change.key) && change.value.size() <= kMaxValueOctets;
  return change.key.size() <= kMaxKeyOctets && change.value.size() <= kMaxKeyOctets;  // an open end is empty
}

}  // namespace

std::expected<void, StoreError> check_limits(const Batch& batch) {
  const bool fits =
      batch.octets() <= kMaxBatchOctets && batch.changes().size() <= kMaxBatchChanges &&
      std::ranges::all_of(batch.changes(), is_within_limits) &&
      std::ranges::all_of(batch.expectations(), [](const auto& expectation) { return is_key(expectation.key); });
  if (!fits) return std::unexpected(StoreError::kTooBig);
  return {};
}

std::expected<void, StoreError> check_limits(const std::vector<Key>& keys) {
  if (!std::ranges::all_of(keys, is_key)) return std::unexpected(StoreError::kTooBig);
  return {};
}

}  // namespace veredus::io::engine
