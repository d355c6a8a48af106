#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace veredus::wire::archive {

/// What a compressed file may unfold to. A few octets can claim to be gigabytes.
struct Limits {
  std::size_t octets = std::size_t{32} * 1024 * 1024;  // unpacked
  /// Unpacked to packed, beyond the first MiB. Deflate reaches 1032 with nothing but zeros; reports have 10 to 60.
  std::size_t ratio = 250;
  std::size_t files = 16;  // listed in a zip archive, folders and all
};

enum class UnpackError : std::uint8_t {
  kNotCompressed,  // neither gzip nor zip
  kMalformed,      // cut short, a wrong checksum, or not what the format has
  kTooBig,         // over Limits::octets
  kRatio,          // over Limits::ratio
  kSeveralFiles,   // of a zip archive: more than one file, or more than Limits::files entries
  kNoFile,
  kEncrypted,
  kMethod,  // a zip archive with a way of packing other than stored and deflated
};
[[nodiscard]] std::string_view to_string(UnpackError error);

enum class Packing : std::uint8_t { kNone, kGzip, kZip };
/// By its first octets, whatever it calls itself.
[[nodiscard]] Packing packing_of(std::string_view octets);

/// The one file in `octets`. Never holds more than Limits::octets and 64 KiB.
[[nodiscard]] std::expected<std::string, UnpackError> unpack(std::string_view octets, const Limits& limits = {});

/// All members of a gzip file, one after the other. Source: RFC 1952 s2.2.
[[nodiscard]] std::expected<std::string, UnpackError> gunzip(std::string_view octets, const Limits& limits = {});

/// The one file of a zip archive; folders are passed over. Source: APPNOTE.TXT 6.3 s4.3.
[[nodiscard]] std::expected<std::string, UnpackError> unzip(std::string_view octets, const Limits& limits = {});

/// A gzip file of one member, without name and time: the same octets give the same file. Source: RFC 1952.
[[nodiscard]] std::string gzip(std::string_view octets);

}  // namespace veredus::wire::archive
