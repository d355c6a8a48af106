#include "work/queue/shard_body.h"

#include <utility>

namespace veredus::work::queue {

asio::awaitable<std::expected<std::string, smtpclient::BodyError>> ShardBody::chunk(std::uint32_t index) {
  auto octets = co_await shards_.read_chunk(shard_, message_, index);
  if (octets) co_return *std::move(octets);
  const bool missing = octets.error() == io::engine::StoreError::kCorrupt;
  co_return std::unexpected(missing ? smtpclient::BodyError::kMissing : smtpclient::BodyError::kUnavailable);
}

}  // namespace veredus::work::queue
