#include <benchmark/benchmark.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/codec/date.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "io/engine/rocksdb_engine.h"
#include "state/search/indexes.h"
#include "state/search/searcher.h"
#include "state/search/trigrams.h"
#include "support/run.h"
#include "support/scratch_directory.h"
#include "wire/mime/message.h"
#include "wire/mime/summary.h"

/// Searching texts, and whole mailboxes in RocksDB: 5,000 messages of 11 KiB (54 MB), and 50,000 small ones.
namespace veredus::state::search {
namespace {

std::string words(std::mt19937& random, std::size_t octets) {
  static constexpr std::string_view kWords[] = {"the ",    "meeting ", "of ",       "invoice ", "please ",   "and ",
                                                "Monday ", "regards ", "attached ", "to ",      "project ",  "we ",
                                                "office ", "in ",      "response ", "a ",       "schedule ", "\r\n"};
  std::uniform_int_distribution<std::size_t> any(0, std::size(kWords) - 1);
  std::string text;
  while (text.size() < octets) text += kWords[any(random)];
  return text;
}

void find_in_ascii(benchmark::State& state) {
  std::mt19937 random(1);
  const auto text = words(random, 8 * 1024 * 1024);
  const Needle needle("quarterly figures");
  for (auto _ : state) benchmark::DoNotOptimize(needle.in_ascii(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(find_in_ascii)->Unit(benchmark::kMillisecond);

void find_in_utf8(benchmark::State& state) {
  std::mt19937 random(1);
  auto text = words(random, 8 * 1024 * 1024);
  for (std::size_t at = 0; at + 40 < text.size(); at += 40) text.replace(at, 2, "ü");
  const Needle needle("quarterly figures");
  for (auto _ : state) {
    Finder finder(needle);
    PieceReader pieces(text);
    while (const auto piece = pieces.next()) finder.feed(*piece);
    benchmark::DoNotOptimize(finder.found());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(find_in_utf8)->Unit(benchmark::kMillisecond);

void find_repetitions(benchmark::State& state) {
  std::string text;
  while (text.size() < 8 * 1024 * 1024) text += std::string(10'000, 'a') + "\r\n";
  const Needle needle(std::string(10'001, 'a'));
  for (auto _ : state) benchmark::DoNotOptimize(needle.in_ascii(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(find_repetitions)->Unit(benchmark::kMillisecond);

void gather_trigrams(benchmark::State& state) {
  std::mt19937 random(1);
  const auto text = words(random, 11 * 1024);
  TrigramSet set;
  for (auto _ : state) {
    set.clear();
    set.feed(text);
    benchmark::DoNotOptimize(set.sorted());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(gather_trigrams);

constexpr AccountId kAccount{1};

/// An account with mail, made once for all benchmarks of its size.
class World {
 public:
  World(std::size_t messages, std::size_t body_octets) {
    io::engine::RocksDbOptions options;
    options.directory = folder_.at("store");
    engine_ = std::move(*io::engine::RocksDbEngine::open(options));
    mailboxes = std::make_unique<mailbox::Mailboxes>(*engine_, clock_, mailbox::Options());
    IndexesOptions indexing;
    indexing.folder = folder_.path() / "search";
    indexes = std::make_unique<Indexes>(*mailboxes, log_, metrics_, indexing);
    scanner = std::make_unique<Searcher>(*mailboxes, pool_, nullptr, Options());
    searcher = std::make_unique<Searcher>(*mailboxes, pool_, indexes.get(), Options());
    std::mt19937 random(7);
    std::vector<mailbox::NewMessage> some;
    for (std::size_t i = 0; i < messages; ++i) {
      some.push_back(make(random, i, body_octets));
      if (some.size() < 200 && i + 1 < messages) continue;
      benchmark::DoNotOptimize(test::run(io, mailboxes->append_all(kAccount, std::move(some), {})));
      some.clear();
    }
  }

  void index() {
    indexes->rebuild(kAccount);
    const auto done = [](Indexes* of) -> asio::awaitable<int> {
      co_await of->work_off();
      co_return 0;
    };
    test::run(io, done(indexes.get()));
  }

  asio::io_context io;
  std::unique_ptr<mailbox::Mailboxes> mailboxes;
  std::unique_ptr<Indexes> indexes;
  std::unique_ptr<Searcher> scanner;
  std::unique_ptr<Searcher> searcher;

 private:
  static mailbox::NewMessage make(std::mt19937& random, std::size_t i, std::size_t body_octets) {
    const auto id = [](std::size_t n) { return "<message-" + std::to_string(n) + "@demo.test>"; };
    std::string octets = "From: \"Alice Example\" <alice" + std::to_string(i % 97) + "@demo.test>\r\n";
    octets += "To: bob@example.org\r\nDate: " +
              base::codec::format_rfc5322_date(SystemTime(std::chrono::minutes(29'000'000 + random() % 500'000)));
    octets += "\r\nMessage-ID: " + id(i) + "\r\nSubject: Re: topic " + std::to_string(i / 5) + "\r\n";
    if (i % 5 != 0) octets += "References: " + id(i - i % 5) + " " + id(i - 1) + "\r\n";
    octets += "X-Mailer: bench\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + words(random, body_octets);
    if (i % 500 == 250) octets += "the quarterly figures\r\n";
    mailbox::NewMessage made;
    made.content = wire::mime::summarize(wire::mime::parse(octets));
    made.internal_date = SystemTime(std::chrono::minutes(29'000'000 + i));
    made.octets = std::move(octets);
    return made;
  }

  test::ScratchDirectory folder_;
  MachineClock clock_;
  base::observe::Logger log_;
  base::observe::Metrics metrics_;
  std::unique_ptr<io::engine::RocksDbEngine> engine_;
  io::net::WorkerPool pool_;
};

World& world_of_54_mb() {
  static World world(5'000, 10'800);
  return world;
}
World& world_of_50000() {
  static World world(50'000, 500);
  return world;
}

void search(benchmark::State& state, World& world, Searcher& searcher, Query query, std::size_t want) {
  for (auto _ : state) {
    const auto found = test::run(world.io, searcher.search(kAccount, mailbox::kInbox, query, nullptr));
    if (!found || found->uids.size() != want) state.SkipWithError("wrong result");
  }
}

void search_body_by_scan(benchmark::State& state) {
  auto& world = world_of_54_mb();
  search(state, world, *world.scanner, Query{BodyHas{"quarterly FIGURES"}}, 10);
}
BENCHMARK(search_body_by_scan)->Unit(benchmark::kMillisecond)->UseRealTime();

void search_text_by_scan(benchmark::State& state) {
  auto& world = world_of_54_mb();
  search(state, world, *world.scanner, Query{TextHas{"quarterly FIGURES"}}, 10);
}
BENCHMARK(search_text_by_scan)->Unit(benchmark::kMillisecond)->UseRealTime();

void make_index(benchmark::State& state) {
  for (auto _ : state) world_of_54_mb().index();
}
BENCHMARK(make_index)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

void search_body_indexed(benchmark::State& state) {
  auto& world = world_of_54_mb();
  search(state, world, *world.searcher, Query{BodyHas{"quarterly FIGURES"}}, 10);
}
BENCHMARK(search_body_indexed)->Unit(benchmark::kMillisecond)->UseRealTime();

void search_subject_of_50000(benchmark::State& state) {
  auto& world = world_of_50000();
  search(state, world, *world.scanner, Query{HeaderHas{"Subject", "TOPIC 99"}}, 555);
}
BENCHMARK(search_subject_of_50000)->Unit(benchmark::kMillisecond)->UseRealTime();

void search_flags_of_50000(benchmark::State& state) {
  auto& world = world_of_50000();
  search(state, world, *world.scanner, Query{HasFlag{mailbox::Flag::kSeen}}, 0);
}
BENCHMARK(search_flags_of_50000)->Unit(benchmark::kMillisecond)->UseRealTime();

void sort_by(benchmark::State& state, SortBy by) {
  auto& world = world_of_50000();
  const std::vector<SortKey> keys{{by, Direction::kDescending}};
  for (auto _ : state) {
    const auto sorted =
        test::run(world.io, world.scanner->sort(kAccount, mailbox::kInbox, Query{All{}}, keys, nullptr));
    if (!sorted || sorted->uids.size() != 50'000) state.SkipWithError("wrong result");
  }
}
BENCHMARK_CAPTURE(sort_by, date_of_50000, SortBy::kDate)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(sort_by, subject_of_50000, SortBy::kSubject)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(sort_by, arrival_of_50000, SortBy::kArrival)->Unit(benchmark::kMillisecond)->UseRealTime();

void thread_references_of_50000(benchmark::State& state) {
  auto& world = world_of_50000();
  for (auto _ : state) {
    const auto threads = test::run(
        world.io, world.scanner->thread(kAccount, mailbox::kInbox, Query{All{}}, ThreadBy::kReferences, nullptr));
    if (!threads || threads->nodes.size() < 50'000) state.SkipWithError("wrong result");
  }
}
BENCHMARK(thread_references_of_50000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace veredus::state::search
