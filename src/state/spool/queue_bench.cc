#include <benchmark/benchmark.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "io/engine/rocksdb_engine.h"
#include "io/net/task_group.h"
#include "state/spool/queue_shards.h"
#include "support/queue_draft.h"
#include "support/run.h"

/// CPU of a queued message's way through the store: in, marked, settled; and the taking over of a large queue.
namespace veredus::state::spool {
namespace {

const std::string kDomain = "example.org";

/// A store of its own on disk, gone with the object.
class BenchQueue {
 public:
  explicit BenchQueue(const char* name) : place_(std::filesystem::temp_directory_path() / name) {
    std::filesystem::remove_all(place_);
    open();
  }
  ~BenchQueue() {
    shards.reset();
    engine.reset();
    std::filesystem::remove_all(place_);
  }
  BenchQueue(const BenchQueue&) = delete;
  BenchQueue& operator=(const BenchQueue&) = delete;

  void open() {
    shards.reset();
    engine.reset();
    io::engine::RocksDbEngine::Options options;
    options.directory = place_.string();
    auto opened = io::engine::RocksDbEngine::open(options);
    if (!opened) std::abort();
    engine = *std::move(opened);
    shards = std::make_unique<QueueShards>(*engine, clock, QueueShards::Options{.lease_ttl = std::chrono::hours(10)});
    if (!test::run(io, shards->acquire())) std::abort();
  }

  /// Runs until all tasks have ended.
  template <class Begin>
  void run_tasks(std::size_t count, const Begin& begin) {
    io::net::TaskGroup group(io.get_executor());
    for (std::size_t i = 0; i < count; ++i) group.spawn(begin(i));
    io.restart();
    io.run();
  }

  asio::io_context io;
  MachineClock clock;
  std::unique_ptr<io::engine::RocksDbEngine> engine;
  std::unique_ptr<QueueShards> shards;

 private:
  std::filesystem::path place_;
};

QueueEntry typical(std::uint64_t number, const std::string& domain) {
  auto entry = test::queue_entry(number, domain);
  entry.trace.assign(400, 't');
  return entry;
}

asio::awaitable<void> enqueue_one(QueueShards* shards, QueueEntry entry, std::size_t octets) {
  Enqueue enqueue;
  const auto shard = shard_of(entry.domain);
  enqueue.entries.push_back(std::move(entry));
  enqueue.last_chunk.assign(octets, 'm');
  if (!co_await shards->enqueue(shard, std::move(enqueue))) std::abort();
}

asio::awaitable<void> mark_one(QueueShards* shards, EntryId id) {
  std::vector<AttemptMark> marks(1);
  marks[0].id = id;
  marks[0].host = "mx1.example.org [192.0.2.1]:25";
  if (!co_await shards->mark(shard_of(kDomain), std::move(marks))) std::abort();
}

asio::awaitable<void> settle_one(QueueShards* shards, QueueEntry entry) {
  std::vector<Settlement> settlements;
  settlements.push_back(entry.attempts == 0 ? Settlement::done(entry) : Settlement::again(std::move(entry)));
  if (!co_await shards->settle(shard_of(kDomain), std::move(settlements))) std::abort();
}

enum class Step : std::uint8_t { kEnqueue, kMark, kSettle, kSettleAgain };

/// One iteration: `sessions` messages of one shard at a time, only `step` being timed.
template <Step step>
void one_shard(benchmark::State& state) {
  BenchQueue queue("veredus-queue-bench");
  const auto sessions = static_cast<std::size_t>(state.range(0));
  std::uint64_t number = 0;
  for (auto _ : state) {
    const auto first = number;
    number += sessions;
    auto* shards = queue.shards.get();
    const auto entry = [first](std::size_t i) { return typical(first + i, kDomain); };
    const auto enqueue = [&](std::size_t i) { return enqueue_one(shards, entry(i), 2048); };
    const auto mark = [&](std::size_t i) { return mark_one(shards, entry(i).id); };
    const auto settle = [&](std::size_t i) { return settle_one(shards, entry(i)); };
    const auto again = [&](std::size_t i) {
      auto left = entry(i);
      left.attempts = 1;
      return settle_one(shards, std::move(left));
    };
    if (step != Step::kEnqueue) {
      state.PauseTiming();
      queue.run_tasks(sessions, enqueue);
      if (step != Step::kMark) queue.run_tasks(sessions, mark);
      state.ResumeTiming();
    }
    if (step == Step::kEnqueue) queue.run_tasks(sessions, enqueue);
    if (step == Step::kMark) queue.run_tasks(sessions, mark);
    if (step == Step::kSettle) queue.run_tasks(sessions, settle);
    if (step == Step::kSettleAgain) queue.run_tasks(sessions, again);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(number));
}
BENCHMARK(one_shard<Step::kEnqueue>)->Arg(1)->Arg(30)->MeasureProcessCPUTime()->Iterations(300);
BENCHMARK(one_shard<Step::kMark>)->Arg(1)->Arg(30)->MeasureProcessCPUTime()->Iterations(300);
BENCHMARK(one_shard<Step::kSettle>)->Arg(1)->Arg(30)->MeasureProcessCPUTime()->Iterations(300);
BENCHMARK(one_shard<Step::kSettleAgain>)->Arg(30)->MeasureProcessCPUTime()->Iterations(300);

asio::awaitable<void> load_shard(QueueShards* shards, Shard shard, std::size_t* loaded) {
  std::optional<EntryId> after;
  do {
    const auto page = co_await shards->load(shard, after, 1000);
    if (!page) std::abort();
    *loaded += page->entries.size();
    after = page->next;
  } while (after);
}

/// A queue of so many entries, one recipient each, at 5,000 domains, read whole after a restart.
void load_all(benchmark::State& state) {
  BenchQueue queue("veredus-queue-load-bench");
  const auto entries = static_cast<std::size_t>(state.range(0));
  constexpr std::size_t kAtOnce = 2000;
  for (std::size_t done = 0; done < entries; done += kAtOnce) {
    queue.run_tasks(kAtOnce, [&](std::size_t i) {
      const auto number = done + i;
      return enqueue_one(queue.shards.get(), typical(number, "d" + std::to_string(number % 5000) + ".example.org"), 16);
    });
  }
  for (auto _ : state) {
    queue.open();
    std::size_t loaded = 0;
    for (Shard shard = 0; shard < kShards; shard += 8)
      queue.run_tasks(
          8, [&](std::size_t i) { return load_shard(queue.shards.get(), shard + static_cast<Shard>(i), &loaded); });
    if (loaded != entries) state.SkipWithError("not all were loaded");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(entries * state.iterations()));
}
BENCHMARK(load_all)->Arg(1'000'000)->Unit(benchmark::kSecond)->MeasureProcessCPUTime()->UseRealTime()->Iterations(1);

}  // namespace
}  // namespace veredus::state::spool
