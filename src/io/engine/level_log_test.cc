// What becomes of the log when the power goes or a disk spoils it: through the whole engine.
#include "io/engine/level_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "io/engine/store.h"
#include "io/engine/verify.h"
#include "support/faulty_file_system.h"
#include "support/run.h"
#include "support/scratch_directory.h"

namespace veredus::io::engine {
namespace {

namespace fs = std::filesystem;
using test::FaultyFileSystem;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Partition kAlice{.kind = Kind::kAccount, .id = 7};

class LevelLogOf : public testing::Test {
 protected:
  LevelLogOf() {
    options_.directory = scratch_.at("db");
    options_.min_free_octets = 0;
    options_.sync_relaxed_within = std::chrono::hours(1);  // no notes of idle times
    options_.env = env_.get();
  }
  void open() {
    engine_.reset();
    auto opened = RocksDbEngine::open(options_);
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
  }
  /// As if the power had gone.
  void lose_power(std::mt19937* luck = nullptr) {
    files_->cut_power();
    engine_.reset();
    files_->lose_unsynced(luck);
  }
  bool put(int number, std::size_t size, Durability durability = Durability::kSynced) {
    auto batch = Batch().put(name(number), Value(size, static_cast<char>('a' + number % 26)));
    return test::run(io_, engine_->commit(kAlice, std::move(batch), durability)).has_value();
  }
  bool has(int number) { return test::run(io_, engine_->get(kAlice, {name(number)})).value().front().has_value(); }
  static Key name(int number) { return "k" + std::to_string(number); }
  [[nodiscard]] std::vector<fs::path> logs() const {
    std::vector<fs::path> found;
    for (const auto& file : fs::directory_iterator(options_.directory))
      if (file.path().extension() == ".log") found.push_back(file.path());
    std::ranges::sort(found);
    return found;
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void write(const fs::path& path, const std::string& octets) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << octets;
  }

  asio::io_context io_;
  test::ScratchDirectory scratch_;
  std::shared_ptr<FaultyFileSystem> files_ = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
  RocksDbOptions options_;
  std::unique_ptr<RocksDbEngine> engine_;
};

TEST_F(LevelLogOf, AStoreHasZerosAheadOfItsLogAndNoneOnceItIsClosed) {
  open();
  ASSERT_TRUE(put(0, 1000));
  const auto log = logs().back();
  EXPECT_GE(fs::file_size(log), 256U * 1024);
  std::set<std::uintmax_t> sizes;
  for (std::size_t i = 1; i < 400; ++i) {
    ASSERT_TRUE(put(static_cast<int>(i), 1000));
    ASSERT_GE(fs::file_size(log), i * 1000);
    sizes.insert(fs::file_size(log));
  }
  EXPECT_LE(sizes.size(), 40U) << "it grows in large steps, not with each write";
  engine_.reset();
  EXPECT_NE(read(log).back(), '\0');
  open();
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(has(i)) << i;
}

TEST_F(LevelLogOf, ZerosAreWrittenAheadWhileNobodyWaits) {
  LevelLogs logs(files_, scratch_.path(), Recovery::kRefuseDamage);
  const auto path = scratch_.at("000001.log");
  std::unique_ptr<rocksdb::FSWritableFile> log;
  EXPECT_FALSE(logs.raise_ahead()) << "there is no log yet";
  ASSERT_TRUE(logs.NewWritableFile(path, {}, &log, nullptr).ok());
  EXPECT_FALSE(logs.raise_ahead()) << "nothing was written";
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(log->Append(std::string(100, 'x'), {}, nullptr).ok());
  while (logs.raise_ahead()) {
  }
  const auto level = fs::file_size(path);
  EXPECT_GE(level, 512U * 1024) << "the more the more was written";
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(log->Append(std::string(8000, 'x'), {}, nullptr).ok());
    while (logs.raise_ahead()) {
    }
  }
  EXPECT_GE(fs::file_size(path), 10U * 1024 * 1024) << "a burst of many short writes finds them ready";
  EXPECT_LE(fs::file_size(path), 13U * 1024 * 1024) << "logs are seldom longer: the rest would be made for nothing";
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(log->Append(std::string(100'000, 'x'), {}, nullptr).ok());
    while (logs.raise_ahead()) {
    }
  }
  const auto octets = 800U + 800'000U + 20'000'000U;
  EXPECT_EQ(fs::file_size(path), octets) << "long writes grow the log themselves";
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(log->Append(std::string(100, 'x'), {}, nullptr).ok());
  while (logs.raise_ahead()) {
  }
  EXPECT_LE(fs::file_size(path), octets + 2U * 1024 * 1024) << "of a long log there is no telling when it ends";
  ASSERT_TRUE(log->Close({}, nullptr).ok());
  EXPECT_EQ(fs::file_size(path), octets + 800U);
  EXPECT_FALSE(logs.raise_ahead()) << "it is closed";
}

TEST_F(LevelLogOf, LongWritesAreNotPrecededByZeros) {
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(put(i, 300'000));
  EXPECT_EQ(read(logs().back()).find(std::string(64 * 1024, '\0')), std::string::npos);
  lose_power();
  open();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(has(i)) << i;
}

TEST_F(LevelLogOf, APowerLossTakesWhatWasNotSyncedFromItsBeginningOnAndNothingElse) {
  options_.write_buffer_octets = 64 * 1024;  // several logs
  int lost = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 luck(seed);
    options_.directory = scratch_.at("db" + std::to_string(seed));
    open();
    int number = 0;
    std::vector<int> synced;
    for (unsigned i = 0; i < luck() % 30; ++i) {
      const bool is_synced = luck() % 3 != 0;
      ASSERT_TRUE(put(number, luck() % 4000, is_synced ? Durability::kSynced : Durability::kRelaxed));
      if (is_synced) synced.push_back(number);
      ++number;
    }
    for (auto left = luck() % 8; left > 0; --left)
      ASSERT_TRUE(put(number++, luck() % (luck() % 3 == 0 ? 50'000 : 3000), Durability::kRelaxed));
    lose_power(seed % 4 == 0 ? nullptr : &luck);
    ASSERT_NO_FATAL_FAILURE(open());
    int there = 0;
    while (there < number && has(there)) ++there;
    if (!synced.empty()) EXPECT_GT(there, synced.back()) << "synced";
    for (int i = there; i < number; ++i) EXPECT_FALSE(has(i)) << i << " stands, and " << there << " does not";
    lost += number - there;
    engine_.reset();
  }
  EXPECT_GT(lost, 10);
}

TEST_F(LevelLogOf, APowerLossDuringASyncTakesNothingThatWasAnsweredBefore) {
  options_.write_buffer_octets = 64 * 1024;  // several logs
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 luck(seed);
    options_.directory = scratch_.at("db" + std::to_string(seed));
    std::atomic<bool> is_cut = false;
    std::atomic<std::uint64_t> syncs_left = 1 + luck() % 60;
    files_->before_sync([&] {
      if (is_cut || --syncs_left > 0) return;
      files_->cut_power();
      is_cut = true;
    });
    open();
    int number = 0, synced = 0;  // how many there are, and up to where they must stand
    while (!is_cut) {
      const bool is_synced = luck() % 4 != 0;
      ASSERT_TRUE(put(number++, luck() % 12'000, is_synced ? Durability::kSynced : Durability::kRelaxed));
      if (is_synced && !is_cut) synced = number;
    }
    engine_.reset();
    files_->before_sync({});
    files_->lose_unsynced(seed % 3 == 0 ? nullptr : &luck);
    ASSERT_NO_FATAL_FAILURE(open());
    int there = 0;
    while (there < number && has(there)) ++there;
    EXPECT_GE(there, synced);
    for (int i = there; i < number; ++i) EXPECT_FALSE(has(i)) << i << " stands, and " << there << " does not";
    engine_.reset();
  }
}

/// The database takes a log for synced when its sync has returned, and says so in its manifest when it begins the next.
TEST_F(LevelLogOf, NoOtherLogIsBegunBeforeALateSyncIsMade) {
  LevelLogs logs(files_, scratch_.path(), Recovery::kRefuseDamage);
  std::unique_ptr<rocksdb::FSWritableFile> first, second;
  ASSERT_TRUE(logs.NewWritableFile(scratch_.at("000001.log"), {}, &first, nullptr).ok());
  std::atomic<bool> is_begun = false;
  std::thread other;
  {
    LevelLogs::LateSync late(logs);
    ASSERT_TRUE(first->Append("octets", {}, nullptr).ok());
    ASSERT_TRUE(first->Sync({}, nullptr).ok());
    EXPECT_EQ(files_->syncs(), 0U) << "put off";
    other = std::thread([&] {
      EXPECT_TRUE(logs.NewWritableFile(scratch_.at("000002.log"), {}, &second, nullptr).ok());
      EXPECT_EQ(files_->syncs(), 1U);
      first.reset();
      is_begun = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(is_begun);
    EXPECT_TRUE(late.finish().ok());
    EXPECT_EQ(files_->syncs(), 1U);
  }
  other.join();
}

TEST_F(LevelLogOf, AfterALateSyncThatFailedItsOctetsAreGoneAndNoLogIsBegun) {
  const auto path = scratch_.at("000001.log");
  std::unique_ptr<rocksdb::FSWritableFile> log, next;
  {
    LevelLogs logs(files_, scratch_.path(), Recovery::kRefuseDamage);
    ASSERT_TRUE(logs.NewWritableFile(path, {}, &log, nullptr).ok());
    ASSERT_TRUE(log->Append("kept", {}, nullptr).ok());
    LevelLogs::LateSync late(logs);
    ASSERT_TRUE(log->Append(" and lost", {}, nullptr).ok());
    ASSERT_TRUE(log->Sync({}, nullptr).ok());
    files_->fail(FaultyFileSystem::Fault::kInputOutput, FaultyFileSystem::At::kSync);
    EXPECT_FALSE(late.finish().ok());
    files_->fail(FaultyFileSystem::Fault::kNone, FaultyFileSystem::At::kSync);
    EXPECT_FALSE(late.finish().ok());
    EXPECT_FALSE(logs.NewWritableFile(scratch_.at("000002.log"), {}, &next, nullptr).ok());
    ASSERT_TRUE(log->Close({}, nullptr).ok());
    log.reset();
  }
  EXPECT_EQ(read(path), "kept");
}

TEST_F(LevelLogOf, DamageInWhatWasSyncedIsRefusedAndCanBeSalvaged) {
  open();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(put(i, 700));
  lose_power();
  const auto log = logs().back();
  const auto sound = read(log);
  const auto end = sound.find_last_not_of('\0');
  options_.env = nullptr;
  for (std::size_t at = 0; at <= end; at += 241) {
    SCOPED_TRACE(at);
    const auto copy = scratch_.at("copy");
    fs::copy(options_.directory, copy, fs::copy_options::recursive);
    auto octets = sound;
    octets[at] = static_cast<char>(octets[at] ^ 0x10);
    write(fs::path(copy) / log.filename(), octets);
    auto options = options_;
    options.directory = copy;
    const auto opened = RocksDbEngine::open(options);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().why, OpenFailure::Why::kDamaged);
    EXPECT_THAT(opened.error().message, HasSubstr(log.filename().string() + " is damaged at octet"));
    EXPECT_FALSE(verify(copy));
    options.recovery = Recovery::kSalvage;
    EXPECT_TRUE(RocksDbEngine::open(options));
    fs::remove_all(copy);
  }
}

TEST_F(LevelLogOf, AnIdleTimeVouchesForWhatWasWrittenBefore) {
  for (const bool is_idle : {false, true}) {
    SCOPED_TRACE(is_idle);
    options_.directory = scratch_.at(is_idle ? "idle" : "busy");
    options_.sync_relaxed_within = is_idle ? std::chrono::milliseconds(1) : std::chrono::hours(1);
    open();
    ASSERT_TRUE(put(0, 3000));
    while (is_idle && engine_->figures().syncs < 2) std::this_thread::yield();
    lose_power();
    const auto log = logs().back();
    auto octets = read(log);
    std::fill_n(octets.begin() + 1024, 512, '\0');  // a sector that never was there, it seems
    write(log, octets);
    engine_.reset();
    EXPECT_EQ(RocksDbEngine::open(options_).has_value(), !is_idle);
  }
}

TEST_F(LevelLogOf, ABackupUnderLoadHoldsWhatWasAnsweredAndIsSound) {
  options_.write_buffer_octets = 64 * 1024;
  options_.env = nullptr;
  open();
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(put(i, 4000));
    if (i % 10 != 5) continue;
    const auto copy = scratch_.at("copy" + std::to_string(i));
    ASSERT_TRUE(test::run(io_, engine_->backup(copy)));
    for (int more = 0; more < 3; ++more) ASSERT_TRUE(put(1000 + more, 4000));
    const auto report = verify(copy);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(report->damage, IsEmpty());
    EXPECT_GT(report->rows, static_cast<std::uint64_t>(i));
  }
}

}  // namespace
}  // namespace veredus::io::engine
