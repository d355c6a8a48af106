#pragma once

#include <cstdint>
#include <optional>

#include "io/net/io_error.h"

namespace veredus::work::doorstep {

/// A line that broke a rule; it was skipped, and reading may go on.
enum class LineError : std::uint8_t { kTooLong, kBareLf, kBareCr };
/// nullopt: no fault of a line.
[[nodiscard]] std::optional<LineError> line_error(io::net::IoError error);

}  // namespace veredus::work::doorstep
