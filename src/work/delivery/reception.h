#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "io/net/asio.h"
#include "work/delivery/assessment.h"
#include "work/delivery/delivery_error.h"
#include "work/delivery/envelope.h"
#include "work/delivery/queue_entries.h"
#include "work/delivery/queue_id.h"

namespace veredus::base::observe {
class EventSink;
}
namespace veredus::io::engine {
class Engine;
}
namespace veredus::io::net {
class MemoryBudget;
class TaskGroup;
}  // namespace veredus::io::net
namespace veredus::state::mailbox {
class Mailboxes;
}
namespace veredus::state::spool {
class QueueShards;
class Spool;
}  // namespace veredus::state::spool

namespace veredus::work::mailauth {
class Signer;
}

namespace veredus::work::delivery {

class FanOut;
class QueueSink;

/// What a taken message is called, and what became of each recipient.
struct Accepted {
  QueueId id;
  std::uint64_t octets = 0;  // of the message as received, without what we put before it
  /// In the order of Envelope::recipients. With Answers::kOneForAll all are good.
  std::vector<std::expected<void, DeliveryError>> recipients;
};

/// One message being received: `write` its octets as they come, then `commit`; when that answers, the message is on
/// disk and will be in every account, and for every address elsewhere in the queue, exactly once, or an error says that
/// nobody will ever see it. One account, or one shard of the queue: it is there at once; else the fan-out does it.
/// Holds up to 640 KiB, whatever the message's size; what does not fit is staged in the store on the way.
///
/// Used by one coroutine at a time, on one reactor. Destroyed before `commit` was called, it discards the message.
class Reception {
 public:
  struct Impl;
  explicit Reception(std::unique_ptr<Impl> impl);
  Reception(Reception&&) noexcept;
  Reception& operator=(Reception&&) noexcept;
  ~Reception();

  /// Known from the start: Received names it.
  [[nodiscard]] const QueueId& id() const;
  /// Received so far.
  [[nodiscard]] std::uint64_t octets() const;

  /// Takes the next octets of the message (dots unstuffed, lines ended by CRLF). After an error the message is lost:
  /// read the peer's rest away, then answer reply_for(error); further writes answer the same error.
  asio::awaitable<std::expected<void, DeliveryError>> write(std::string octets);

  /// Makes the message durable. `trace` are the header fields to stand before the message, each ended by CRLF
  /// (Received, RFC 5321 s4.4, and what else the door adds); Return-Path and Delivered-To are put before them here.
  /// What leaves in the name of a domain of ours is signed, what is led on for others sealed. Call once.
  asio::awaitable<std::expected<Accepted, DeliveryError>> commit(std::string trace, Assessment assessment = {});

  /// Forgets the message because of what was found out about it, and notes so in the journal.
  void refuse(std::string_view reason, Assessment assessment);
  /// Forgets the message. What was staged is erased in the background.
  void discard();

 private:
  std::unique_ptr<Impl> impl_;
};

/// Begins receptions; one for the whole program. Thread-safe.
class Receptions {
 public:
  struct Options {
    std::uint64_t max_octets = 100ULL * 1024 * 1024;  // of one message
    unsigned max_received = 50;                       // RFC 5321 s6.3: Received headers before it is a loop
    std::chrono::seconds budget_wait{30};             // for a share of the octets in flight
    std::chrono::hours staging_life{24};              // of a message that never came to its end
    Lifetimes lifetimes;                              // in the queue
  };
  /// What receptions work with; all must outlive every Reception and the task group's stop().
  struct Parts {
    const Clock& clock;
    const io::engine::Engine& engine;
    MessageIds& ids;
    state::mailbox::Mailboxes& mailboxes;
    state::spool::Spool& spool;
    state::spool::QueueShards& shards;
    FanOut& fan_out;
    QueueSink& queue;
    base::observe::EventSink& journal;
    io::net::MemoryBudget& budget;
    io::net::TaskGroup& tasks;
    const mailauth::Signer* signer = nullptr;  // null: nothing is signed
  };
  Receptions(Parts parts, Options options) : parts_(parts), options_(options) {}

  /// Never waits. Errors: kTooBig (declared), kBusy, kStoreFull.
  std::expected<Reception, DeliveryError> begin(Envelope envelope);

 private:
  Parts parts_;
  Options options_;
};

}  // namespace veredus::work::delivery
