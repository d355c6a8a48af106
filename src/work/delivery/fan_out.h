#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "io/net/asio.h"
#include "state/spool/spooled_message.h"
#include "work/delivery/delivery_error.h"
#include "work/delivery/queue_entries.h"
#include "work/delivery/queue_id.h"

namespace veredus::base::observe {
class EventSink;
class Logger;
}  // namespace veredus::base::observe
namespace veredus::state::directory {
class Directory;
}
namespace veredus::state::mailbox {
class Mailboxes;
}
namespace veredus::state::spool {
class QueueShards;
class Spool;
}  // namespace veredus::state::spool

namespace veredus::work::delivery {

class QueueSink;
struct OwnMessage;
struct SpooledContent;

/// Submits a message of our own, under its id; false: not now, try again.
using Reporter = std::function<asio::awaitable<bool>(OwnMessage)>;

/// Brings each spooled message into every account and shard of the queue it is for, exactly once, however often it is
/// interrupted: each append carries a dedupe key made of message and account, each queue entry has an id made of
/// message and destination, and the message leaves the spool only when all have it. Tells senders who asked for it of
/// deliveries here. Works
/// `concurrency` messages at a time; what fails is tried again, less and less often, for ever. Thread-safe.
class FanOut {
 public:
  struct Options {
    unsigned concurrency = 64;         // messages
    std::size_t max_waiting = 10'000;  // beyond it new messages for several accounts are answered kBusy
    std::chrono::milliseconds first_retry{1000};
    std::chrono::milliseconds last_retry{15 * 60 * 1000};
    std::chrono::seconds renew_every{5};  // of the spool's leases
    std::chrono::minutes sweep_every{60};
    std::chrono::milliseconds stop_within{5000};  // what takes longer is left to the next start
    Lifetimes lifetimes;                          // of queue entries
    std::string hostname = "localhost";           // in reports of deliveries
  };
  /// All must outlive stop(). The work is spread over `executors`, one for each reactor.
  struct Parts {
    const Clock& clock;
    state::directory::Directory& directory;
    state::mailbox::Mailboxes& mailboxes;
    state::spool::Spool& spool;
    state::spool::QueueShards& shards;
    QueueSink& queue;
    base::observe::EventSink& journal;
    base::observe::Logger& log;
    std::vector<asio::any_io_executor> executors;
  };
  FanOut(Parts parts, Options options);
  /// stop() must have ended.
  ~FanOut();

  /// Takes the spool's leases, then works in the background: on what is handed over, and on what a crash left.
  /// With an empty `report` nobody is told of deliveries.
  asio::awaitable<std::expected<void, DeliveryError>> start(Reporter report = {});
  /// Ends after the messages under way, or stop_within; what is left stays in the spool.
  asio::awaitable<void> stop();

  /// Takes a message just committed to the spool, with its octets when they are still in memory (may be null):
  /// delivered at once when there is room. Never waits.
  void hand_over(std::shared_ptr<const state::spool::SpooledMessage> message,
                 std::shared_ptr<const SpooledContent> content);

  /// Goes through the whole spool once and answers how many messages are left. What start() does in the background; for
  /// commands and tests.
  asio::awaitable<std::expected<std::size_t, DeliveryError>> work_off();

  /// Messages handed over or found and not yet delivered, without those held until a time of their own.
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] bool full() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace veredus::work::delivery
