// How many commits a second the engine takes, and what each costs: `./dev bench io/engine`.
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <thread>

#include "base/types/bytes.h"
#include "io/engine/memory_engine.h"
#include "io/engine/rocksdb_engine.h"
#include "support/run.h"
#include "support/scratch_directory.h"

namespace veredus::io::engine {
namespace {

constexpr std::uint64_t kAccounts = 1000;

std::unique_ptr<RocksDbEngine> open(const test::ScratchDirectory& scratch) {
  auto opened = RocksDbEngine::open({.directory = scratch.at("db")});
  if (opened) return *std::move(opened);
  std::fprintf(stderr, "%s\n", opened.error().message.c_str());
  std::abort();
}

Key numbered(char first, std::uint64_t number) {
  Key key(1, first);
  put_be(key, number);
  return key;
}

/// What one delivered message comes to: its body and four rows.
Batch message(std::uint64_t number, std::size_t body_octets) {
  Batch batch;
  batch.put(numbered('x', number), Value(body_octets, 'm'));
  batch.put(numbered('f', number), Value(64, 'f'));
  batch.put(numbered('m', number), Value(600, 'e'));
  batch.put(numbered('c', number), Value(16, 'c'));
  batch.put("b0001", Value(80, 'b'));
  return batch;
}

asio::awaitable<void> deliver(Engine* engine, std::atomic<std::int64_t>* left, std::size_t body_octets,
                              Durability durability) {
  while (true) {
    const auto number = left->fetch_sub(1, std::memory_order_relaxed);
    if (number <= 0) co_return;
    const auto id = static_cast<std::uint64_t>(number);
    const Partition partition{.kind = Kind::kAccount, .id = id * 0x9E3779B97F4A7C15ULL % kAccounts};
    auto batch = message(id, body_octets);
    const auto committed = co_await engine->commit(partition, std::move(batch), durability);
    if (!committed) std::abort();
  }
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void run_writers(Engine& engine, std::int64_t writers, std::int64_t commits, std::size_t body_octets) {
  asio::io_context contexts[2];
  std::atomic<std::int64_t> left = commits;
  for (std::int64_t i = 0; i < writers; ++i)
    asio::co_spawn(contexts[i % 2], deliver(&engine, &left, body_octets, Durability::kSynced), asio::detached);
  std::thread other([&] { contexts[1].run(); });
  contexts[0].run();
  other.join();
}

/// Arguments: coroutines (on two reactors), octets of the body.
void BM_CommitSynced(benchmark::State& state) {
  const test::ScratchDirectory scratch;
  const auto engine = open(scratch);
  const auto commits = state.range(0) == 1 ? 3'000 : state.range(1) > 4096 ? 20'000 : 100'000;
  const auto body_octets = static_cast<std::size_t>(state.range(1));
  run_writers(*engine, 16, 2'000, body_octets);  // warm
  double cpu = 0;
  std::int64_t done = 0;
  const auto before = engine->figures();
  for (auto _ : state) {
    const double cpu_before = cpu_seconds();
    run_writers(*engine, state.range(0), commits, body_octets);
    cpu += cpu_seconds() - cpu_before;
    done += commits;
  }
  const auto after = engine->figures();
  state.SetItemsProcessed(done);
  state.counters["cpu_us"] = cpu * 1e6 / static_cast<double>(done);
  state.counters["commits_per_sync"] = static_cast<double>(done) / static_cast<double>(after.syncs - before.syncs);
}
BENCHMARK(BM_CommitSynced)
    ->ArgNames({"writers", "body"})
    ->Args({1, 2048})
    ->Args({16, 2048})
    ->Args({128, 2048})
    ->Args({512, 2048})
    ->Args({128, 20480})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// One account with `range(0)` rows of 64 octets.
void fill(Engine& engine, asio::io_context& io, std::int64_t rows) {
  const Partition partition{.kind = Kind::kAccount, .id = 1};
  for (std::int64_t at = 0; at < rows;) {
    Batch batch;
    for (int i = 0; i < 1000 && at < rows; ++i, ++at)
      batch.put(numbered('f', static_cast<std::uint64_t>(at)), Value(64, 'f'));
    if (!test::run(io, engine.commit(partition, std::move(batch), Durability::kRelaxed))) std::abort();
  }
}

asio::awaitable<bool> get_many(Engine* engine, int times, std::uint64_t rows) {
  const Partition partition{.kind = Kind::kAccount, .id = 1};
  bool all = true;
  for (int i = 0; i < times; ++i) {
    std::vector<Key> keys(1, numbered('f', static_cast<std::uint64_t>(i) * 7919 % rows));
    const auto got = co_await engine->get(partition, std::move(keys));
    all = all && got && got->front().has_value();
  }
  co_return all;
}

void BM_Get(benchmark::State& state) {
  const test::ScratchDirectory scratch;
  const auto engine = open(scratch);
  asio::io_context io;
  fill(*engine, io, 100'000);
  for (auto _ : state)
    if (!test::run(io, get_many(engine.get(), 1000, 100'000))) std::abort();
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(BM_Get)->Unit(benchmark::kMillisecond);

void BM_Scan(benchmark::State& state) {
  const test::ScratchDirectory scratch;
  const auto engine = open(scratch);
  asio::io_context io;
  fill(*engine, io, 100'000);
  const Partition partition{.kind = Kind::kAccount, .id = 1};
  const ScanOptions options{.limit = static_cast<std::uint32_t>(state.range(0)), .octets_limit = 64 << 20};
  for (auto _ : state) {
    auto page = test::run(io, engine->scan(partition, "f", "g", options));
    if (!page || page->rows.size() != options.limit) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Scan)->ArgName("rows")->Arg(100)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace veredus::io::engine
