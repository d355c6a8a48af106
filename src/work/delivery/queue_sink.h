#pragma once

#include <memory>
#include <vector>

namespace veredus::state::spool {
struct QueueEntry;
}

namespace veredus::work::delivery {

/// Who works the queue, as seen by those who fill it.
class QueueSink {
 public:
  virtual ~QueueSink() = default;
  /// These have just been committed to their shards. Any thread; never waits. May hear of an entry twice.
  virtual void arrived(std::vector<std::shared_ptr<const state::spool::QueueEntry>> entries) = 0;
  /// Too many wait: new mail for others is answered kBusy.
  [[nodiscard]] virtual bool full() const = 0;
};

}  // namespace veredus::work::delivery
