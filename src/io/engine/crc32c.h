#pragma once

#include <cstdint>
#include <string_view>

namespace veredus::io::engine {

/// Whether the processor computes the store's checksums. The program that links this has a CRC-32C of its own, which
/// the dynamic linker gives to librocksdb in place of that one's: Debian builds it for processors without the
/// instruction, and it took a quarter of what a long message costs. The values are the same (RFC 3720 s12.1).
[[nodiscard]] bool is_crc32c_by_processor();

/// `crc`: of the octets before; 0 at the beginning.
[[nodiscard]] std::uint32_t crc32c(std::uint32_t crc, std::string_view octets);

}  // namespace veredus::io::engine
