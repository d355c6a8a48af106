#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "wire/archive/unpack.h"

namespace veredus::wire::archive {

enum class Wrapping : std::uint8_t { kGzip, kRaw };

/// One deflate stream at the beginning of `octets`, appended to `out`, which with it may hold what `limits` allow for
/// `packed_before` + this stream's octets. Answers how many octets the stream took. Source: RFC 1951, RFC 1952.
[[nodiscard]] std::expected<std::size_t, UnpackError> inflate_stream(std::string_view octets, Wrapping wrapping,
                                                                     const Limits& limits, std::size_t packed_before,
                                                                     std::string& out);

}  // namespace veredus::wire::archive
