#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace veredus {

/// Of the values that make one key together.
template <class... Part>
[[nodiscard]] std::size_t hash_together(const Part&... parts) noexcept {
  std::uint64_t hash = 0;
  ((hash = (hash ^ std::hash<Part>{}(parts)) * 0x9E3779B97F4A7C15ULL), ...);
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

struct PairHash {
  template <class First, class Second>
  std::size_t operator()(const std::pair<First, Second>& pair) const noexcept {
    return hash_together(pair.first, pair.second);
  }
};

}  // namespace veredus
