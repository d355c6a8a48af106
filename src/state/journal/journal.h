#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/observe/events.h"
#include "base/types/clock.h"
#include "io/engine/engine.h"

namespace veredus::state::journal {

/// What can be asked for. The value is a queue id, a Message-ID (angle brackets or not), an address, the kind of an
/// event ("deferred"); case does not matter. On disk as part of hashes, do not renumber.
enum class Term : std::uint8_t { kQueueId = 0, kMessageId = 1, kSender = 2, kRecipient = 3, kKind = 4 };

/// The names of details that lookups find; anything else may be recorded, too.
inline constexpr std::string_view kMessageIdDetail = "message-id";
inline constexpr std::string_view kSenderDetail = "sender";
inline constexpr std::string_view kRecipientDetail = "recipient";  // may stand more than once

struct Query {
  Term term = Term::kQueueId;
  std::string value;
  SystemTime from{};                     // events before it are left out
  SystemTime until = SystemTime::max();  // and those from here on
  std::size_t limit = 1000;              // newest first count; the answer is oldest first
  /// For trace(): only messages of which some event has this, too.
  struct Also {
    Term term = Term::kKind;
    std::string value;
  };
  std::vector<Also> also = {};
};

/// The journal behind `message trace`: what happened to each message, kept for some weeks. `record` only queues (at
/// most 2 µs); run() writes what is queued as relaxed commits, so after a power loss the last moments may be missing,
/// never mail. Thread-safe. Rows: docs/formats/journal.md.
class Journal final : public base::observe::EventSink {
 public:
  struct Options {
    std::chrono::milliseconds flush_every{250};
    std::size_t flush_events = 1000;    // or as soon as so many wait
    std::size_t max_waiting = 100'000;  // beyond it events are dropped, and counted
    std::chrono::days retention{30};
    std::chrono::minutes sweep_every{60};
  };
  template <class T>
  using Result = asio::awaitable<std::expected<T, io::engine::StoreError>>;

  /// Both must outlive it.
  Journal(io::engine::Engine& engine, const Clock& clock, Options options);
  ~Journal() override;

  void record(base::observe::JournalEvent event) override;

  /// Flushes and sweeps until cancelled: spawn it into a task group; afterwards call flush() once more.
  asio::awaitable<void> run();
  /// Writes all that waits. On an error it keeps waiting.
  Result<void> flush();
  /// Erases days past the retention. Answers how many.
  Result<std::size_t> sweep();

  /// Finds events, those not yet written included.
  Result<std::vector<base::observe::JournalEvent>> find(Query query);
  /// Every event of every message the query finds, oldest first: its whole journey.
  Result<std::vector<base::observe::JournalEvent>> trace(Query query);

  [[nodiscard]] std::uint64_t dropped() const;

 private:
  using Events = std::vector<base::observe::JournalEvent>;
  struct Queue;

  Result<void> write(std::shared_ptr<const Events> events);
  void put_back(const std::shared_ptr<const Events>& events);
  void written(const std::shared_ptr<const Events>& events);
  /// Adds what the query finds among the events that are not written yet.
  void find_waiting(const Query& query, Events& found) const;
  Result<Events> find_in_day(Query query, std::uint64_t day);

  io::engine::Engine& engine_;
  const Clock& clock_;
  Options options_;
  std::unique_ptr<Queue> queue_;
};

}  // namespace veredus::state::journal
