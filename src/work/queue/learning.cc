#include <map>
#include <utility>

#include "work/queue/impl.h"

namespace veredus::work::queue {

using state::spool::DestinationState;
using state::spool::kShards;

namespace {

constexpr std::chrono::hours kLearntLife{7 * 24};  // what is older says nothing any more

}  // namespace

/// What earlier runs learnt about sites. What cannot be read is learnt anew.
asio::awaitable<void> Queue::Impl::remember_lanes() {
  const Moment moment = now();
  for (Shard shard = 0; shard < kShards; ++shard) {
    auto states = co_await parts.shards.destinations(shard);
    if (!states) continue;
    std::vector<std::string> old;
    for (auto& state : *states) {
      if (state.changed_at + kLearntLife < moment.wall) {
        old.push_back(std::move(state.domain));
        continue;
      }
      LearntLane learnt{.connections = state.connections, .failures = state.failures, .resting_until = {}};
      learnt.tls = std::move(state.tls);
      if (state.not_before && *state.not_before > moment.wall)
        learnt.resting_until = moment.steady + (*state.not_before - moment.wall);
      const std::scoped_lock lock(mutex);
      schedule.remember(std::move(state.domain), std::move(learnt));
    }
    if (!old.empty()) static_cast<void>(co_await parts.shards.forget_destinations(shard, std::move(old)));
  }
}

/// Writes down what changed since the last time; what fails is written with the next change.
asio::awaitable<void> Queue::Impl::save_lanes() {
  const Moment moment = now();
  std::map<Shard, std::vector<DestinationState>> states;
  {
    const std::scoped_lock lock(mutex);
    for (auto& [name, lane, last_failure] : schedule.take_learnt()) {
      DestinationState state{.domain = std::move(name), .connections = lane.connections, .failures = lane.failures};
      if (lane.resting_until > moment.steady)
        state.not_before =
            moment.wall + std::chrono::duration_cast<std::chrono::milliseconds>(lane.resting_until - moment.steady);
      state.last_reply = std::move(last_failure);
      state.changed_at = moment.wall;
      state.tls = lane.tls;
      states[state::spool::shard_of(state.domain)].push_back(std::move(state));
    }
  }
  for (auto& [shard, some] : states) static_cast<void>(co_await parts.shards.put_destinations(shard, std::move(some)));
}

}  // namespace veredus::work::queue
