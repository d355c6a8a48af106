#include "io/engine/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

#include "io/engine/backup.h"
#include "io/engine/store.h"
#include "support/run.h"
#include "support/scratch_directory.h"

namespace veredus::io::engine {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

class Verify : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = RocksDbEngine::open(options_);
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
    for (std::uint64_t account = 1; account <= 3; ++account)
      for (int i = 0; i < 20; ++i) {
        const auto number = std::to_string(i);
        auto batch = Batch().put("m" + number, Value(200, 'm')).put("x" + number, Value(6000, 'b'));
        ASSERT_TRUE(commit({Kind::kAccount, account}, std::move(batch)));
      }
  }
  bool commit(Partition partition, Batch batch) {
    return test::run(io_, engine_->commit(partition, std::move(batch), Durability::kSynced)).has_value();
  }
  std::expected<void, StoreError> backup(const std::string& directory) {
    asio::io_context io;
    std::optional<std::expected<void, StoreError>> result;
    static constexpr auto kRun = [](Engine* engine, std::string to,
                                    std::optional<std::expected<void, StoreError>>* out) -> asio::awaitable<void> {
      *out = co_await engine->backup(std::move(to));
    };
    asio::co_spawn(io, kRun(engine_.get(), directory, &result), [](const std::exception_ptr&) {});
    io.run();
    return *result;
  }
  /// Overwrites octets in the middle of the largest file with this ending.
  static void damage_file(const std::string& directory, std::string_view ending) {
    fs::path victim;
    for (const auto& file : fs::directory_iterator(directory))
      if (file.path().string().ends_with(ending) && (victim.empty() || file.file_size() > fs::file_size(victim)))
        victim = file.path();
    ASSERT_FALSE(victim.empty());
    const auto size = fs::file_size(victim);
    // A copy of its own first: a backup shares files with what it was made of.
    const auto copy = victim.string() + ".copy";
    fs::copy_file(victim, copy);
    fs::rename(copy, victim);
    std::fstream file(victim, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size / 2));
    file.write("damage", 6);
  }

  asio::io_context io_;
  test::ScratchDirectory scratch_;
  RocksDbOptions options_{.directory = scratch_.at("db"), .min_free_octets = 0};
  std::unique_ptr<RocksDbEngine> engine_;
};

TEST_F(Verify, ASoundStoreIsCountedAndFoundSound) {
  engine_.reset();
  const auto report = verify(options_.directory);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->damage, testing::IsEmpty());
  EXPECT_EQ(report->partitions, 3U);
  EXPECT_EQ(report->rows, 60U);
  EXPECT_EQ(report->bodies, 60U);
  EXPECT_GT(report->octets, 60U * 6200U);
  EXPECT_FALSE(report->is_backup);
}

TEST_F(Verify, ABackupMadeWhileServingIsSoundAndOpens) {
  const auto copy = scratch_.at("copy");
  ASSERT_TRUE(backup(copy));
  ASSERT_TRUE(commit({Kind::kAccount, 4}, Batch().put("late", "1")));
  const auto report = verify(copy);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->damage, testing::IsEmpty());
  EXPECT_TRUE(report->is_backup);
  EXPECT_EQ(report->rows, 60U);

  const auto again = backup(copy);
  ASSERT_FALSE(again) << "it exists";

  engine_.reset();
  auto opened = RocksDbEngine::open({.directory = copy, .min_free_octets = 0});
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(test::run(io_, (*opened)->version({Kind::kAccount, 2})), Version(20));
  EXPECT_EQ(test::run(io_, (*opened)->version({Kind::kAccount, 4})), Version(0));
}

TEST_F(Verify, DamagedFilesOfABackupAreNamed) {
  for (const char* ending : {".sst", ".blob"}) {
    SCOPED_TRACE(ending);
    const auto copy = scratch_.at(std::string("copy") + ending);
    ASSERT_TRUE(backup(copy));
    ASSERT_NO_FATAL_FAILURE(damage_file(copy, ending));
    const auto report = verify(copy);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_FALSE(report->sound());
    EXPECT_THAT(report->damage, Contains(HasSubstr("has another checksum")));
    EXPECT_GE(report->damage.size(), 2U) << "the rows in it are damaged too";
  }
  const auto copy = scratch_.at("short");
  ASSERT_TRUE(backup(copy));
  for (const auto& file : fs::directory_iterator(copy))
    if (file.path().extension() == ".blob") fs::remove(file.path());
  const auto missing = verify(copy);
  if (missing)
    EXPECT_THAT(missing->damage, Contains(HasSubstr("is missing")));
  else
    EXPECT_NE(missing.error().message, "");
}

TEST_F(Verify, RowsThatCannotBeOursAreNamed) {
  engine_.reset();
  {
    const auto store = Store::open(options_, Store::Mode::kReadWrite, nullptr);
    ASSERT_TRUE(store);
    auto& database = (*store)->database();
    auto* rows = (*store)->family(layout::Family::kRows);
    const auto stray = layout::full_key({Kind::kAccount, 99}, "m1");
    ASSERT_TRUE(database.Put({}, rows, stray, "no state row").ok());
    ASSERT_TRUE(database.Put({}, rows, "?", "no partition").ok());
    ASSERT_TRUE(database.Put({}, rows, layout::prefix({Kind::kAccount, 1}), "short").ok());
    ASSERT_TRUE(database.Put({}, rows, layout::full_key({Kind::kAccount, 2}, "x1"), "body among rows").ok());
  }
  const auto report = verify(options_.directory);
  ASSERT_TRUE(report);
  EXPECT_THAT(report->damage, Contains(HasSubstr("no state row")));
  EXPECT_THAT(report->damage, Contains(HasSubstr("no such partition")));
  EXPECT_THAT(report->damage, Contains(HasSubstr("state row is damaged")));
  EXPECT_THAT(report->damage, Contains(HasSubstr("wrong column family")));
}

TEST_F(Verify, WhatIsNoStoreCannotBeVerified) { EXPECT_FALSE(verify(scratch_.at("nothing"))); }

}  // namespace
}  // namespace veredus::io::engine
