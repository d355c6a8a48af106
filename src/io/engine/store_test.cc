#include "io/engine/store.h"

#include <gtest/gtest.h>

#include <string>

#include "io/engine/rocksdb_engine.h"
#include "support/scratch_directory.h"

namespace veredus::io::engine {
namespace {

TEST(Store, RewritesOldBodiesOnlyWhileManyOfThemAreGarbage) {
  const test::ScratchDirectory scratch;
  const RocksDbOptions options{.directory = scratch.at("store")};
  const auto opened = Store::open(options, Store::Mode::kReadWrite, nullptr);
  ASSERT_TRUE(opened);
  Store& store = **opened;
  auto* bodies = store.family(layout::Family::kBodies);
  const auto settle = [&] {  // what is erased is known to be garbage once it was compacted
    ASSERT_TRUE(store.database().Flush({}, bodies).ok());
    ASSERT_TRUE(store.database().CompactRange({}, bodies, nullptr, nullptr).ok());
  };
  const auto name = [](int number) { return "x" + std::to_string(1000 + number); };
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(store.database().Put({}, bodies, name(i), std::string(8000, 'b')).ok());
  settle();
  store.tend_bodies();
  EXPECT_FALSE(store.collects_garbage());
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(store.database().Delete({}, bodies, name(i)).ok());
  settle();
  store.tend_bodies();
  EXPECT_TRUE(store.collects_garbage());
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  all.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
  all.blob_garbage_collection_age_cutoff = 1.0;
  ASSERT_TRUE(store.database().CompactRange(all, bodies, nullptr, nullptr).ok());
  store.tend_bodies();
  EXPECT_FALSE(store.collects_garbage());
  std::string value;
  EXPECT_TRUE(store.database().Get({}, bodies, name(99), &value).ok());
  EXPECT_EQ(value, std::string(8000, 'b'));
}

TEST(Store, FlushesBodiesEarlyOnceTheyFillHalfOfTheirRoom) {
  const test::ScratchDirectory scratch;
  const RocksDbOptions options{.directory = scratch.at("store"), .write_buffer_octets = 1600 * 1024};
  const auto opened = Store::open(options, Store::Mode::kReadWrite, nullptr);
  ASSERT_TRUE(opened);
  Store& store = **opened;
  auto* bodies = store.family(layout::Family::kBodies);
  const auto in_memory = [&] {
    std::uint64_t octets = 0;
    EXPECT_TRUE(store.database().GetIntProperty(bodies, rocksdb::DB::Properties::kCurSizeActiveMemTable, &octets));
    return octets;
  };
  const auto put = [&](int from, int to) {
    for (int i = from; i < to; ++i)
      ASSERT_TRUE(store.database().Put({}, bodies, "x" + std::to_string(i), std::string(10'000, 'b')).ok());
  };
  put(0, 30);
  store.flush_early();
  EXPECT_GT(in_memory(), 300'000U) << "less than half of 1,000 KiB";
  put(30, 70);
  store.flush_early();
  EXPECT_LT(in_memory(), 100'000U);
  std::string value;
  EXPECT_TRUE(store.database().Get({}, bodies, "x0", &value).ok());
  EXPECT_EQ(value.size(), 10'000U);
}

}  // namespace
}  // namespace veredus::io::engine
