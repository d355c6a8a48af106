#include <benchmark/benchmark.h>

#include "io/engine/memory_engine.h"
#include "state/journal/journal.h"
#include "support/run.h"

namespace veredus::state::journal {
namespace {

base::observe::JournalEvent received(std::size_t number) {
  base::observe::JournalEvent event{.at = SystemTime{}, .message_id = "q" + std::to_string(number), .kind = "received"};
  event.details = {{"sender", "alice@demo.test"},
                   {"recipient", "bob@demo.test"},
                   {"message-id", "<" + std::to_string(number) + "@demo.test>"},
                   {"octets", "2048"},
                   {"client", "192.0.2.1"},
                   {"protocol", "ESMTPS"}};
  return event;
}

/// What the message path pays for one event, made and recorded.
void record(benchmark::State& state) {
  MachineClock clock;
  io::engine::MemoryEngine engine;
  Journal journal(engine, clock, {.max_waiting = 1'000'000'000});
  asio::io_context io;
  std::size_t number = 0;
  for (auto _ : state) {
    journal.record(received(number));
    if (++number % 1000 != 0) continue;
    state.PauseTiming();
    benchmark::DoNotOptimize(test::run(io, journal.flush()));
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(record);

/// What the background pays for it, on an engine that costs next to nothing.
void flush(benchmark::State& state) {
  MachineClock clock;
  io::engine::MemoryEngine engine({.commits_inline = true});
  Journal journal(engine, clock, {});
  asio::io_context io;
  std::size_t number = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (int i = 0; i < 1000; ++i) journal.record(received(number++));
    state.ResumeTiming();
    benchmark::DoNotOptimize(test::run(io, journal.flush()));
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(flush);

}  // namespace
}  // namespace veredus::state::journal
