#pragma once

#include <vector>

#include "io/net/asio.h"

namespace veredus::io::net {

/// Runs all of them at the same time, on the executor of whoever waits here, and returns when all have ended. What one
/// of them threw is thrown then. They may use what is the caller's.
asio::awaitable<void> run_together(std::vector<asio::awaitable<void>> works);

}  // namespace veredus::io::net
