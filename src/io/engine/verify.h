#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "io/engine/rocksdb_engine.h"

namespace veredus::io::engine {

struct VerifyReport {
  std::uint64_t partitions = 0;
  std::uint64_t rows = 0;
  std::uint64_t bodies = 0;         // body chunks
  std::uint64_t octets = 0;         // of keys and values
  bool is_backup = false;           // it has a manifest, and that was checked too
  std::vector<std::string> damage;  // each in words, with the key in hex or the file; at most kMaxReportedDamage
  [[nodiscard]] bool sound() const { return damage.empty(); }
};
constexpr std::size_t kMaxReportedDamage = 1000;

/// Opens a data directory that nobody serves, or a backup, for reading only, and reads everything in it: the checksum
/// of every file and of every block, and the engine's own rows. Blocks, for as long as reading it all takes. An error
/// when it cannot be opened at all.
std::expected<VerifyReport, OpenFailure> verify(std::string directory);

}  // namespace veredus::io::engine
