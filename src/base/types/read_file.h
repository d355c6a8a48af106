#pragma once

#include <optional>
#include <string>

namespace veredus {

/// All octets of a file, a pipe or a device; nullopt: it cannot be opened, or not be read to its end.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path);

}  // namespace veredus
