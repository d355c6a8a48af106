#include "io/engine/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/utilities/checkpoint.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "base/types/clock.h"

namespace veredus::io::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "veredus backup 1";

struct Entry {
  std::uint64_t octets = 0;
  std::string crc32c;  // hex
};

std::optional<Entry> read_entry(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  const auto sum = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  std::vector<char> buffer(256 * 1024);
  Entry entry;
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    const auto got = static_cast<std::size_t>(in.gcount());
    sum->Update(buffer.data(), got);
    entry.octets += got;
  }
  if (in.bad()) return std::nullopt;
  sum->Finalize();
  for (const char octet : sum->GetChecksum()) entry.crc32c += fmt::format("{:02x}", static_cast<std::uint8_t>(octet));
  return entry;
}

std::map<std::string, Entry> read_entries(const fs::path& directory) {
  std::map<std::string, Entry> entries;
  for (const auto& file : fs::directory_iterator(directory)) {
    const auto name = file.path().filename().string();
    if (!file.is_regular_file() || name == kBackupManifest) continue;
    if (auto entry = read_entry(file.path())) entries.emplace(name, *std::move(entry));
  }
  return entries;
}

bool sync_path(const fs::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = ::fsync(fd) == 0;
  ::close(fd);
  return synced;
}

bool write_manifest(const fs::path& directory, SystemTime now) {
  const fs::path manifest = directory / kBackupManifest;
  {
    std::ofstream out(manifest, std::ios::binary);
    out << kFirstLine << '\n' << "made " << now.time_since_epoch().count() << '\n';
    for (const auto& [name, entry] : read_entries(directory))
      out << "file " << entry.crc32c << ' ' << entry.octets << ' ' << name << '\n';
    if (!out.flush()) return false;
  }
  return sync_path(manifest, O_RDONLY) && sync_path(directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace

std::expected<void, std::string> make_backup(const Store& store, const std::string& directory, SystemTime now) {
  std::error_code error;
  if (fs::exists(directory, error)) return std::unexpected(fmt::format("{} exists already", directory));
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(&store.database(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
  if (!status.ok()) return std::unexpected(fmt::format("{} cannot be made: {}", directory, status.ToString()));
  if (write_manifest(directory, now)) return {};
  fs::remove_all(directory, error);
  return std::unexpected(fmt::format("{}: the manifest cannot be written", directory));
}

std::expected<std::vector<std::string>, std::string> check_backup(const std::string& directory) {
  std::ifstream in(fs::path(directory) / kBackupManifest, std::ios::binary);
  std::string line;
  if (!std::getline(in, line) || line != kFirstLine)
    return std::unexpected(fmt::format("{}: the manifest has an unknown format", directory));
  std::vector<std::string> damage;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string word, name;
    Entry want;
    if (!(fields >> word) || word != "file") continue;
    if (!(fields >> want.crc32c >> want.octets >> name))
      return std::unexpected(fmt::format("{}: the manifest is damaged: {}", directory, line));
    const auto have = read_entry(fs::path(directory) / name);
    if (!have)
      damage.push_back(fmt::format("file {} is missing", name));
    else if (have->octets != want.octets)
      damage.push_back(fmt::format("file {} has {} octets instead of {}", name, have->octets, want.octets));
    else if (have->crc32c != want.crc32c)
      damage.push_back(fmt::format("file {} has another checksum than when it was made", name));
  }
  return damage;
}

}  // namespace veredus::io::engine
