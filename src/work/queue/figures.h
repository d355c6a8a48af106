#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "state/spool/queue_entry.h"
#include "work/queue/waiting.h"

namespace veredus::work::queue {

/// How one lane stands, for `queue top`.
struct LaneFigures {
  std::string source;  // egress
  std::string site;    // its hosts, or the route
  std::size_t ready = 0;
  std::size_t senders = 0;
  unsigned connections = 0;
  unsigned allowed = 0;
  std::chrono::milliseconds rest{0};  // before it may go on; 0: none
  std::uint64_t delivered = 0;        // recipients, since the lane was made
  std::uint64_t deferred = 0;
  std::uint64_t refused = 0;
  std::string last_failure;
  std::string last_tls;  // of its last transaction; empty: in the clear
};

/// The queue at one moment.
struct QueueFigures {
  std::size_t entries = 0;
  std::size_t later = 0;      // wait for their next attempt
  std::size_t searching = 0;  // wait for DNS
  std::size_t ready = 0;      // wait for a connection
  std::size_t parked = 0;     // held, braked or paused
  std::size_t taken = 0;      // under way
  std::size_t connections = 0;
  std::size_t lanes_resting = 0;
  std::uint64_t delivered = 0;  // recipients, since the start
  std::uint64_t deferred = 0;
  std::uint64_t refused = 0;
  bool paused = false;
  bool suspended = false;          // the store takes no writes
  bool loaded = false;             // all that was there at the start is in memory
  std::vector<LaneFigures> lanes;  // the fullest first
};

/// Where one entry is now, beside what its row says.
struct EntryStatus {
  Place place = Place::kFree;
  SystemTime due{};          // of its next attempt
  std::string last_failure;  // of its site, when it could not be tried at all
};
[[nodiscard]] std::string_view to_string(Place place);

}  // namespace veredus::work::queue
