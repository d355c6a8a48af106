#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "io/engine/group.h"
#include "io/engine/health_gate.h"
#include "io/engine/read_pool.h"
#include "io/engine/rocksdb_engine.h"
#include "io/engine/store_slot.h"
#include "io/engine/watchers.h"

namespace veredus::io::engine {

/// The one thread that writes. It takes all that is waiting, makes one write and at most one sync of it, and resumes
/// everybody; it makes relaxed commits durable a little later; and it watches over the health of the disk. While it
/// sleeps, a reactor that has but one peer to serve writes what that one waits for itself (decision 0029).
class Committer {
 public:
  struct Surroundings {  // each outlives the committer
    const RocksDbOptions& options;
    StoreSlot& slot;
    StateCache& states;
    LeaseTable& leases;
    const Watchers& watchers;
    ReadPool& pool;
    std::shared_ptr<HealthGate> gate;
  };

  explicit Committer(Surroundings surroundings);
  ~Committer() { stop(); }
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// Does it at once on the caller's thread, where that keeps nobody waiting: it saves waking the committer, and being
  /// woken by it. False: it is still to be submitted. Thread-safe.
  bool write_here(Request& request) noexcept;
  /// The request stays where it is until its completion runs. Thread-safe.
  void submit(Request& request);
  /// Finishes what is pending; what is submitted later is answered kUnavailable.
  void stop();

  [[nodiscard]] EngineFigures figures() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;
  enum class Stall : std::uint8_t { kWait, kRefuse };  // when the database asks writers to wait
  struct Queue {
    Request* first = nullptr;
    Request* last = nullptr;
    void push(Request& request);
    Request& pop();
    [[nodiscard]] bool empty() const { return first == nullptr; }
  };

  static constexpr int kQuickSyncs = 2;  // after one that was slow, before a reactor writes itself again
  struct Prospect {                      // as of when the pen was held
    bool log_is_low = false;
    Instant next_duty;
  };

  void run();
  Queue wait_for_work();
  [[nodiscard]] Prospect look_ahead();
  [[nodiscard]] bool is_idle();
  [[nodiscard]] bool is_at_rest();
  [[nodiscard]] bool may_prepare_log() const;
  bool prepare_log();
  bool sleep_until(std::unique_lock<std::mutex>* lock, Instant until);
  void rouse_before(Instant duty);
  [[nodiscard]] bool is_finished();
  [[nodiscard]] Instant next_duty() const;
  void fill_group(Queue& queue);
  void fetch(Request& request);
  void come_again(Request& request);
  bool write_group(Stall stall);
  void note_written(bool synced);
  void answer(Request& request, StoreError error);
  void answer_taken();
  void resume(Request& request);
  void do_duties();
  void log_health();
  void write_note();
  bool sync_note();
  void look_at_disk();
  void tend_bodies();
  void flush_early();
  void recover();
  void reopen();

  Surroundings around_;
  std::mutex pen_;                // who holds it may write, and touch what comes next; taken before mutex_
  std::shared_ptr<Store> store_;  // null while it cannot be opened
  std::unique_ptr<Group> group_;
  CompletionGroup completions_;
  std::optional<Instant> unsynced_since_;
  std::optional<Instant> unvouched_since_;  // the last synced write, of which no note in the log says that it was
  Instant disk_seen_at_;
  Instant reopened_at_;
  Instant bodies_tended_at_;
  Instant written_at_;
  int quick_syncs_ = kQuickSyncs;  // that came one after the other, lately
  bool was_open_ = true;           // what was last logged
  std::size_t written_since_ = 0;  // octets, since the disk was looked at

  std::mutex mutex_;
  std::condition_variable wake_;
  Queue waiting_;
  std::size_t fetching_ = 0;  // requests that are with the read pool and come again
  bool is_asleep_ = false;
  bool is_roused_ = false;  // a duty has come up that is due before asleep_until_
  Instant asleep_until_;
  bool is_stopping_ = false;

  std::atomic<std::uint64_t> commits_ = 0, refused_ = 0, groups_ = 0, here_ = 0, syncs_ = 0, octets_ = 0, cold_ = 0;
  std::thread thread_;
};

}  // namespace veredus::io::engine
