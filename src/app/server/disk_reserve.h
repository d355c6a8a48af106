#pragma once

#include <cstdint>
#include <string>

namespace veredus::app::server {

/// How much disk stays free when the configuration leaves it at `standard`: that, but no more than a sixteenth of the
/// file system `directory` is on, so that a small one is of use. What was asked for otherwise is kept.
[[nodiscard]] std::uint64_t disk_reserve(const std::string& directory, std::uint64_t asked, std::uint64_t standard);

}  // namespace veredus::app::server
