#include "io/net/memory_budget.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

#include "io/net/task_group.h"
#include "support/run.h"

namespace veredus::io::net {
namespace {

using namespace std::chrono_literals;

asio::awaitable<std::expected<std::size_t, BudgetError>> acquire(MemoryBudget* budget, std::size_t octets,
                                                                 std::chrono::milliseconds wait) {
  auto share = co_await budget->acquire(octets, wait);
  if (!share) co_return std::unexpected(share.error());
  co_return share->octets();
}

asio::awaitable<void> queue_up(MemoryBudget* budget, std::size_t octets, std::vector<std::size_t>* served) {
  const auto share = co_await budget->acquire(octets, 1h);
  if (share) served->push_back(share->octets());
}

TEST(MemoryBudget, GivesBackWhatShareEnds) {
  MemoryBudget budget(100);
  {
    auto share = budget.try_acquire(60);
    ASSERT_TRUE(share);
    EXPECT_FALSE(budget.try_acquire(41));
    auto rest = budget.try_acquire(40);
    EXPECT_TRUE(rest);
    share->shrink_to(10);
    EXPECT_EQ(budget.used_octets(), 50U);
    auto moved = *std::move(share);
    EXPECT_EQ(budget.used_octets(), 50U);
    EXPECT_EQ(moved.octets(), 10U);
  }
  EXPECT_EQ(budget.used_octets(), 0U);
}

TEST(MemoryBudget, RefusesWhatCanNeverBe) {
  asio::io_context io;
  MemoryBudget budget(100);
  EXPECT_EQ(test::run(io, acquire(&budget, 101, 1h)), std::unexpected(BudgetError::kOverBudget));
  EXPECT_EQ(test::run(io, acquire(&budget, 100, 1h)), 100U);
}

TEST(MemoryBudget, WaitsNoLongerThanAsked) {
  asio::io_context io;
  MemoryBudget budget(100);
  const auto all = budget.try_acquire(100);
  EXPECT_EQ(test::run(io, acquire(&budget, 1, 1ms)), std::unexpected(BudgetError::kTimeout));
  EXPECT_EQ(budget.used_octets(), 100U);
}

TEST(MemoryBudget, ServesInOrder) {
  asio::io_context io;
  MemoryBudget budget(100);
  auto held = budget.try_acquire(50);
  std::vector<std::size_t> served;
  asio::co_spawn(io, queue_up(&budget, 80, &served), asio::detached);
  asio::co_spawn(io, queue_up(&budget, 10, &served), asio::detached);
  io.poll();
  EXPECT_TRUE(served.empty());
  EXPECT_FALSE(budget.try_acquire(10));  // does not overtake
  held->release();
  io.restart();
  io.run();
  EXPECT_EQ(served, (std::vector<std::size_t>{80, 10}));
  EXPECT_EQ(budget.used_octets(), 0U);
}

TEST(MemoryBudget, ForgetsWaitersThatAreCancelled) {
  asio::io_context io;
  MemoryBudget budget(100);
  auto held = budget.try_acquire(100);
  std::vector<std::size_t> served;
  {
    TaskGroup group(io.get_executor());
    group.spawn(queue_up(&budget, 80, &served));
    io.poll();
    group.cancel();
    io.poll();
  }
  held->release();
  EXPECT_TRUE(budget.try_acquire(100));
  EXPECT_TRUE(served.empty());
}

}  // namespace
}  // namespace veredus::io::net
