#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/engine/engine.h"
#include "io/engine/turn_line.h"
#include "io/net/asio.h"
#include "state/spool/queue_id.h"

namespace veredus::state::spool {

/// One commit to a queue shard in the making. Used by one coroutine at a time. Later operations of the turn see what
/// earlier ones changed.
class ShardTurn {
 public:
  /// `engine` must outlive the turn.
  ShardTurn(io::engine::Engine& engine, io::engine::Partition partition) : engine_(&engine), partition_(partition) {}

  /// Reads rows that `row` will know then, all at once.
  asio::awaitable<std::expected<void, io::engine::StoreError>> fetch(std::vector<std::string> keys);
  /// A row that was fetched or changed in this turn. Null: it is absent.
  [[nodiscard]] const std::string* row(const std::string& key) const;
  void put(std::string key, std::string value);
  void erase(std::string key);
  /// For new rows that nothing in this turn will look for: written as they are.
  void put_unseen(std::string key, std::string value) { batch_.put(std::move(key), std::move(value)); }
  void erase_unseen(std::string key) { batch_.erase(std::move(key)); }

  /// One entry of the message has gone that others may share the body with: when no entry is left at the end of the
  /// turn, its chunks are erased. nullopt: how many there are is not known.
  void release_body(const QueueId& message, std::optional<std::uint32_t> chunks);
  /// To be called when all operations were done.
  asio::awaitable<std::expected<void, io::engine::StoreError>> erase_unused_bodies();

  [[nodiscard]] bool empty() const { return changed_.empty() && batch_.changes().empty(); }
  /// What there is to commit, under the lease.
  [[nodiscard]] io::engine::Batch take_batch(io::engine::Epoch epoch);

 private:
  using Row = std::optional<std::string>;
  asio::awaitable<std::expected<bool, io::engine::StoreError>> has_entries(QueueId message) const;

  io::engine::Engine* engine_;
  io::engine::Partition partition_;
  std::unordered_map<std::string, Row> fetched_;
  std::map<std::string, Row> changed_;
  std::map<QueueId, std::optional<std::uint32_t>> released_;
  io::engine::Batch batch_;
};

/// One thing to do to a shard in a turn.
class ShardOperation : public io::engine::Waiter {
 public:
  explicit ShardOperation(io::engine::Durability durability) : durability_(durability) {}
  ShardOperation(const ShardOperation&) = delete;
  ShardOperation& operator=(const ShardOperation&) = delete;
  virtual ~ShardOperation() = default;

  /// What it will write, roughly.
  [[nodiscard]] virtual std::size_t octets() const { return 0; }
  [[nodiscard]] virtual std::size_t changes() const { return 1; }
  /// Adds the keys of rows it will look at.
  virtual void collect(std::vector<std::string>& /*keys*/) const {}
  /// Checks, then changes; a refused one leaves no trace in the turn. Called again when the store did not know what
  /// became of the commit: `repeated` says so.
  virtual std::expected<void, io::engine::StoreError> perform(ShardTurn& turn, bool repeated) = 0;

  [[nodiscard]] io::engine::Durability durability() const { return durability_; }

  std::expected<void, io::engine::StoreError> outcome;

 private:
  io::engine::Durability durability_;
};

}  // namespace veredus::state::spool
