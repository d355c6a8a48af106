#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/observe/events.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "io/net/task_group.h"
#include "work/delivery/queue_id.h"
#include "work/queue/attempt.h"
#include "work/queue/brake_gate.h"
#include "work/queue/carrier.h"
#include "work/queue/counters.h"
#include "work/queue/late_reports.h"
#include "work/queue/outbox.h"
#include "work/queue/pause_list.h"
#include "work/queue/queue.h"
#include "work/queue/settler.h"

namespace veredus::work::queue {

using state::spool::QueueEntry;
using state::spool::Shard;
using state::spool::SharedEntry;

/// The schedule, and everything that does what it says. One for a queue; its parts call each other through it.
class Queue::Impl : public std::enable_shared_from_this<Queue::Impl> {
 public:
  Impl(Parts parts, Options options);

  Result<void> start(Submit submit);
  asio::awaitable<void> stop(std::chrono::milliseconds drain);
  void arrived(std::vector<SharedEntry> entries, std::shared_ptr<const std::string> octets);

  [[nodiscard]] Moment now() const { return {parts.clock.now(), parts.clock.steady_now()}; }
  /// Any number in [0, 1).
  static double chance();
  [[nodiscard]] Patience patience() const { return {.schedule = retries, .chance = chance()}; }
  /// Nothing new is begun; what is under way may end.
  [[nodiscard]] bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  /// What the schedule is told of an entry. The views point into it.
  [[nodiscard]] Admission admission_of(const QueueEntry& entry) const;
  /// Puts entries of one message into the schedule, or held ones aside, and begins what can be begun.
  void admit(const std::vector<SharedEntry>& entries);
  /// What became of an entry that was taken: as it is stored now, or null.
  void settled(Slot slot, const SharedEntry& entry);
  /// Begins whatever the schedule says can be begun now. Any thread, without the lock.
  void pump();
  /// The entry as it arrived, when it is still in memory; it is forgotten here. With the lock held.
  SharedEntry take_kept(Slot slot);

  /// The return path the entry's message has on the way, when it is not the sender: one of its own (late_reports.cc).
  [[nodiscard]] std::optional<wire::smtp::Address> return_path_of(const QueueEntry& entry) const;
  /// Whether it may: then it shares a transaction with nobody.
  static bool has_own_return_path(const QueueEntry& entry);

  // With the results of attempts.
  void record(std::vector<base::observe::JournalEvent> events);
  void note_event(const QueueEntry& entry, std::string_view kind, std::string_view reason);
  /// Writes down what was decided of a taken entry, with the reports it gives rise to. `original` is the message, or
  /// its header.
  void conclude(Slot slot, const QueueEntry& entry, Judged judged, std::string original, bool original_is_whole);

  // Steps of the keeper, one after the other, each second or so.
  asio::awaitable<void> keep();
  struct Loading;
  void load_shards(std::vector<Shard> shards);
  asio::awaitable<void> load_some(std::shared_ptr<Loading> loading);
  asio::awaitable<bool> load_shard(Shard shard);
  void take_over(state::spool::LoadedEntry loaded);
  asio::awaitable<void> look_after_leases();
  void look_at_store();
  asio::awaitable<void> sweep();
  // What lanes have learnt (learning.cc).
  asio::awaitable<void> remember_lanes();
  asio::awaitable<void> save_lanes();
  asio::awaitable<void> load_outboxes(std::vector<Shard> shards);

  // Work that the schedule asks for.
  asio::awaitable<void> search(Schedule::Search wanted);
  asio::awaitable<void> work_desk(std::vector<DeskItem> items);
  asio::awaitable<void> work_desk_shard(Shard shard, std::vector<DeskItem> items);
  asio::awaitable<void> decide(const DeskItem* item, const QueueEntry* entry);
  asio::awaitable<void> unbrake(Slot slot, SharedEntry entry);

  // Administration (administration.cc).
  Result<std::size_t> change(state::spool::QueueQuery query, state::spool::QueueChange change);
  Result<void> pause(state::spool::Pause pause);
  Result<bool> resume(state::spool::PauseOf of, std::string subject);
  Result<void> apply_sender_pause(std::string subject);
  void changed(const QueueEntry& entry, const state::spool::QueueChange& change);
  asio::awaitable<void> find_ways_again();
  Result<void> set_brakes(AccountId account, std::optional<BrakeLimits> limits);
  [[nodiscard]] QueueFigures figures(std::size_t max_lanes) const;
  [[nodiscard]] LaneFigures figures_of(const Lane& lane, SteadyTime time) const;

  Parts parts;
  Options options;
  RetrySchedule retries;
  Egress egress;
  Counters counters;
  PauseList pauses;
  Settler settler;
  BrakeGate brakes;
  Outbox outbox;
  BodyShelf<state::spool::QueueId> shelf;
  LateReports late_reports;

  mutable std::mutex mutex;
  Schedule schedule;  // under the mutex, as the next two
  std::vector<SharedEntry> kept;
  std::size_t kept_count = 0;
  std::atomic<std::size_t> entries{0};
  std::atomic<bool> loaded{false};

  /// One for each reactor: workers, who may be cut off; and writers, who may not.
  std::vector<std::unique_ptr<io::net::TaskGroup>> workers;
  std::vector<std::unique_ptr<io::net::TaskGroup>> writers;
  io::net::TaskGroup house;

 private:
  std::size_t next_reactor() { return turn_.fetch_add(1, std::memory_order_relaxed) % workers.size(); }

  std::atomic<std::size_t> turn_{0};
  std::atomic<bool> running_{false};
  std::atomic<bool> stopping_{false};
};

}  // namespace veredus::work::queue
