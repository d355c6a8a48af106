#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/types/clock.h"
#include "io/engine/store.h"

namespace veredus::io::engine {

/// The file that makes a copy a backup: which files belong to it, how long each is and its CRC-32C.
constexpr const char* kBackupManifest = "BACKUP";

/// Makes a consistent copy of the store at `directory`, which must not exist, and its manifest last. Blocks. On error
/// nothing is left behind, and the reason is in words.
std::expected<void, std::string> make_backup(const Store& store, const std::string& directory, SystemTime now);

/// Checks every file named by the manifest of a backup. Answers the damaged or missing ones, in words; an error when
/// the manifest itself is unreadable.
std::expected<std::vector<std::string>, std::string> check_backup(const std::string& directory);

}  // namespace veredus::io::engine
