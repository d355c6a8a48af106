#include "io/engine/memory_engine.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/run.h"

namespace veredus::io::engine {
namespace {

constexpr Partition kAlice{.kind = Kind::kAccount, .id = 7};

class MemoryEngineFaults : public testing::Test {
 protected:
  std::optional<StoreError> commit() {
    const auto committed = test::run(io_, engine_.commit(kAlice, Batch().add("n", 1), Durability::kSynced));
    return committed ? std::nullopt : std::optional(committed.error());
  }
  std::uint64_t version() { return test::run(io_, engine_.version(kAlice)).value_or(Version(999)).value; }

  asio::io_context io_;
  MemoryEngine engine_;
};

TEST_F(MemoryEngineFaults, TheOperationNamedFailsAndNoOther) {
  engine_.plan_faults({.fail_at = 2, .error = StoreError::kUnavailable});
  EXPECT_EQ(commit(), std::nullopt);
  EXPECT_EQ(commit(), StoreError::kUnavailable);
  EXPECT_EQ(commit(), std::nullopt);
  EXPECT_EQ(version(), 2U);
  EXPECT_EQ(engine_.operations(), 4U);
}

TEST_F(MemoryEngineFaults, AllAfterItFailWhenSoPlanned) {
  engine_.plan_faults({.fail_at = 2, .error = StoreError::kUnavailable, .then_all = true});
  EXPECT_EQ(commit(), std::nullopt);
  EXPECT_EQ(commit(), StoreError::kUnavailable);
  EXPECT_EQ(commit(), StoreError::kUnavailable);
  engine_.plan_faults({});
  EXPECT_EQ(version(), 1U);
}

TEST_F(MemoryEngineFaults, AnUnknownOutcomeMayHaveTakenEffect) {
  engine_.plan_faults({.fail_at = 1, .error = StoreError::kUnknownOutcome, .takes_effect = true});
  EXPECT_EQ(commit(), StoreError::kUnknownOutcome);
  EXPECT_EQ(version(), 1U);
}

TEST_F(MemoryEngineFaults, NothingIsTakenWhileItIsNotWritable) {
  engine_.report_health({.writable = false, .reason = "the disk is full"});
  EXPECT_EQ(commit(), StoreError::kUnavailable);
  EXPECT_EQ(engine_.health().reason, "the disk is full");
  engine_.report_health({});
  EXPECT_EQ(commit(), std::nullopt);
}

}  // namespace
}  // namespace veredus::io::engine
