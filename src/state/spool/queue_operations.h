#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "state/spool/queue_shards.h"
#include "state/spool/shard_turn.h"

namespace veredus::state::spool {

/// QueueShards::enqueue.
class EnqueueOperation final : public ShardOperation {
 public:
  /// `remembered_until`: how long `once` remembers these entries.
  EnqueueOperation(Enqueue enqueue, SystemTime remembered_until);

  [[nodiscard]] std::size_t octets() const override { return octets_; }
  [[nodiscard]] std::size_t changes() const override { return 2 * entries_.size() + 3; }
  void collect(std::vector<std::string>& keys) const override;
  std::expected<void, io::engine::StoreError> perform(ShardTurn& turn, bool repeated) override;

  std::vector<SharedEntry> stored;

 private:
  std::expected<void, io::engine::StoreError> look_for_first(const ShardTurn& turn) const;
  void put_body(ShardTurn& turn);

  std::vector<QueueEntry> entries_;
  std::string last_chunk_;
  QueueId message_;
  std::uint32_t chunks_ = 0;
  bool once_;
  bool performed_ = false;
  SystemTime remembered_until_;
  std::size_t octets_;
};

/// QueueShards::settle.
class SettleOperation final : public ShardOperation {
 public:
  explicit SettleOperation(std::vector<Settlement> settlements);

  [[nodiscard]] std::size_t octets() const override { return octets_; }
  [[nodiscard]] std::size_t changes() const override { return changes_; }
  void collect(std::vector<std::string>& keys) const override;
  std::expected<void, io::engine::StoreError> perform(ShardTurn& turn, bool repeated) override;

  std::vector<SharedEntry> stored;

 private:
  void settle(ShardTurn& turn, const Settlement& settlement);

  std::vector<Settlement> settlements_;
  std::size_t octets_ = 0;
  std::size_t changes_ = 0;
};

/// QueueShards::change, for entries that were found to match.
class ChangeOperation final : public ShardOperation {
 public:
  ChangeOperation(QueueQuery query, QueueChange change, std::vector<EntryId> ids);

  [[nodiscard]] std::size_t changes() const override { return 3 * ids_.size(); }
  void collect(std::vector<std::string>& keys) const override;
  std::expected<void, io::engine::StoreError> perform(ShardTurn& turn, bool repeated) override;

  std::vector<QueueEntry> changed;

 private:
  void change_one(ShardTurn& turn, QueueEntry entry);
  void confirm(const ShardTurn& turn, const EntryId& id, std::vector<QueueEntry>& confirmed) const;

  QueueQuery query_;
  QueueChange change_;
  std::vector<EntryId> ids_;
  std::map<EntryId, QueueEntry> tried_;  // what was committed without knowing whether it was
};

/// QueueShards::discard.
class DiscardOperation final : public ShardOperation {
 public:
  explicit DiscardOperation(QueueId message) : ShardOperation(io::engine::Durability::kRelaxed), message_(message) {}

  std::expected<void, io::engine::StoreError> perform(ShardTurn& turn, bool repeated) override;

 private:
  QueueId message_;
};

}  // namespace veredus::state::spool
