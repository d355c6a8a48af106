#pragma once

#include <atomic>
#include <cstdint>

namespace veredus::state::search {

/// How far one search is; read by others while it runs. Thread-safe.
struct Progress {
  std::atomic<std::uint32_t> done{0};   // messages decided
  std::atomic<std::uint32_t> total{0};  // messages to decide
  std::atomic<bool> stop{false};        // set it, and the search ends soon with kStopped
};

}  // namespace veredus::state::search
