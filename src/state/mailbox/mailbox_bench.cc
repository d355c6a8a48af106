#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>

#include "io/engine/memory_engine.h"
#include "io/engine/rocksdb_engine.h"
#include "state/mailbox/mailboxes.h"
#include "support/run.h"

/// CPU of one append, with the engine and without it: one iteration appends one 2 KiB message from each session. And
/// STORE of a whole mailbox by pages and by rows.
namespace veredus::state::mailbox {
namespace {

/// Commits to nowhere: what remains is this module's own work.
class NullEngine final : public io::engine::Engine {
 public:
  Result<io::engine::Committed> commit(io::engine::Partition, io::engine::Batch batch,
                                       io::engine::Durability) override {
    benchmark::DoNotOptimize(batch.octets());
    co_return io::engine::Committed{io::engine::Version(++version_)};
  }
  Result<std::vector<std::optional<io::engine::Value>>> get(io::engine::Partition partition,
                                                            std::vector<io::engine::Key> keys) override {
    co_return co_await rows_.get(partition, std::move(keys));
  }
  Result<io::engine::Page> scan(io::engine::Partition partition, io::engine::Key low, io::engine::Key high,
                                io::engine::ScanOptions options) override {
    co_return co_await rows_.scan(partition, std::move(low), std::move(high), options);
  }
  Result<bool> walk(io::engine::Partition partition, io::engine::Key low, io::engine::Key high,
                    io::engine::ScanOptions options, io::engine::RowVisitor visitor) override {
    co_return co_await rows_.walk(partition, std::move(low), std::move(high), options, std::move(visitor));
  }
  Result<io::engine::Version> version(io::engine::Partition) override { co_return io::engine::Version(version_); }
  Result<std::vector<std::uint64_t>> partitions(io::engine::Kind, std::uint64_t, std::uint32_t) override {
    co_return std::vector<std::uint64_t>();
  }
  Result<io::engine::Lease> acquire_lease(io::engine::Partition, NodeId, std::chrono::seconds) override {
    co_return std::unexpected(io::engine::StoreError::kUnavailable);
  }
  Result<std::vector<io::engine::Lease>> renew_leases(NodeId, std::vector<io::engine::Partition>,
                                                      std::chrono::seconds) override {
    co_return std::vector<io::engine::Lease>();
  }
  Result<void> release_lease(io::engine::Lease) override { co_return std::expected<void, io::engine::StoreError>(); }
  io::engine::Subscription watch(io::engine::Partition, io::engine::Wakeup) override { return {}; }
  io::engine::Health health() const override { return {}; }
  Result<void> backup(std::string) override { co_return std::unexpected(io::engine::StoreError::kUnavailable); }

  /// The rows of a used account, so that it can be loaded.
  void begin_with(AccountId account) {
    asio::io_context io;
    const MachineClock clock;
    Mailboxes mailboxes(rows_, clock, Options());
    benchmark::DoNotOptimize(test::run(io, mailboxes.list(account)));
    version_ = 1;
  }

 private:
  io::engine::MemoryEngine rows_{{.commits_inline = true}};
  std::uint64_t version_ = 0;
};

NewMessage typical(const MachineClock& clock) {
  NewMessage made;
  made.octets = std::string(2048, 'm');
  made.internal_date = clock.now();
  made.content.envelope = std::string(260, 'e');
  made.content.bodystructure = std::string(140, 's');
  made.content.body = std::string(80, 'b');
  made.content.part_table = std::string(24, 'p');
  made.content.preview = std::string(200, 'v');
  made.content.subject_utf8 = "Re: The agenda of the next meeting";
  made.content.message_id = "20260101120000.4711@mail.example.org";
  for (const char* name : {"From", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"})
    made.content.fields.push_back({name, std::string(40, 'h')});
  return made;
}

asio::awaitable<void> append_once(Mailboxes* mailboxes, AccountId account, NewMessage message) {
  const auto appended = co_await mailboxes->append(account, std::move(message), QuotaLimits());
  if (!appended) std::abort();
}

/// `sessions` appends at a time, to one account or to one each.
void run_appends(benchmark::State& state, io::engine::Engine& engine, std::uint64_t accounts) {
  asio::io_context io;
  const MachineClock clock;
  Mailboxes mailboxes(engine, clock, Options());
  const auto sessions = static_cast<std::uint64_t>(state.range(0));
  for (std::uint64_t i = 0; i < accounts; ++i)
    benchmark::DoNotOptimize(test::run(io, mailboxes.list(AccountId(i + 1))));
  const auto message = typical(clock);
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < sessions; ++i)
      asio::co_spawn(io, append_once(&mailboxes, AccountId(i % accounts + 1), message), asio::detached);
    io.restart();
    io.run();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * sessions));
}

void append_alone(benchmark::State& state) {
  NullEngine engine;
  engine.begin_with(AccountId(1));
  run_appends(state, engine, 1);
}
BENCHMARK(append_alone)->Arg(1)->MeasureProcessCPUTime();

void append_in_memory(benchmark::State& state) {
  io::engine::MemoryEngine engine;
  run_appends(state, engine, 1);
}
BENCHMARK(append_in_memory)->Arg(1)->Arg(16)->MeasureProcessCPUTime()->Iterations(4000);

void append_to_rocksdb(benchmark::State& state) {
  const auto place = std::filesystem::temp_directory_path() / "veredus-mailbox-bench";
  std::filesystem::remove_all(place);
  io::engine::RocksDbEngine::Options options;
  options.directory = place.string();
  auto engine = io::engine::RocksDbEngine::open(options);
  if (!engine) return state.SkipWithError("cannot open the store");
  run_appends(state, **engine, static_cast<std::uint64_t>(state.range(1)));
  engine->reset();
  std::filesystem::remove_all(place);
}
BENCHMARK(append_to_rocksdb)
    ->ArgNames({"sessions", "accounts"})
    ->Args({1, 1})
    ->Args({16, 1})
    ->Args({16, 16})
    ->Args({100, 100})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(500);

/// `messages` of one mailbox get a flag, then lose it.
void store_all(benchmark::State& state) {
  const auto place = std::filesystem::temp_directory_path() / "veredus-mailbox-bench";
  std::filesystem::remove_all(place);
  io::engine::RocksDbEngine::Options chosen;
  chosen.directory = place.string();
  auto engine = io::engine::RocksDbEngine::open(chosen);
  if (!engine) return state.SkipWithError("cannot open the store");
  asio::io_context io;
  const MachineClock clock;
  Options options;
  if (state.range(1) == 0) options.flag_page_messages = std::numeric_limits<std::uint32_t>::max();
  Mailboxes mailboxes(**engine, clock, options);
  const AccountId account(1);
  NewMessage small;
  small.octets = "x";
  for (std::int64_t done = 0; done < state.range(0); done += 1000) {
    std::vector<NewMessage> batch(1000, small);
    if (!test::run(io, mailboxes.append_all(account, std::move(batch), QuotaLimits()))) std::abort();
  }
  benchmark::DoNotOptimize(test::run(io, mailboxes.table(account, kInbox)));
  FlagChange change{FlagChange::Mode::kAdd, {Flag::kFlagged}, {}, {}};
  for (auto _ : state) {
    if (!test::run(io, mailboxes.store_flags(account, kInbox, UidSet::all(), change))) std::abort();
    change.mode = change.mode == FlagChange::Mode::kAdd ? FlagChange::Mode::kRemove : FlagChange::Mode::kAdd;
  }
  engine->reset();
  std::filesystem::remove_all(place);
}
BENCHMARK(store_all)
    ->ArgNames({"messages", "pages"})
    ->Args({2'000, 0})
    ->Args({2'000, 1})
    ->Args({50'000, 0})
    ->Args({50'000, 1})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(20);

}  // namespace
}  // namespace veredus::state::mailbox
