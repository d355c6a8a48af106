#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "io/net/deadline.h"
#include "work/queue/impl.h"

namespace veredus::work::queue {

using io::engine::StoreError;
using state::spool::kShards;
using state::spool::LoadedEntry;
using state::spool::Settlement;

namespace {

constexpr std::uint32_t kLoadPage = 2'000;
constexpr std::uint32_t kOutboxPage = 100;
constexpr std::chrono::seconds kFlushEvery{10};
constexpr std::chrono::minutes kOutboxEvery{1};
constexpr std::chrono::minutes kSaveLanesEvery{1};
constexpr std::chrono::milliseconds kStopPoll{10};
constexpr std::chrono::milliseconds kWriteAtStop{10'000};  // for results to get to disk

std::vector<Shard> all_shards() {
  std::vector<Shard> all;
  for (Shard shard = 0; shard < kShards; ++shard) all.push_back(shard);
  return all;
}

}  // namespace

Queue::Result<void> Queue::Impl::start(Submit submit) {
  auto acquired = co_await parts.shards.acquire();
  if (!acquired) co_return std::unexpected(acquired.error());
  auto stored = co_await parts.shards.pauses();
  if (!stored) co_return std::unexpected(stored.error());
  for (const auto& pause : *stored)
    if (pause.of == state::spool::PauseOf::kDestination) schedule.pause_destination(pause.subject, now());
  pauses.set(*std::move(stored));
  schedule.pause_all(pauses.everything());
  co_await remember_lanes();
  outbox.begin(std::move(submit));
  running_ = true;
  load_shards(all_shards());
  house.spawn(keep());
  co_return std::expected<void, StoreError>{};
}

/// Workers see that the queue stops between two transactions; who takes longer than `drain` is cut off, and its entries
/// are uncertain. Results that are known get written in any case.
asio::awaitable<void> Queue::Impl::stop(std::chrono::milliseconds drain) {
  const auto keep_alive = shared_from_this();
  if (!running_) co_return;
  stopping_ = true;
  {
    const std::scoped_lock lock(mutex);
    schedule.suspend(true);
  }
  const auto count_workers = [this] {
    std::size_t count = 0;
    for (const auto& group : workers) count += group->size();
    return count;
  };
  const auto until = parts.clock.steady_now() + drain;
  while (count_workers() > 0 && parts.clock.steady_now() < until) co_await io::net::pause(kStopPoll);
  for (const auto& group : workers) co_await group->stop();
  const auto written_until = parts.clock.steady_now() + kWriteAtStop;
  while (settler.waiting() > 0 && parts.clock.steady_now() < written_until) co_await io::net::pause(kStopPoll);
  running_ = false;
  co_await house.stop();
  for (const auto& group : writers) co_await group->stop();
  co_await brakes.flush();
  co_await save_lanes();
  (void)co_await parts.shards.release();  // else they run out by themselves
}

/// Shards that are to be loaded, shared by one loader on each reactor.
struct Queue::Impl::Loading {
  std::vector<Shard> shards;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> loaders{0};
  SteadyTime began{};
};

void Queue::Impl::load_shards(std::vector<Shard> shards) {
  auto loading = std::make_shared<Loading>();
  loading->shards = std::move(shards);
  loading->loaders = writers.size();
  loading->began = parts.clock.steady_now();
  for (const auto& group : writers) group->spawn(load_some(loading));
}

asio::awaitable<void> Queue::Impl::load_some(std::shared_ptr<Loading> loading) {
  const auto keep_alive = shared_from_this();
  for (std::size_t i = loading->next++; i < loading->shards.size(); i = loading->next++) {
    bool good = co_await load_shard(loading->shards[i]);
    while (!good && !stopping()) {
      co_await io::net::pause(options.try_again);
      good = co_await load_shard(loading->shards[i]);
    }
    if (stopping()) co_return;
  }
  if (--loading->loaders > 0) co_return;
  loaded = true;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(parts.clock.steady_now() - loading->began);
  parts.log.info("queue.loaded", {{"entries", entries.load()}, {"took_ms", took.count()}});
}

asio::awaitable<bool> Queue::Impl::load_shard(Shard shard) {
  std::optional<EntryId> after;
  while (true) {
    auto page = co_await parts.shards.load(shard, after, kLoadPage);
    if (!page) {
      parts.log.error("queue.not_loaded", {{"shard", shard}, {"error", to_string(page.error())}});
      co_return page.error() == StoreError::kFenced;
    }
    for (const auto& id : page->damaged)
      parts.log.error("queue.entry_damaged", {{"shard", shard}, {"entry", to_string(id)}});
    std::vector<SharedEntry> unmarked;
    for (auto& loaded_entry : page->entries) {
      if (loaded_entry.mark)
        take_over(std::move(loaded_entry));
      else
        unmarked.push_back(std::make_shared<const QueueEntry>(std::move(loaded_entry.entry)));
    }
    if (!unmarked.empty()) admit(unmarked);
    if (!page->next) break;
    after = page->next;
  }
  auto items = co_await parts.shards.outbox(shard, kOutboxPage);
  if (items)
    for (auto& item : *items) outbox.post(shard, std::move(item));
  co_return items.has_value();
}

/// An attempt was marked and has no result: the peer may have the message. It is said, and tried again later.
void Queue::Impl::take_over(LoadedEntry found) {
  Slot slot = kNoSlot;
  {
    const std::scoped_lock lock(mutex);
    Admission admission = admission_of(found.entry);
    admission.due = SystemTime::max();  // until its result is written
    admission.notice.reset();
    admission.expires = SystemTime::max();
    slot = schedule.admit(admission, now());
    if (slot == kNoSlot) return;
    schedule.withdraw(slot);
    entries.fetch_add(1, std::memory_order_relaxed);
  }
  Judged judged = judge_uncertain(found.entry, found.mark->host, found.mark->at, parts.clock.now(), patience());
  counters.uncertain.add();
  parts.log.warning("queue.uncertain", {{"entry", to_string(found.entry.id)}, {"host", found.mark->host}});
  conclude(slot, found.entry, std::move(judged), {}, false);
}

asio::awaitable<void> Queue::Impl::keep() {
  const auto keep_alive = shared_from_this();
  const SteadyTime start = parts.clock.steady_now();
  SteadyTime next_renewal = start + options.renew_every;
  SteadyTime next_sweep = start + options.sweep_every;
  SteadyTime next_flush = start + kFlushEvery;
  SteadyTime next_outbox = start + kOutboxEvery;
  SteadyTime next_save = start + kSaveLanesEvery;
  while (true) {
    const SteadyTime time = parts.clock.steady_now();
    if (time >= next_renewal) {
      next_renewal = time + options.renew_every;
      co_await look_after_leases();
    }
    look_at_store();
    pump();
    if (time >= next_flush) {
      next_flush = time + kFlushEvery;
      co_await brakes.flush();
    }
    if (time >= next_outbox) {
      next_outbox = time + kOutboxEvery;
      if (loaded) co_await load_outboxes(all_shards());
    }
    if (time >= next_save) {
      next_save = time + kSaveLanesEvery;
      co_await save_lanes();
    }
    if (time >= next_sweep) {
      next_sweep = time + options.sweep_every;
      co_await sweep();
    }
    co_await io::net::pause(options.tick);
  }
}

/// While the store takes no writes nothing is sent: what became of it could not be written down.
void Queue::Impl::look_at_store() {
  const auto health = parts.engine.health();
  const std::scoped_lock lock(mutex);
  if (stopping() || schedule.suspended() == !health.writable) return;
  schedule.suspend(!health.writable);
  if (health.writable)
    parts.log.info("queue.resumed", {});
  else
    parts.log.error("queue.suspended", {{"why", health.reason}});
}

asio::awaitable<void> Queue::Impl::look_after_leases() {
  auto renewed = co_await parts.shards.renew();
  if (!renewed) {
    parts.log.warning("queue.lease_lost", {{"error", to_string(renewed.error())}});
    co_return;
  }
  if (!renewed->empty()) load_shards(*std::move(renewed));
}

asio::awaitable<void> Queue::Impl::sweep() {
  {
    const std::scoped_lock lock(mutex);
    schedule.sweep(now());
  }
  const auto swept = co_await parts.shards.sweep();
  if (swept && *swept > 0) parts.log.info("queue.swept", {{"rows", *swept}});
}

/// What was left when more lay there than one look takes.
asio::awaitable<void> Queue::Impl::load_outboxes(std::vector<Shard> shards) {
  for (const Shard shard : shards) {
    auto items = co_await parts.shards.outbox(shard, kOutboxPage);
    if (!items) continue;
    for (auto& item : *items) outbox.post(shard, std::move(item));
  }
}

}  // namespace veredus::work::queue
