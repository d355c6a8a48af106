#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/types/clock.h"

namespace veredus::base::observe {

/// One step of a message's journey, as `message trace` shows it.
struct JournalEvent {
  SystemTime at;
  std::string message_id;  // the queue id, not the Message-ID header
  std::string kind;        // "received", "delivered", "refused", "expanded" …
  std::vector<std::pair<std::string, std::string>> details;
};

/// Where the steps go. `record` is cheap, never blocks and never fails the caller: a journal that cannot keep up drops
/// and counts. Thread-safe.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void record(JournalEvent event) = 0;
};

/// Forgets everything.
class NullEventSink final : public EventSink {
 public:
  void record(JournalEvent /*event*/) override {}
};

}  // namespace veredus::base::observe
