#include "app/server/disk_reserve.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace veredus::app::server {

std::uint64_t disk_reserve(const io::engine::RocksDbOptions& store) {
  constexpr std::uint64_t kShare = 16;
  const auto asked = store.min_free_octets;
  if (asked != io::engine::RocksDbOptions{}.min_free_octets) return asked;
  std::filesystem::path place = store.directory;
  std::error_code error;
  while (!std::filesystem::exists(place, error) && place.has_relative_path()) place = place.parent_path();
  const auto space = std::filesystem::space(place, error);
  return error ? asked : std::min<std::uint64_t>(asked, space.capacity / kShare);
}

}  // namespace veredus::app::server
