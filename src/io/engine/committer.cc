#include "io/engine/committer.h"

#include <fmt/format.h>
#include <pthread.h>

#include <mutex>
#include <utility>

#include "base/observe/log.h"
#include "io/net/solitude.h"

namespace veredus::io::engine {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kLookAfterOctets = std::size_t{4} * 1024 * 1024;  // written since the disk was last looked at
constexpr auto kReadersLeaveWithin = std::chrono::seconds(10);
constexpr auto kBetweenReopenings = std::chrono::seconds(3);
constexpr auto kPause = std::chrono::milliseconds(3);  // who commits one thing after the other comes again within it

constexpr std::size_t kHereOctets = std::size_t{64} * 1024;  // of what a reactor writes itself

void count(std::atomic<std::uint64_t>& figure, std::uint64_t by = 1) {
  figure.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace

void Committer::Queue::push(Request& request) {
  request.next = nullptr;
  if (last != nullptr)
    last->next = &request;
  else
    first = &request;
  last = &request;
}

Request& Committer::Queue::pop() {
  Request& request = *first;
  first = request.next;
  if (first == nullptr) last = nullptr;
  return request;
}

Committer::Committer(Surroundings surroundings) : around_(std::move(surroundings)), store_(around_.slot.get()) {
  group_ = std::make_unique<Group>(*store_, around_.states, around_.leases);
  look_at_disk();
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "committer");
}

void Committer::submit(Request& request) {
  bool is_taken = around_.gate->is_open();
  bool wake = false;
  if (is_taken) {
    const std::scoped_lock lock(mutex_);
    is_taken = !is_stopping_;
    if (is_taken) waiting_.push(request);
    wake = is_asleep_;
  }
  if (wake) wake_.notify_one();
  if (is_taken) return;
  count(refused_);
  request.error = StoreError::kUnavailable;
  CompletionGroup alone;
  alone.add(std::move(request.completion));
  alone.post();
}

bool Committer::write_here(Request& request) noexcept {
  if (request.claim || request.batch.octets() > kHereOctets || !net::Solitude::is_here()) return false;
  Instant duty;
  {
    const std::unique_lock pen(pen_, std::try_to_lock);
    if (!pen || !around_.gate->is_open() || quick_syncs_ < kQuickSyncs || !is_at_rest()) return false;
    const auto verdict = group_->take(request);
    if (verdict == Group::Verdict::kRefused) answer(request, *request.error);
    // Where nothing was taken, it clears the group.
    if (!write_group(Stall::kRefuse) || verdict == Group::Verdict::kCold) return false;
    net::Solitude::spend();
    duty = next_duty();
  }
  rouse_before(duty);
  return true;
}

/// Nothing waits, and nothing will be done before somebody comes or something is due.
bool Committer::is_at_rest() {
  const std::scoped_lock lock(mutex_);
  return is_asleep_ && waiting_.empty() && fetching_ == 0 && !is_stopping_;
}

/// Wakes the committer if it means to sleep for longer.
void Committer::rouse_before(Instant duty) {
  const std::scoped_lock lock(mutex_);
  if (!is_asleep_ || asleep_until_ <= duty) return;
  is_roused_ = true;
  wake_.notify_one();
}

void Committer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  around_.gate->shut_down();
}

void Committer::run() {
  stop_counting();
  while (!is_finished()) {
    Queue queue = wait_for_work();
    const std::scoped_lock pen(pen_);
    while (!queue.empty()) {
      fill_group(queue);
      write_group(Stall::kWait);
      completions_.post();
    }
    do_duties();
  }
  const std::scoped_lock pen(pen_);
  if (unsynced_since_ || unvouched_since_) write_note();
}

bool Committer::is_finished() {
  const std::scoped_lock lock(mutex_);
  return is_stopping_ && fetching_ == 0 && waiting_.empty();
}

bool Committer::is_idle() {
  const std::scoped_lock lock(mutex_);
  return waiting_.empty() && !is_stopping_;
}

bool Committer::may_prepare_log() const { return store_ && !unsynced_since_ && around_.gate->is_open(); }

/// A step of it between commits, so that few of them wait for it. Answers whether another one may follow.
bool Committer::prepare_log() {
  const std::scoped_lock pen(pen_);
  return may_prepare_log() && is_idle() && SteadyClock::now() >= written_at_ + kPause && store_->prepare_log();
}

/// Answers whether there is something to do before.
bool Committer::sleep_until(std::unique_lock<std::mutex>* lock, Instant until) {
  is_asleep_ = true;
  asleep_until_ = until;
  const auto is_due = [this] { return !waiting_.empty() || is_roused_ || (is_stopping_ && fetching_ == 0); };
  const bool woken = wake_.wait_until(*lock, until, is_due);
  is_asleep_ = is_roused_ = false;
  return woken;
}

Committer::Prospect Committer::look_ahead() {
  const std::scoped_lock pen(pen_);
  return {.log_is_low = may_prepare_log() && store_->log_is_low(), .next_duty = next_duty()};
}

Committer::Queue Committer::wait_for_work() {
  auto ahead = look_ahead();
  std::unique_lock lock(mutex_);
  if (ahead.log_is_low) {
    if (sleep_until(&lock, SteadyClock::now() + kPause)) return std::exchange(waiting_, Queue());
    lock.unlock();
    while (prepare_log()) {
    }
    ahead = look_ahead();
    lock.lock();
  }
  if (waiting_.empty()) sleep_until(&lock, ahead.next_duty);
  return std::exchange(waiting_, Queue());
}

Committer::Instant Committer::next_duty() const {
  Instant next = disk_seen_at_;
  if (written_since_ < kLookAfterOctets) next += around_.options.health_interval;
  for (const auto& since : {unsynced_since_, unvouched_since_})
    if (since) next = std::min(next, *since + around_.options.sync_relaxed_within);
  return next;
}

void Committer::fill_group(Queue& queue) {
  while (!queue.empty()) {
    if (!around_.gate->is_open()) {  // there may be no store, and no group
      answer(queue.pop(), StoreError::kUnavailable);
      continue;
    }
    if (group_->octets() >= around_.options.max_group_octets) return;
    Request& request = queue.pop();
    switch (group_->take(request)) {
      case Group::Verdict::kTaken:
        break;
      case Group::Verdict::kRefused:
        answer(request, *request.error);
        break;
      case Group::Verdict::kCold:
        fetch(request);
        break;
    }
  }
}

/// Reads what the request needs on a thread that may wait, so that the committer finds it in memory.
void Committer::fetch(Request& request) {
  count(cold_);
  {
    const std::scoped_lock lock(mutex_);
    ++fetching_;
  }
  auto job = [this, &request, store = store_]() mutable {
    // The answers do not matter, only that they are in the cache now; errors show when it comes again.
    (void)store->state(request.partition, Tier::kDisk);
    for (const auto& expectation : request.batch.expectations())
      (void)store->find(request.partition, expectation.key, Tier::kDisk);
    for (const auto& change : request.batch.changes()) {
      if (change.op == Batch::Change::Op::kAdd) (void)store->find(request.partition, change.key, Tier::kDisk);
      if (change.op == Batch::Change::Op::kEraseRange)
        (void)store->scan(request.partition, change.key, change.value, {.keys_only = true});
    }
    store.reset();
    come_again(request);
  };
  around_.pool.post(std::move(job));
}

void Committer::come_again(Request& request) {
  request.is_warm = true;
  const std::scoped_lock lock(mutex_);
  --fetching_;
  waiting_.push(request);
  wake_.notify_one();
}

/// False: the database asked to wait, and nothing was written.
bool Committer::write_group(Stall stall) {
  if (!group_) return true;
  if (group_->taken().empty()) {
    group_->clear();
    return true;
  }
  rocksdb::WriteOptions options;
  options.sync = group_->is_synced();
  options.no_slowdown = stall == Stall::kRefuse;
  const auto began = SteadyClock::now();
  const auto status = store_->write(options, group_->seal());
  const bool is_refused = stall == Stall::kRefuse && status.IsIncomplete();
  written_at_ = SteadyClock::now();
  if (!status.ok() || written_at_ - began > around_.options.quick_write)
    quick_syncs_ = 0;
  else if (options.sync)
    quick_syncs_ = std::min(quick_syncs_ + 1, kQuickSyncs);
  if (status.ok()) {
    note_written(options.sync);
    count(here_, stall == Stall::kRefuse ? 1 : 0);
    answer_taken();
  } else if (!is_refused) {
    // It may be in the log without having been synced, and be found there by the next start.
    around_.gate->report_error(fmt::format("the store cannot write: {}", status.ToString()));
    for (Request* request : group_->taken()) answer(*request, StoreError::kUnknownOutcome);
  }
  group_->clear();
  return !is_refused;
}

void Committer::note_written(bool synced) {
  count(groups_);
  count(syncs_, synced ? 1 : 0);
  count(octets_, group_->octets());
  written_since_ += group_->octets();
  if (synced) {
    unsynced_since_.reset();
    unvouched_since_ = written_at_;
  } else if (!unsynced_since_) {
    unsynced_since_ = written_at_;
  }
}

void Committer::answer_taken() {
  group_->publish();
  count(commits_, group_->taken().size());
  for (Request* request : group_->taken()) {
    if (!request->batch.keeps_version() && !request->claim)
      around_.watchers.wake(request->partition, request->state.version, request->batch.topics());
    resume(*request);
  }
}

void Committer::answer(Request& request, StoreError error) {
  count(refused_);
  request.error = error;
  resume(request);
}

/// Who wrote it itself does not wait for it.
void Committer::resume(Request& request) {
  if (request.completion) completions_.add(std::move(request.completion));
}

void Committer::log_health() {
  const bool is_open = around_.gate->is_open();
  if (is_open == was_open_) return;
  was_open_ = is_open;
  if (around_.options.log == nullptr) return;
  if (is_open)
    around_.options.log->info("engine.writable");
  else
    around_.options.log->error("engine.unwritable", {{"reason", around_.gate->health().reason}});
}

void Committer::do_duties() {
  log_health();
  const auto now = SteadyClock::now();
  const auto is_due = [&](const auto& since) { return since && now >= *since + around_.options.sync_relaxed_within; };
  if (is_due(unsynced_since_) || is_due(unvouched_since_)) write_note();
  if (now < disk_seen_at_ + around_.options.health_interval && written_since_ < kLookAfterOctets) return;
  look_at_disk();
  if (around_.gate->has_error()) recover();
  log_health();
  tend_bodies();
  flush_early();
}

void Committer::tend_bodies() {
  if (!store_ || !around_.gate->is_open()) return;
  const auto now = SteadyClock::now();
  if (now < bodies_tended_at_ + around_.options.tend_bodies_every) return;
  bodies_tended_at_ = now;
  store_->tend_bodies();
}

void Committer::flush_early() {
  if (!store_ || !around_.gate->is_open()) return;
  if (SteadyClock::now() >= written_at_ + around_.options.lull) store_->flush_early();
}

/// Syncs what is relaxed, and leaves word in the log of what was synced before.
void Committer::write_note() {
  unsynced_since_.reset();
  unvouched_since_.reset();
  if (store_ && store_->is_sound()) (void)sync_note();
}

/// False: it was not possible, and the gate knows why.
bool Committer::sync_note() {
  // Not SyncWAL(): in RocksDB 7.8 it can make the next start miss a log that was rightly deleted. A note that only the
  // log keeps does the same.
  rocksdb::WriteOptions options;
  options.sync = true;
  rocksdb::WriteBatch note;
  store_->begin(note);
  Store::end(note);
  const auto status = store_->write(options, note);
  count(syncs_);
  if (!status.ok()) around_.gate->report_error(fmt::format("the store cannot sync: {}", status.ToString()));
  return status.ok();
}

void Committer::look_at_disk() {
  disk_seen_at_ = SteadyClock::now();
  written_since_ = 0;
  if (const auto free = free_octets(around_.options.directory))
    around_.gate->report_free_octets(*free, around_.options.min_free_octets);
}

/// Tries to write again after an error: by the database's own means, or by opening it anew.
void Committer::recover() {
  if (around_.gate->has_shortage()) return;  // it would fail again
  if (store_ && store_->is_sound() && store_->database().Resume().ok())
    around_.gate->clear_error();
  else if (SteadyClock::now() >= reopened_at_ + kBetweenReopenings)
    reopen();
  disk_seen_at_ = SteadyClock::now();
}

void Committer::reopen() {
  reopened_at_ = SteadyClock::now();
  (void)around_.slot.exchange(nullptr);
  const auto give_up_at = reopened_at_ + kReadersLeaveWithin;
  while (store_ && store_.use_count() > 1) {  // readers leave within one read
    if (SteadyClock::now() > give_up_at) return (void)around_.slot.exchange(store_);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  group_.reset();
  store_.reset();
  around_.states.clear();
  unsynced_since_.reset();
  unvouched_since_.reset();
  auto opened = Store::open(around_.options, Store::Mode::kReadWrite, std::make_shared<ErrorListener>(around_.gate));
  if (!opened) return around_.gate->report_error(opened.error().message);
  store_ = *std::move(opened);
  group_ = std::make_unique<Group>(*store_, around_.states, around_.leases);
  (void)around_.slot.exchange(store_);
  if (sync_note()) around_.gate->clear_error();
}

EngineFigures Committer::figures() const {
  const auto read = [](const std::atomic<std::uint64_t>& figure) { return figure.load(std::memory_order_relaxed); };
  return {.commits = read(commits_),
          .refused = read(refused_),
          .groups = read(groups_),
          .here = read(here_),
          .syncs = read(syncs_),
          .octets = read(octets_),
          .cold_reads = read(cold_)};
}

}  // namespace veredus::io::engine
