#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace veredus::state::directory {

/// Look-ups by string_view without making a string.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

}  // namespace veredus::state::directory
