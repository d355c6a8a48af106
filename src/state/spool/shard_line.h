#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "io/engine/engine.h"
#include "io/engine/turn_line.h"
#include "io/net/asio.h"
#include "state/spool/shard_turn.h"

namespace veredus::state::spool {

/// The turns taken on one queue shard. Thread-safe.
class ShardLine {
 public:
  using Status = std::expected<void, io::engine::StoreError>;
  using EpochOf = std::function<std::expected<io::engine::Epoch, io::engine::StoreError>()>;

  /// `engine` must outlive it. `epoch_of` tells the lease under which the next commit stands.
  ShardLine(io::engine::Engine& engine, io::engine::Partition partition, std::size_t turn_octets, EpochOf epoch_of);

  /// Does `operation` (which outlives the call: the caller waits) in this or a later turn. Cannot be cancelled: others
  /// may wait for the turn this coroutine leads.
  asio::awaitable<Status> perform(ShardOperation* operation);

 private:
  asio::awaitable<void> lead();
  std::vector<ShardOperation*> take_operations();
  asio::awaitable<Status> try_turn(std::vector<ShardOperation*>* taken, bool repeated);

  io::engine::Engine& engine_;
  io::engine::Partition partition_;
  std::size_t turn_octets_;
  EpochOf epoch_of_;
  io::engine::TurnLine<ShardOperation> line_;
};

}  // namespace veredus::state::spool
