#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/types/clock.h"
#include "state/spool/queue_id.h"

namespace veredus::work::queue {

/// The octets of small messages that were just accepted, so that those which leave at once need not be read again.
/// When it is full, what comes is not kept: the oldest leave first. Thread-safe.
class BodyShelf {
 public:
  using Octets = std::shared_ptr<const std::string>;
  struct Options {
    std::size_t octets = 64 * 1024 * 1024;  // in all
    std::size_t message_octets = 64 * 1024;
    std::chrono::seconds life{60};  // then a message waits for something that takes long
  };
  explicit BodyShelf(Options options) : options_(options) {}

  void put(const state::spool::QueueId& message, Octets octets, SteadyTime now);
  /// Null: not here. `last`: nobody will ask again.
  Octets take(const state::spool::QueueId& message, bool last);

 private:
  struct Place {
    state::spool::QueueId message;
    SteadyTime since;
  };
  void drop(const state::spool::QueueId& message);

  Options options_;
  std::mutex mutex_;
  std::unordered_map<state::spool::QueueId, Octets> kept_;
  std::deque<Place> order_;  // by age; some have gone
  std::size_t octets_ = 0;
};

}  // namespace veredus::work::queue
