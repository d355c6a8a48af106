#include "wire/archive/unpack.h"

#include <zlib.h>

#include <algorithm>
#include <optional>

#include "base/types/result.h"
#include "wire/archive/inflate.h"

namespace veredus::wire::archive {
namespace {

/// Numbers of a zip archive: least significant octet first.
std::uint32_t number_at(std::string_view octets, std::size_t at, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = size; i-- > 0;)
    out = (out << 8) | static_cast<std::uint8_t>(at + i < octets.size() ? octets[at + i] : '\0');
  return out;
}
std::uint16_t short_at(std::string_view octets, std::size_t at) {
  return static_cast<std::uint16_t>(number_at(octets, at, 2));
}
std::uint32_t long_at(std::string_view octets, std::size_t at) { return number_at(octets, at, 4); }

constexpr std::string_view kGzipMagic("\x1f\x8b", 2);
constexpr std::string_view kLocalHeader("PK\x03\x04", 4);
constexpr std::string_view kCentralHeader("PK\x01\x02", 4);
constexpr std::string_view kEndOfCentral("PK\x05\x06", 4);
constexpr std::size_t kLocalOctets = 30;
constexpr std::size_t kCentralOctets = 46;
constexpr std::size_t kEndOctets = 22;
constexpr std::uint16_t kEncryptedFlag = 1;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;

/// One file, as the archive's directory has it.
struct Entry {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t checksum = 0;
  std::size_t packed = 0;
  std::size_t unpacked = 0;
  std::size_t header_at = 0;
  bool is_folder = false;
};

/// Where the archive's directory is described: at its end, before a comment of at most 64 KiB.
std::optional<std::size_t> find_end(std::string_view octets) {
  if (octets.size() < kEndOctets) return std::nullopt;
  const auto at = octets.rfind(kEndOfCentral, octets.size() - kEndOctets);
  if (at == std::string_view::npos || octets.size() - at > kEndOctets + 0xFFFF) return std::nullopt;
  return at;
}

std::expected<Entry, UnpackError> read_entry(std::string_view octets, std::size_t& at) {
  if (octets.size() < at + kCentralOctets || octets.substr(at, 4) != kCentralHeader)
    return std::unexpected(UnpackError::kMalformed);
  Entry out;
  out.flags = short_at(octets, at + 8);
  out.method = short_at(octets, at + 10);
  out.checksum = long_at(octets, at + 16);
  out.packed = long_at(octets, at + 20);
  out.unpacked = long_at(octets, at + 24);
  const std::size_t name = short_at(octets, at + 28);
  const std::size_t rest = std::size_t{short_at(octets, at + 30)} + short_at(octets, at + 32);
  out.header_at = long_at(octets, at + 42);
  if (octets.size() < at + kCentralOctets + name + rest) return std::unexpected(UnpackError::kMalformed);
  out.is_folder = octets.substr(at + kCentralOctets, name).ends_with('/');
  at += kCentralOctets + name + rest;
  return out;
}

/// The archive's one file.
std::expected<Entry, UnpackError> the_file(std::string_view octets, const Limits& limits) {
  const auto end = find_end(octets);
  if (!end) return std::unexpected(UnpackError::kMalformed);
  const std::size_t entries = short_at(octets, *end + 10);
  if (entries > limits.files) return std::unexpected(UnpackError::kSeveralFiles);
  std::size_t at = long_at(octets, *end + 16);
  std::optional<Entry> file;
  for (std::size_t i = 0; i < entries; ++i) {
    VEREDUS_TRY(auto entry, read_entry(octets, at));
    if (entry.is_folder) continue;
    if (file) return std::unexpected(UnpackError::kSeveralFiles);
    file = entry;
  }
  if (!file) return std::unexpected(UnpackError::kNoFile);
  return *file;
}

/// The octets the file is packed in.
std::expected<std::string_view, UnpackError> packed_octets(std::string_view octets, const Entry& file) {
  if (octets.size() < file.header_at + kLocalOctets || octets.substr(file.header_at, 4) != kLocalHeader)
    return std::unexpected(UnpackError::kMalformed);
  const std::size_t begin =
      file.header_at + kLocalOctets + short_at(octets, file.header_at + 26) + short_at(octets, file.header_at + 28);
  if (begin > octets.size() || octets.size() - begin < file.packed) return std::unexpected(UnpackError::kMalformed);
  return octets.substr(begin, file.packed);
}

bool has_checksum(std::string_view octets, std::uint32_t checksum) {
  return crc32_z(0, reinterpret_cast<const Bytef*>(octets.data()), octets.size()) == checksum;
}

}  // namespace

std::string_view to_string(UnpackError error) {
  switch (error) {
    case UnpackError::kNotCompressed:
      return "neither gzip nor zip";
    case UnpackError::kMalformed:
      return "a damaged compressed file";
    case UnpackError::kTooBig:
      return "a compressed file too big to unpack";
    case UnpackError::kRatio:
      return "a compressed file that unfolds beyond measure";
    case UnpackError::kSeveralFiles:
      return "an archive with more than one file";
    case UnpackError::kNoFile:
      return "an archive without a file";
    case UnpackError::kEncrypted:
      return "an encrypted archive";
    case UnpackError::kMethod:
      return "an archive packed in a way nobody here knows";
  }
  return "";
}

Packing packing_of(std::string_view octets) {
  if (octets.starts_with(kGzipMagic)) return Packing::kGzip;
  if (octets.starts_with(kLocalHeader) || octets.starts_with(kEndOfCentral)) return Packing::kZip;
  return Packing::kNone;
}

std::expected<std::string, UnpackError> unpack(std::string_view octets, const Limits& limits) {
  switch (packing_of(octets)) {
    case Packing::kGzip:
      return gunzip(octets, limits);
    case Packing::kZip:
      return unzip(octets, limits);
    case Packing::kNone:
      break;
  }
  return std::unexpected(UnpackError::kNotCompressed);
}

std::expected<std::string, UnpackError> gunzip(std::string_view octets, const Limits& limits) {
  if (!octets.starts_with(kGzipMagic)) return std::unexpected(UnpackError::kNotCompressed);
  std::string out;
  std::size_t at = 0;
  // What follows the last member and is none is padding (RFC 1952 s2.2 has members alone; tools pass over zeros).
  while (octets.substr(at).starts_with(kGzipMagic)) {
    VEREDUS_TRY(const auto taken, inflate_stream(octets.substr(at), Wrapping::kGzip, limits, at, out));
    at += taken;
  }
  return out;
}

std::expected<std::string, UnpackError> unzip(std::string_view octets, const Limits& limits) {
  if (packing_of(octets) != Packing::kZip) return std::unexpected(UnpackError::kNotCompressed);
  VEREDUS_TRY(const auto file, the_file(octets, limits));
  if ((file.flags & kEncryptedFlag) != 0) return std::unexpected(UnpackError::kEncrypted);
  VEREDUS_TRY(const auto packed, packed_octets(octets, file));
  if (file.unpacked > limits.octets) return std::unexpected(UnpackError::kTooBig);
  std::string out;
  if (file.method == kStored) {
    out = packed;
  } else if (file.method == kDeflated) {
    VEREDUS_TRY(inflate_stream(packed, Wrapping::kRaw, limits, 0, out));
  } else {
    return std::unexpected(UnpackError::kMethod);
  }
  if (out.size() != file.unpacked || !has_checksum(out, file.checksum)) return std::unexpected(UnpackError::kMalformed);
  return out;
}

}  // namespace veredus::wire::archive
