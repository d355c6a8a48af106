#pragma once

#include <cstdint>

#include "io/engine/rocksdb_engine.h"

namespace veredus::app::server {

/// How many octets of disk stay free. Where that is left at the standard: no more than a sixteenth of the file system
/// the store is on, so that a small one is of use. What was asked for otherwise is kept.
[[nodiscard]] std::uint64_t disk_reserve(const io::engine::RocksDbOptions& store);

}  // namespace veredus::app::server
