#pragma once

#include <cstdint>
#include <string>

#include "state/spool/queue_shards.h"
#include "work/smtpclient/outgoing.h"

namespace veredus::work::queue {

/// The octets of a queued message, read from its shard chunk by chunk. The shards must outlive it.
class ShardBody final : public smtpclient::BodySource {
 public:
  ShardBody(state::spool::QueueShards& shards, state::spool::Shard shard, state::spool::QueueId message,
            std::uint64_t octets, std::uint32_t chunks)
      : shards_(shards), shard_(shard), message_(message), octets_(octets), chunks_(chunks) {}

  [[nodiscard]] std::uint64_t octets() const override { return octets_; }
  [[nodiscard]] std::uint32_t chunks() const override { return chunks_; }
  asio::awaitable<std::expected<std::string, smtpclient::BodyError>> chunk(std::uint32_t index) override;

 private:
  state::spool::QueueShards& shards_;
  state::spool::Shard shard_;
  state::spool::QueueId message_;
  std::uint64_t octets_;
  std::uint32_t chunks_;
};

}  // namespace veredus::work::queue
