#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "io/engine/engine.h"

namespace veredus::io::engine {

/// Who watches which partition. Thread-safe; a subscription may outlive it. A wake-up that has begun when its
/// subscription ends may still be running a moment later.
class Watchers {
 public:
  Watchers();

  [[nodiscard]] Subscription add(Partition partition, Wakeup wakeup);
  /// Calls the wake-ups of one partition, on this thread.
  void wake(Partition partition, Version version, const std::vector<Topic>& topics) const;

 private:
  struct Registry {
    std::atomic<std::size_t> count = 0;  // so that nobody watching costs no lock
    std::mutex mutex;
    std::multimap<Partition, std::shared_ptr<const Wakeup>> wakeups;
  };

  std::shared_ptr<Registry> registry_;
};

}  // namespace veredus::io::engine
