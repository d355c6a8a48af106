#include "state/search/lanes.h"

#include <utility>
#include <vector>

#include "io/net/run_together.h"

namespace veredus::state::search {
namespace {

struct Shared {
  Pieces* pieces;
  Pieces::Outcome outcome;
};

asio::awaitable<void> run_one(Shared* shared) {
  while (shared->outcome) {
    const auto more = co_await shared->pieces->next();
    if (!more) shared->outcome = std::unexpected(more.error());
    if (!more || !*more) co_return;
  }
}

}  // namespace

asio::awaitable<Pieces::Outcome> run_lanes(Pieces* pieces, std::size_t lanes) {
  Shared shared{pieces, {}};
  if (lanes <= 1) {
    co_await run_one(&shared);
    co_return shared.outcome;
  }
  std::vector<asio::awaitable<void>> running;
  running.reserve(lanes);
  for (std::size_t i = 0; i < lanes; ++i) running.push_back(run_one(&shared));
  co_await io::net::run_together(std::move(running));
  co_return shared.outcome;
}

}  // namespace veredus::state::search
