#include "work/delivery/queue_id.h"

#include <algorithm>
#include <chrono>

#include "base/crypto/random.h"

namespace veredus::work::delivery {

MessageIds::MessageIds(const Clock& clock)
    : clock_(clock), origin_(static_cast<std::uint16_t>(base::crypto::random_u64())) {}

QueueId MessageIds::next() {
  const auto elapsed = std::max(clock_.now() - state::spool::kQueueIdEpoch, std::chrono::milliseconds{0});
  const auto first = static_cast<std::uint64_t>(elapsed.count()) << state::spool::kQueueIdSequenceBits;
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  std::uint64_t stamp = 0;
  do {
    stamp = std::max(last + 1, first);
  } while (!last_.compare_exchange_weak(last, stamp, std::memory_order_relaxed));
  return QueueId::make(stamp, origin_);
}

}  // namespace veredus::work::delivery
