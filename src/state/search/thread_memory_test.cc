#include "state/search/thread_memory.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "support/run.h"

namespace veredus::state::search {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMiB = std::size_t{1024} * 1024;

class ThreadMemoryTest : public testing::Test {
 protected:
  ThreadMemory::Outcome begin(ThreadMemory& memory, std::size_t octets) {
    return test::run(io, memory.begin(octets, 0ms));
  }

  asio::io_context io;
  io::net::MemoryBudget budget{10 * kMiB};
};

TEST_F(ThreadMemoryTest, IsGivenBackAtTheEnd) {
  {
    ThreadMemory memory(budget, nullptr);
    EXPECT_TRUE(begin(memory, 6 * kMiB));
    EXPECT_EQ(budget.used_octets(), 6 * kMiB);
    EXPECT_TRUE(memory.settle(6 * kMiB));
    EXPECT_TRUE(memory.take(1));
    EXPECT_EQ(budget.used_octets(), 10 * kMiB) << "some at a time";
    EXPECT_TRUE(memory.take(4 * kMiB - 1));
    EXPECT_TRUE(memory.take(0));
    EXPECT_EQ(memory.take(1), std::unexpected(SearchError::kTooLarge));
  }
  EXPECT_EQ(budget.used_octets(), 0U);
}

TEST_F(ThreadMemoryTest, IsKeptForWhatItBecameAlone) {
  ThreadMemory memory(budget, nullptr);
  EXPECT_TRUE(begin(memory, 99 * kMiB)) << "all there is may do";
  EXPECT_EQ(budget.used_octets(), 10 * kMiB);
  EXPECT_TRUE(memory.settle(kMiB));
  EXPECT_EQ(budget.used_octets(), kMiB);
  ThreadMemory other(budget, nullptr);
  EXPECT_TRUE(begin(other, 0));
  EXPECT_TRUE(other.settle(kMiB)) << "more messages came meanwhile";
  ThreadMemory third(budget, nullptr);
  EXPECT_TRUE(begin(third, 0));
  EXPECT_EQ(third.settle(11 * kMiB), std::unexpected(SearchError::kTooLarge));
}

TEST_F(ThreadMemoryTest, OfAnotherIsNoReasonToSayThatItIsTooMuch) {
  ThreadMemory first(budget, nullptr);
  ThreadMemory second(budget, nullptr);
  ASSERT_TRUE(begin(first, 6 * kMiB));
  EXPECT_EQ(begin(second, 5 * kMiB), std::unexpected(SearchError::kBusy));
  ASSERT_TRUE(begin(second, 4 * kMiB));
  ASSERT_TRUE(second.settle(4 * kMiB));
  EXPECT_EQ(second.take(1), std::unexpected(SearchError::kBusy));
  EXPECT_EQ(second.take(7 * kMiB), std::unexpected(SearchError::kTooLarge)) << "without the other too";
}

TEST_F(ThreadMemoryTest, IsWaitedForUntilOthersEnd) {
  auto share = budget.try_acquire(10 * kMiB);
  asio::steady_timer end(io, 50ms);
  end.async_wait([&share](auto) { share.reset(); });
  ThreadMemory memory(budget, nullptr);
  EXPECT_TRUE(test::run(io, memory.begin(kMiB, 10s)));
}

TEST_F(ThreadMemoryTest, IsRefusedToWhoIsNotWantedAnyMore) {
  const auto progress = std::make_shared<Progress>();
  ThreadMemory memory(budget, progress);
  EXPECT_TRUE(begin(memory, 1));
  progress->stop = true;
  EXPECT_EQ(memory.take(0), std::unexpected(SearchError::kStopped));
  EXPECT_EQ(begin(memory, 1), std::unexpected(SearchError::kStopped));
}

}  // namespace
}  // namespace veredus::state::search
