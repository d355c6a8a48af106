// Writes the store that test/data/engine keeps of the current format: docs/formats/engine.md.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>

#include "io/engine/rocksdb_engine.h"
#include "io/engine/store.h"
#include "support/run.h"

namespace veredus::io::engine {
namespace {

TEST(EngineFixture, DISABLED_Write) {
  const char* directory = std::getenv("VEREDUS_WRITE_FIXTURE");
  ASSERT_NE(directory, nullptr);
  const RocksDbOptions options{.directory = directory};
  asio::io_context io;
  {
    auto opened = RocksDbEngine::open(options);
    ASSERT_TRUE(opened) << opened.error().message;
    const auto commit = [&](Partition partition, Batch batch) {
      return test::run(io, (*opened)->commit(partition, std::move(batch), Durability::kSynced)).has_value();
    };
    const Partition alice{.kind = Kind::kAccount, .id = 7};
    ASSERT_TRUE(commit(alice, Batch().put("b0001", "INBOX").add("n", -7)));
    Batch bodies;
    bodies.put("x0001", "From: alice@example.org\r\n\r\nsmall\r\n").put("x0002", Value(2000, 'L'));
    ASSERT_TRUE(commit(alice, std::move(bodies)));
    const Partition shard{.kind = Kind::kQueue, .id = 3};
    ASSERT_TRUE(commit(shard, Batch().put("d1", "due")));
    ASSERT_TRUE(test::run(io, (*opened)->acquire_lease(shard, NodeId(1), std::chrono::seconds(15))));
  }
  {  // into files of every kind, and one commit in the log
    const auto store = Store::open(options, Store::Mode::kReadWrite, nullptr);
    ASSERT_TRUE(store);
    for (const auto family : {layout::Family::kRows, layout::Family::kBodies})
      ASSERT_TRUE((*store)->database().Flush({}, (*store)->family(family)).ok());
  }
  auto opened = RocksDbEngine::open(options);
  ASSERT_TRUE(opened);
  const Partition journal{.kind = Kind::kJournal, .id = 1};
  ASSERT_TRUE(test::run(io, (*opened)->commit(journal, Batch().put("in the log", "yes"), Durability::kSynced)));
  opened->reset();
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    const auto name = file.path().filename().string();
    if (name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "LOCK" || name == "IDENTITY")
      std::filesystem::remove(file.path());  // not needed to open it
  }
}

}  // namespace
}  // namespace veredus::io::engine
