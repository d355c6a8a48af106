#include <benchmark/benchmark.h>

#include "base/observe/log.h"
#include "base/observe/metrics.h"

namespace veredus::base::observe {
namespace {

class NullSink final : public LogSink {
 public:
  void write(std::string_view lines) override { benchmark::DoNotOptimize(lines.data()); }
};

// One accepted message, as the SMTP door logs it.
void log_a_line(benchmark::State& state, LogOptions options) {
  const MachineClock clock;
  Logger log(options, std::make_unique<NullSink>(), clock);
  for (auto _ : state)
    log.info("smtp.accepted", {{"session", "7k2mh3v9"},
                               {"queue_id", "01jd8xq2k4v7m3np"},
                               {"from", "alice@demo.test"},
                               {"recipients", 1},
                               {"size", 2048u}});
  state.counters["dropped"] = static_cast<double>(log.dropped_lines());
}
void log_text(benchmark::State& state) { log_a_line(state, {}); }
BENCHMARK(log_text);
void log_json(benchmark::State& state) { log_a_line(state, {.format = LogFormat::kJson}); }
BENCHMARK(log_json);
void log_off(benchmark::State& state) { log_a_line(state, {.level = Level::kWarning}); }
BENCHMARK(log_off);

void count(benchmark::State& state) {
  static Counter counter;
  for (auto _ : state) counter.add();
}
BENCHMARK(count)->Threads(1)->Threads(2);

void observe_latency(benchmark::State& state) {
  Histogram histogram(latency_bounds());
  double value = 0;
  for (auto _ : state) histogram.observe(value += 0.0001);
}
BENCHMARK(observe_latency);

}  // namespace
}  // namespace veredus::base::observe
