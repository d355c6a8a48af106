#pragma once

#include <cstddef>
#include <expected>
#include <vector>

#include "io/engine/batch.h"
#include "io/engine/engine.h"

namespace veredus::io::engine {

constexpr std::size_t kMaxKeyOctets = 512;
constexpr std::size_t kMaxValueOctets = 1024 * 1024;
constexpr std::size_t kMaxBatchOctets = 16 * 1024 * 1024;
constexpr std::size_t kMaxBatchChanges = 65'536;

/// kTooBig when anything in the batch is over its limit, or a key is empty.
[[nodiscard]] std::expected<void, StoreError> check_limits(const Batch& batch);
[[nodiscard]] std::expected<void, StoreError> check_limits(const std::vector<Key>& keys);

}  // namespace veredus::io::engine
