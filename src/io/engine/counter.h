#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veredus::io::engine {

/// Counter rows, as Batch::add keeps them: 8 octets, big-endian two's complement.
[[nodiscard]] std::string encode_counter(std::int64_t value);
/// nullopt when it is not 8 octets long.
[[nodiscard]] std::optional<std::int64_t> decode_counter(std::string_view value);
/// The sum modulo 2^64: a counter that runs over wraps, it is never undefined.
[[nodiscard]] std::int64_t add_wrapping(std::int64_t value, std::int64_t delta);

}  // namespace veredus::io::engine
