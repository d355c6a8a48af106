#pragma once

#include <memory>
#include <string>
#include <vector>

#include "work/delivery/envelope.h"
#include "work/delivery/queue_id.h"

namespace veredus::state::spool {
struct QueueEntry;
}

namespace veredus::work::delivery {

/// A message that came to a return path made for one recipient of another, and was taken.
struct CameBack {
  ReturnedTo about;
  QueueId id;          // its own
  std::string octets;  // as received; of a long one the beginning
};
/// How much of it is looked at.
constexpr std::size_t kCameBackOctets = 256 * 1024;

/// Who works the queue, as seen by those who fill it.
class QueueSink {
 public:
  virtual ~QueueSink() = default;
  /// These, of one message, have just been committed to their shards. Any thread; never waits. May hear of an entry
  /// twice. `octets`: the whole message as received, when it is at hand; may be null.
  virtual void arrived(std::vector<std::shared_ptr<const state::spool::QueueEntry>> entries,
                       std::shared_ptr<const std::string> octets) = 0;
  /// Perhaps a late report. Any thread; never waits. What is learnt from it is lost when the program ends at once.
  virtual void came_back(CameBack /*mail*/) {}
  /// Too many wait: new mail for others is answered kBusy.
  [[nodiscard]] virtual bool full() const = 0;
};

}  // namespace veredus::work::delivery
