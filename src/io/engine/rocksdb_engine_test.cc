// What the embedded engine promises beyond the contract: that what it answered is on disk, whatever happens to the
// disk.
#include "io/engine/rocksdb_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "io/engine/counter.h"
#include "io/engine/store.h"
#include "support/faulty_file_system.h"
#include "support/one_peer.h"
#include "support/run.h"
#include "support/scratch_directory.h"

namespace veredus::io::engine {
namespace {

namespace fs = std::filesystem;
using test::FaultyFileSystem;
using testing::ElementsAre;
using testing::Eq;
using testing::HasSubstr;
using testing::Ne;
using testing::Optional;

constexpr Partition kAlice{.kind = Kind::kAccount, .id = 7};

/// Lets `done` come true: what the engine does by itself happens on its own thread.
template <class Done>
bool eventually(Done done) {
  const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!done()) {
    if (std::chrono::steady_clock::now() > give_up_at) return false;
    std::this_thread::yield();
  }
  return true;
}

class RocksDb : public testing::Test {
 protected:
  RocksDb() {
    options_.directory = scratch_.at("db");
    options_.min_free_octets = 0;
    options_.health_interval = std::chrono::milliseconds(5);
    options_.clock = &clock_;
  }
  void open() {
    engine_.reset();
    auto opened = RocksDbEngine::open(options_);
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
  }
  std::optional<OpenFailure> failure() {
    engine_.reset();
    auto opened = RocksDbEngine::open(options_);
    if (opened) return std::nullopt;
    return std::move(opened).error();
  }
  std::expected<Committed, StoreError> commit(Batch batch, Durability durability = Durability::kSynced) {
    return test::run(io_, engine_->commit(kAlice, std::move(batch), durability));
  }
  std::optional<Value> get(Key key) {
    auto got = test::run(io_, engine_->get(kAlice, {std::move(key)}));
    return got ? got->front() : std::optional<Value>("error: " + std::string(to_string(got.error())));
  }
  Version version() { return test::run(io_, engine_->version(kAlice)).value_or(Version(999)); }
  /// The newest write-ahead log.
  fs::path log_file() {
    fs::path newest;
    for (const auto& file : fs::directory_iterator(options_.directory))
      if (file.path().extension() == ".log" && file.path() > newest) newest = file.path();
    return newest;
  }

  std::shared_ptr<FaultyFileSystem> use_faulty_files() {
    auto files = std::make_shared<FaultyFileSystem>();
    env_ = rocksdb::NewCompositeEnv(files);
    options_.env = env_.get();
    return files;
  }

  asio::io_context io_;
  FixedClock clock_{SystemTime{}};
  test::ScratchDirectory scratch_;
  std::unique_ptr<rocksdb::Env> env_;
  RocksDbOptions options_;
  std::unique_ptr<RocksDbEngine> engine_;
};

TEST_F(RocksDb, WhatWasCommittedIsThereAfterARestart) {
  open();
  ASSERT_TRUE(commit(Batch().put("a", "1").put("x1", Value(100'000, 'b')).add("n", 5)));
  ASSERT_TRUE(commit(Batch().put("b", "2"), Durability::kRelaxed));
  ASSERT_EQ(test::run(io_, engine_->acquire_lease(kAlice, NodeId(1), std::chrono::seconds(15)))->epoch, Epoch(1));
  open();
  EXPECT_THAT(get("a"), Optional(Eq("1")));
  EXPECT_THAT(get("b"), Optional(Eq("2")));
  EXPECT_THAT(get("n"), Optional(Eq(encode_counter(5))));
  EXPECT_EQ(get("x1")->size(), 100'000U);
  EXPECT_EQ(version(), Version(2));
  const auto stale = commit(Batch().expect_lease(Epoch(1)).put("a", "stale"));
  ASSERT_FALSE(stale) << "leases end with the process that held them";
  EXPECT_EQ(stale.error(), StoreError::kFenced);
  EXPECT_EQ(test::run(io_, engine_->acquire_lease(kAlice, NodeId(2), std::chrono::seconds(15)))->epoch, Epoch(2));
  EXPECT_EQ(commit(Batch().expect_version(Version(2)))->version, Version(3));
}

TEST_F(RocksDb, ADirectoryInUseIsNotOpenedTwice) {
  open();
  const auto second = RocksDbEngine::open(options_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().why, OpenFailure::Why::kInUse);
  EXPECT_THAT(second.error().message, HasSubstr("in use by another process"));
}

TEST_F(RocksDb, ADirectoryThatCannotBeMadeIsAnError) {
  options_.directory = "/proc/no/such/place";
  const auto failed = failure();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->why, OpenFailure::Why::kInputOutput);
}

TEST_F(RocksDb, AFormatOfAnotherVersionIsRefused) {
  open();
  engine_.reset();
  {
    const auto store = Store::open(options_, Store::Mode::kReadWrite, nullptr);
    ASSERT_TRUE(store);
    const rocksdb::Slice key(layout::kFormatKey.data(), layout::kFormatKey.size());
    ASSERT_TRUE((*store)->database().Put({}, key, layout::encode_format(2)).ok());
  }
  const auto failed = failure();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->why, OpenFailure::Why::kUnknownFormat);
  EXPECT_THAT(failed->message, HasSubstr("has format 2, this program reads format 1"));
}

TEST_F(RocksDb, DamageInASyncedLogIsLoud) {
  open();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(commit(Batch().put("k" + std::to_string(i), Value(1000, 'v'))));
  engine_.reset();
  {
    const auto log = log_file();
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(log) / 2));
    file.write("damagedamagedamage", 18);
  }
  const auto failed = failure();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->why, OpenFailure::Why::kDamaged);
  options_.recovery = Recovery::kSalvage;
  open();
  EXPECT_EQ(get("k0")->size(), 1000U);
  EXPECT_EQ(get("k49"), std::nullopt);
}

TEST_F(RocksDb, OneWriteServesAllThatWaitForIt) {
  open();
  asio::io_context io;
  constexpr int kWriters = 64, kRounds = 20;
  for (std::uint64_t writer = 0; writer < kWriters; ++writer) {
    static constexpr auto kWrite = [](Engine* engine, std::uint64_t id) -> asio::awaitable<void> {
      for (int i = 0; i < kRounds; ++i) {
        Batch batch;
        batch.put("k", "v");
        (void)co_await engine->commit({Kind::kAccount, id}, std::move(batch), Durability::kSynced);
      }
    };
    asio::co_spawn(io, kWrite(engine_.get(), writer), asio::detached);
  }
  io.run();
  const auto figures = engine_->figures();
  EXPECT_EQ(figures.commits, kWriters * kRounds);
  EXPECT_LT(figures.syncs, kWriters * kRounds / 2);
  EXPECT_EQ(figures.groups, figures.syncs);
}

TEST_F(RocksDb, AThreadWithOnePeerWritesItselfWhileTheCommitterSleeps) {
  options_.quick_write = std::chrono::hours(1);
  options_.health_interval = std::chrono::hours(1);
  open();
  EXPECT_TRUE(eventually([&] {  // once the committer has gone to sleep
    const test::OnePeer peer;
    return commit(Batch().put("a", "1")) && engine_->figures().here > 0;
  }));
  EXPECT_TRUE(eventually([&] {  // once for each word of the peer
    const auto here = engine_->figures().here;
    const test::OnePeer peer;
    EXPECT_TRUE(commit(Batch().put("a", "1")) && commit(Batch().put("a", "2")));
    EXPECT_LE(engine_->figures().here, here + 1);
    return engine_->figures().here == here + 1;
  }));
  const auto before = engine_->figures();
  const test::OnePeer peer;
  ASSERT_TRUE(commit(Batch().put("x1", Value(100'000, 'b')))) << "a long one is the committer's";
  EXPECT_EQ(engine_->figures().here, before.here);
  EXPECT_EQ(engine_->figures().groups, before.groups + 1);
}

TEST_F(RocksDb, AThreadWithOnePeerGoesOnAtOnceWithWhatItWrote) {
  options_.quick_write = std::chrono::hours(1);
  options_.health_interval = std::chrono::hours(1);
  open();
  EXPECT_TRUE(eventually([&] {  // once the committer has gone to sleep
    const test::OnePeer peer;
    std::string order;
    constexpr auto kWrite = [](Engine* engine, std::string* said) -> asio::awaitable<void> {
      EXPECT_TRUE(co_await engine->commit(kAlice, Batch().put("a", "1"), Durability::kSynced));
      *said += "written, ";
    };
    asio::co_spawn(io_, kWrite(engine_.get(), &order), asio::detached);
    asio::post(io_, [&] { order += "next"; });
    io_.restart();
    io_.run();
    return order == "written, next";
  }));
}

TEST_F(RocksDb, AThreadWithOnePeerLeavesWritingToTheCommitterWhereSyncsAreSlow) {
  options_.quick_write = std::chrono::microseconds(0);
  open();
  for (int i = 0; i < 5; ++i) {
    const test::OnePeer peer;
    ASSERT_TRUE(commit(Batch().put("a", "1")));
  }
  EXPECT_LE(engine_->figures().here, 1U) << "the first one tells";
}

TEST_F(RocksDb, WhatAThreadWritesItselfRelaxedIsSyncedSoon) {
  options_.health_interval = std::chrono::hours(1);
  options_.sync_relaxed_within = std::chrono::milliseconds(1);
  open();
  EXPECT_TRUE(eventually([&] {
    const test::OnePeer peer;
    return commit(Batch().put("a", "1"), Durability::kRelaxed) && engine_->figures().here > 0;
  }));
  const auto syncs = engine_->figures().syncs;
  const test::OnePeer peer;
  ASSERT_TRUE(commit(Batch().put("a", "2"), Durability::kRelaxed));
  EXPECT_TRUE(eventually([&] { return engine_->figures().syncs > syncs; }));
}

TEST_F(RocksDb, AThreadWithOnePeerIsToldWhenTheStoreIsGone) {
  const auto files = use_faulty_files();
  options_.quick_write = std::chrono::hours(1);
  open();
  ASSERT_TRUE(commit(Batch().put("a", "1")));
  const fs::path directory = options_.directory, away = directory.string() + ".away";
  fs::rename(directory, away);
  std::ofstream(directory) << "no directory: nothing can be opened here";
  files->fail(FaultyFileSystem::Fault::kInputOutput, FaultyFileSystem::At::kSync);
  ASSERT_FALSE(commit(Batch().put("a", "2")));
  EXPECT_TRUE(eventually([&] { return engine_->health().reason.contains(directory.string()); })) << "not reopened";
  for (int i = 0; i < 100; ++i) {
    const test::OnePeer peer;
    const auto refused = commit(Batch().put("a", "3"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), StoreError::kUnavailable);
  }
  fs::remove(directory);
  fs::rename(away, directory);
  files->fail(FaultyFileSystem::Fault::kNone, FaultyFileSystem::At::kSync);
  EXPECT_TRUE(eventually([&] {
    const test::OnePeer peer;
    return commit(Batch().put("a", "4")).has_value();
  }));
  EXPECT_THAT(get("a"), Optional(Eq("4")));
}

TEST_F(RocksDb, RelaxedCommitsWaitForNoSyncButGetOneSoon) {
  options_.sync_relaxed_within = std::chrono::milliseconds(1);
  open();
  ASSERT_TRUE(commit(Batch().put("a", "1"), Durability::kRelaxed));
  EXPECT_EQ(engine_->figures().groups, 1U);
  EXPECT_TRUE(eventually([&] { return engine_->figures().syncs == 1; }));
}

TEST_F(RocksDb, PowerLossTakesNothingThatWasSynced) {
  const auto files = use_faulty_files();
  options_.sync_relaxed_within = std::chrono::hours(1);
  open();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(commit(Batch().put("synced", std::to_string(i))));
    ASSERT_TRUE(commit(Batch().put("relaxed", std::to_string(i)), Durability::kRelaxed));
  }
  files->fail(FaultyFileSystem::Fault::kInputOutput, FaultyFileSystem::At::kSync);  // the last moments reach no disk
  engine_.reset();
  files->fail(FaultyFileSystem::Fault::kNone, FaultyFileSystem::At::kSync);
  files->lose_unsynced();
  open();
  EXPECT_THAT(get("synced"), Optional(Eq("19")));
  EXPECT_THAT(get("relaxed"), Optional(Eq("18"))) << "a later sync made the earlier one durable too";
  EXPECT_EQ(version(), Version(39));
}

TEST_F(RocksDb, WhoReadsSeesWhatIsOnTheDisk) {
  const auto files = use_faulty_files();
  asio::io_context aside;  // ends after the engine's threads
  std::atomic<int> looked = 0;
  std::atomic<bool> commits = false;  // zeros ahead of the log are synced, too
  const auto look = [&] {
    const auto rows = test::run(aside, engine_->get(kAlice, {"a", "x1"}));
    const auto page = test::run(aside, engine_->scan(kAlice, "", "", {}));
    const auto state = test::run(aside, engine_->version(kAlice));
    const auto before = looked == 0 ? std::nullopt : std::optional(std::to_string(looked));
    EXPECT_THAT(rows.value(), ElementsAre(before, before));
    EXPECT_EQ(page->rows.size(), before ? 2U : 0U);
    EXPECT_EQ(state.value(), Version(static_cast<std::uint64_t>(looked)));
    ++looked;
  };
  files->before_sync([&] {  // the row is on its way to the disk
    if (commits) std::thread(look).join();
  });
  options_.sync_relaxed_within = std::chrono::hours(1);
  open();
  for (int i = 1; i <= 5; ++i) {
    const auto value = std::to_string(i);
    commits = true;
    ASSERT_TRUE(commit(Batch().put("a", value).put("x1", value)));
    commits = false;
    ASSERT_EQ(looked, i);
    EXPECT_THAT(get("a"), Optional(Eq(value)));
  }
  ASSERT_TRUE(commit(Batch().put("a", "relaxed"), Durability::kRelaxed));
  EXPECT_THAT(get("a"), Optional(Eq("relaxed"))) << "its answer promises no more";
  files->before_sync({});
  engine_.reset();
}

TEST_F(RocksDb, WhatCouldNotBeSyncedIsNeverSeen) {
  const auto files = use_faulty_files();
  open();
  ASSERT_TRUE(commit(Batch().put("a", "1")));
  files->fail(FaultyFileSystem::Fault::kInputOutput, FaultyFileSystem::At::kSync);
  ASSERT_FALSE(commit(Batch().put("a", "2")));
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(get("a"), Optional(Ne("2")));  // while it is opened anew nothing can be read
    ASSERT_FALSE(engine_->health().writable) << "the disk does not sync yet";
  }
  files->fail(FaultyFileSystem::Fault::kNone, FaultyFileSystem::At::kSync);
  ASSERT_TRUE(eventually([&] { return engine_->health().writable; })) << engine_->health().reason;
  EXPECT_THAT(get("a"), Optional(Eq("1")));
  EXPECT_EQ(version(), Version(1));
  EXPECT_EQ(commit(Batch().expect_version(Version(1)).put("a", "3"))->version, Version(2));
  open();
  EXPECT_THAT(get("a"), Optional(Eq("3")));
}

struct DiskFault {
  const char* name;
  FaultyFileSystem::Fault fault;
  FaultyFileSystem::At at;
};

class RocksDbDiskFault : public RocksDb, public testing::WithParamInterface<DiskFault> {};

INSTANTIATE_TEST_SUITE_P(
    Each, RocksDbDiskFault,
    testing::Values(DiskFault{"NoSpaceForTheLog", FaultyFileSystem::Fault::kNoSpace, FaultyFileSystem::At::kAppend},
                    DiskFault{"NoSpaceAtTheSync", FaultyFileSystem::Fault::kNoSpace, FaultyFileSystem::At::kSync},
                    DiskFault{"ErrorOfTheLog", FaultyFileSystem::Fault::kInputOutput, FaultyFileSystem::At::kAppend},
                    DiskFault{"ErrorOfTheSync", FaultyFileSystem::Fault::kInputOutput, FaultyFileSystem::At::kSync}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST_P(RocksDbDiskFault, StopsCommitsSaysSoAndRecoversByItself) {
  const auto files = use_faulty_files();
  open();
  ASSERT_TRUE(commit(Batch().put("before", "1").put("x1", Value(5000, 'b'))));
  files->fail(GetParam().fault, GetParam().at);
  const auto failed = commit(Batch().expect("lost", std::nullopt).put("lost", "perhaps"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), StoreError::kUnknownOutcome);
  EXPECT_FALSE(engine_->health().writable);
  EXPECT_THAT(engine_->health().reason, HasSubstr("planned"));
  const auto refused = commit(Batch().put("refused", "1"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), StoreError::kUnavailable);

  files->fail(FaultyFileSystem::Fault::kNone, FaultyFileSystem::At::kAppend);
  ASSERT_TRUE(eventually([&] { return engine_->health().writable; })) << engine_->health().reason;
  const auto before = version();
  EXPECT_EQ(commit(Batch().expect_version(before).put("after", "1"))->version.value, before.value + 1);
  const auto perhaps = get("lost");
  open();
  EXPECT_THAT(get("before"), Optional(Eq("1")));
  EXPECT_EQ(get("x1")->size(), 5000U);
  EXPECT_THAT(get("after"), Optional(Eq("1")));
  EXPECT_EQ(get("refused"), std::nullopt);
  EXPECT_EQ(get("lost"), perhaps) << "once it has recovered, what is there stays and what is not does not come back";
}

/// A small file system of its own; empty when this user may not mount.
class SmallDisk {
 public:
  explicit SmallDisk(const test::ScratchDirectory& scratch) : path_(scratch.at("disk")) {
    fs::create_directory(path_);
    mounted_ = ::geteuid() == 0 && ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=24m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount(path_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  bool mounted_ = false;
};

/// Writes until the disk is full, then makes room and expects everything that was answered to be there.
class RocksDbFullDisk : public RocksDb, public testing::WithParamInterface<std::uint64_t> {
 protected:
  /// Commits until one is refused; how many were taken.
  int commit_until_refused() {
    for (int i = taken_; i < taken_ + 10'000; ++i) {
      const auto committed = commit(Batch().put("k" + std::to_string(i), Value(20'000, 'v')).put("x", "body"));
      if (!committed) return i;
    }
    return 10'000;
  }
  int taken_ = 0;
};

INSTANTIATE_TEST_SUITE_P(ReservedMiB, RocksDbFullDisk, testing::Values(0, 6),
                         [](const auto& instance) { return std::to_string(instance.param); });

TEST_P(RocksDbFullDisk, LosesNothingAndResumesWhenThereIsRoom) {
  const SmallDisk disk(scratch_);
  if (!disk.mounted()) GTEST_SKIP() << "needs to mount a small file system: run as root";
  options_.directory = disk.at("db");
  options_.min_free_octets = GetParam() << 20;
  options_.write_buffer_octets = 4 << 20;
  std::ofstream(disk.at("filler")) << std::string(8 << 20, 'f');
  open();
  taken_ = commit_until_refused();
  ASSERT_GT(taken_, 10);
  EXPECT_FALSE(engine_->health().writable);
  EXPECT_NE(engine_->health().reason, "");
  EXPECT_EQ(commit(Batch().put("refused", "1")).error(), StoreError::kUnavailable);
  EXPECT_TRUE(eventually([&] { return get("k0")->size() == 20'000U; })) << "reading goes on, but for a reopening";

  fs::remove(disk.at("filler"));
  ASSERT_TRUE(eventually([&] { return engine_->health().writable; })) << engine_->health().reason;
  EXPECT_TRUE(commit(Batch().put("after", "1")));
  open();
  for (int i = 0; i < taken_; ++i) ASSERT_EQ(get("k" + std::to_string(i))->size(), 20'000U) << i;
  EXPECT_THAT(get("after"), Optional(Eq("1")));
  EXPECT_EQ(get("refused"), std::nullopt);
  engine_.reset();
}

TEST_F(RocksDb, BodiesAreFlushedInALullNotAtTheNextBurst) {
  options_.write_buffer_octets = 1600 * 1024;  // of which 1,000 KiB are for bodies
  options_.lull = std::chrono::milliseconds(20);
  open();
  const auto flushed = [&] {
    return std::ranges::count_if(fs::directory_iterator(options_.directory),
                                 [](const auto& entry) { return entry.path().extension() == ".blob"; });
  };
  for (int i = 0; i < 70; ++i)
    ASSERT_TRUE(commit(Batch().put("x" + std::to_string(i), Value(10'000, 'b')), Durability::kRelaxed));
  EXPECT_TRUE(eventually([&] { return flushed() == 1; }));
  EXPECT_EQ(get("x69"), Value(10'000, 'b'));
  open();
  EXPECT_EQ(get("x0"), Value(10'000, 'b'));
  engine_.reset();
}

TEST_F(RocksDb, ColdRowsAreReadAndChecked) {
  options_.cache_octets = 4096;  // next to nothing stays in memory
  options_.cached_partition_states = 0;
  options_.write_buffer_octets = 64 * 1024;
  open();
  for (int i = 0; i < 200; ++i) {
    const auto number = std::to_string(1000 + i);
    ASSERT_TRUE(commit(Batch().put("k" + number, Value(2000, 'v')).put("x" + number, Value(3000, 'b')).add("n", 1)));
  }
  open();
  for (int i = 0; i < 200; ++i) {
    const auto number = std::to_string(1000 + i);
    EXPECT_EQ(get("k" + number)->size(), 2000U);
    EXPECT_EQ(get("x" + number)->size(), 3000U);
    EXPECT_FALSE(commit(Batch().expect("k" + number, std::nullopt)));
    EXPECT_TRUE(commit(Batch().expect("k" + number, Value(2000, 'v')).add("n", -1)));
  }
  EXPECT_THAT(get("n"), Optional(Eq(encode_counter(0))));
  EXPECT_GT(engine_->figures().cold_reads, 0U);
}

asio::awaitable<void> commit_some(Engine* engine, int times, int* answered) {
  for (int i = 0; i < times; ++i) {
    Batch batch;
    batch.add("n", 1);
    if (!co_await engine->commit(kAlice, std::move(batch), Durability::kSynced)) break;
    ++*answered;
  }
}

TEST_F(RocksDb, StoppingAnswersWhatIsPending) {
  open();
  asio::io_context io;
  int answered[8] = {};
  for (int& count : answered) asio::co_spawn(io, commit_some(engine_.get(), 1, &count), asio::detached);
  io.poll();        // all are with the committer
  engine_.reset();  // it finishes them
  io.restart();
  io.run();
  for (const int count : answered) EXPECT_EQ(count, 1);
  open();
  EXPECT_THAT(get("n"), Optional(Eq(encode_counter(8))));
}

/// Random operations against a plain map, with restarts.
class RocksDbModel : public RocksDb, public testing::WithParamInterface<unsigned> {
 protected:
  Key random_key() { return std::string(1, "abxyz"[random_() % 5]) + std::to_string(random_() % 40); }
  Value random_value() {
    return Value(random_() % (random_() % 20 == 0 ? 9000 : 60), static_cast<char>('a' + random_() % 26));
  }

  void change_something() {
    Batch batch;
    auto after = model_;
    const bool holds = random_() % 8 != 0;
    if (random_() % 3 == 0) batch.expect_version(Version(holds ? version_ : version_ + 1));
    const bool refused = batch.expected_version() && !holds;
    for (auto left = random_() % 6; left > 0; --left) change(batch, after);
    const auto committed = commit(std::move(batch), random_() % 2 == 0 ? Durability::kSynced : Durability::kRelaxed);
    ASSERT_EQ(committed.has_value(), !refused);
    if (refused) return;
    model_ = std::move(after);
    ASSERT_EQ(committed->version, Version(++version_));
  }
  void change(Batch& batch, std::map<Key, Value>& after) {
    const auto key = random_key();
    switch (random_() % 5) {
      case 0:
      case 1: {
        const auto value = random_value();
        batch.put(key, value);
        after[key] = value;
        break;
      }
      case 2:
        batch.erase(key);
        after.erase(key);
        break;
      case 3: {
        const auto high = random_() % 10 == 0 ? Key() : key + "5";
        batch.erase_range(key, high);
        after.erase(after.lower_bound(key), high.empty() ? after.end() : after.lower_bound(high));
        break;
      }
      default: {
        const Key counter = "n" + std::to_string(random_() % 3);
        batch.add(counter, 3);
        const auto before = after.contains(counter) ? decode_counter(after[counter]).value() : 0;
        after[counter] = encode_counter(before + 3);
      }
    }
  }
  /// Everything, page by page.
  std::map<Key, Value> read_all(ScanOptions options) {
    std::map<Key, Value> rows;
    Key low, high;
    while (true) {
      auto page = test::run(io_, engine_->scan(kAlice, low, high, options));
      if (!page) {
        ADD_FAILURE() << to_string(page.error());
        return rows;
      }
      for (auto& row : page->rows) rows.insert_or_assign(row.key, row.value);
      if (!page->more) return rows;
      options.reverse ? high = page->rows.back().key : low = page->rows.back().key + '\0';
    }
  }
  static std::string list(const std::map<Key, Value>& rows) {
    std::string out;
    for (const auto& [key, value] : rows) out += key + ":" + std::to_string(value.size()) + " ";
    return out;
  }
  void compare() {
    const ScanOptions options{.limit = 1 + static_cast<std::uint32_t>(random_() % 50), .reverse = random_() % 2 == 0};
    const auto seen = read_all(options);
    ASSERT_TRUE(seen == model_) << "limit " << options.limit << (options.reverse ? " reverse" : "")
                                << "\nseen:  " << list(seen) << "\nmodel: " << list(model_);
    const auto key = random_key();
    ASSERT_EQ(get(key), model_.contains(key) ? std::optional(model_[key]) : std::nullopt);
    ASSERT_EQ(version(), Version(version_));
  }

  std::mt19937 random_{GetParam()};
  std::map<Key, Value> model_;
  std::uint64_t version_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Seeds, RocksDbModel, testing::Values(1, 2, 3, 4));

TEST_P(RocksDbModel, BehavesLikeAMapOverRestarts) {
  options_.write_buffer_octets = 64 * 1024;
  open();
  for (int step = 0; step < 400; ++step) {
    SCOPED_TRACE(step);
    ASSERT_NO_FATAL_FAILURE(change_something());
    if (random_() % 5 == 0) ASSERT_NO_FATAL_FAILURE(compare());
    if (random_() % 80 == 0) ASSERT_NO_FATAL_FAILURE(open());
  }
  ASSERT_NO_FATAL_FAILURE(compare());
}

// Old data opens: a store as format 1 was first written. docs/formats/engine.md says how a fixture is made.
TEST_F(RocksDb, DataOfFormatOneIsReadByTodaysCode) {
  fs::copy(VEREDUS_SOURCE_DIR "/test/data/engine/v1", options_.directory, fs::copy_options::recursive);
  open();
  EXPECT_EQ(version(), Version(2));
  EXPECT_THAT(get("b0001"), Optional(Eq("INBOX")));
  EXPECT_THAT(get("n"), Optional(Eq(encode_counter(-7))));
  EXPECT_THAT(get("x0001"), Optional(Eq("From: alice@example.org\r\n\r\nsmall\r\n")));
  EXPECT_THAT(get("x0002"), Optional(Eq(Value(2000, 'L')))) << "in a file of bodies";
  EXPECT_EQ(test::run(io_, engine_->partitions(Kind::kQueue, 0, 10)).value(), std::vector<std::uint64_t>{3});
  EXPECT_EQ(test::run(io_, engine_->acquire_lease({Kind::kQueue, 3}, NodeId(1), std::chrono::seconds(15)))->epoch,
            Epoch(2));
}

}  // namespace
}  // namespace veredus::io::engine
