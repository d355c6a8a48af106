#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "io/net/asio.h"
#include "state/search/search_error.h"

namespace veredus::state::search {

/// Work that several coroutines share: each takes the next piece until there is none. All belong to one thread.
class Pieces {
 public:
  using Outcome = std::expected<void, SearchError>;

  virtual ~Pieces() = default;
  /// Does the next piece. False: there is none.
  virtual asio::awaitable<std::expected<bool, SearchError>> next() = 0;
};

/// Runs at most `lanes` coroutines over `pieces`, which outlives the call, until all are done or one failed. Cancelling
/// it cancels them, and none outlives it.
asio::awaitable<Pieces::Outcome> run_lanes(Pieces* pieces, std::size_t lanes);

}  // namespace veredus::state::search
