#pragma once

#include <atomic>
#include <cstdint>

#include "base/types/clock.h"
#include "state/spool/queue_id.h"

namespace veredus::work::delivery {

using state::spool::parse_queue_id;
using state::spool::QueueId;
using state::spool::to_string;

/// Makes message ids: strictly growing within this program, in order of time, and practically never the same as those
/// of another program or of an earlier run whose clock stood wrong. Thread-safe, no lock.
class MessageIds {
 public:
  /// `clock` must outlive this.
  explicit MessageIds(const Clock& clock);

  [[nodiscard]] QueueId next();

 private:
  const Clock& clock_;
  std::uint16_t origin_;
  std::atomic<std::uint64_t> last_{0};
};

}  // namespace veredus::work::delivery
