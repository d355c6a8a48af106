#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "io/net/asio.h"
#include "rules/dsn/report.h"
#include "state/spool/queue_entry.h"
#include "state/spool/queue_rows.h"
#include "work/queue/queue.h"

namespace veredus::work::queue {

/// Submits the reports that results gave rise to. They lie in their shard's outbox, committed with the result; each is
/// submitted under the id it has there, so doing it twice changes nothing. Thread-safe.
class Outbox {
 public:
  explicit Outbox(Queue::Impl& queue) : queue_(queue) {}

  void begin(Queue::Submit submit) { submit_ = std::move(submit); }
  /// An item that is in its shard's outbox. Any number of times.
  void post(state::spool::Shard shard, state::spool::OutboxItem item);
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Item {
    state::spool::Shard shard = 0;
    state::spool::OutboxItem item;
  };
  asio::awaitable<void> work();
  std::optional<Item> next();

  Queue::Impl& queue_;
  Queue::Submit submit_;
  mutable std::mutex mutex_;
  std::deque<Item> items_;
  std::unordered_set<state::spool::QueueId> known_;
  unsigned working_ = 0;
};

/// What a report is made of beside what happened.
struct ReportBasis {
  std::string hostname;
  std::string postmaster;
  state::spool::QueueId id;  // of the report
  SystemTime now{};
  std::uint64_t random = 0;
};

/// The report to an entry's sender, ready for the outbox. `original`: the message with its trace fields, whole or its
/// header alone. nullopt: the sender is the null reverse-path, and nobody is told (RFC 5321 s4.5.5).
[[nodiscard]] std::optional<state::spool::OutboxItem> make_report(const state::spool::QueueEntry& entry,
                                                                  std::vector<rules::dsn::ReportedRecipient> recipients,
                                                                  std::string original, bool original_is_whole,
                                                                  const ReportBasis& basis);

/// The header block of a message's first octets, with the empty line's CRLF left out.
[[nodiscard]] std::string header_of(std::string_view octets);

}  // namespace veredus::work::queue
