#include "state/search/search_memory.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "support/run.h"

namespace veredus::state::search {
namespace {

using namespace std::chrono_literals;

constexpr AccountId kOne{1};
constexpr AccountId kOther{2};

class SearchMemoryTest : public testing::Test {
 protected:
  asio::io_context io;
  std::shared_ptr<SearchBudget> budget = std::make_shared<SearchBudget>(800);
};

TEST_F(SearchMemoryTest, IsGivenBackAtTheEnd) {
  {
    SearchMemory memory(budget, kOne, nullptr);
    EXPECT_TRUE(memory.take(600));
    EXPECT_TRUE(memory.take(0));
    EXPECT_TRUE(memory.take(100));
    EXPECT_EQ(budget->used_octets(), 700U);
    memory.give_back(100);
    memory.shrink_to(200);
    memory.shrink_to(900);
    EXPECT_EQ(budget->used_octets(), 200U);
  }
  EXPECT_EQ(budget->used_octets(), 0U);
}

TEST_F(SearchMemoryTest, OfOneAccountLeavesSomeToTheOthers) {
  SearchMemory first(budget, kOne, nullptr);
  SearchMemory second(budget, kOne, nullptr);
  SearchMemory third(budget, kOther, nullptr);
  EXPECT_EQ(first.take(701), std::unexpected(SearchError::kTooLarge));
  ASSERT_TRUE(first.take(600));
  ASSERT_TRUE(second.take(100));
  EXPECT_EQ(second.take(1), std::unexpected(SearchError::kBusy)) << "the account has seven eighths";
  EXPECT_EQ(third.take(89), std::unexpected(SearchError::kBusy)) << "so that there is some for the next one";
  EXPECT_TRUE(third.take(87));
}

TEST_F(SearchMemoryTest, OfAnotherIsNoReasonToSayThatItIsTooMuch) {
  SearchMemory first(budget, kOne, nullptr);
  SearchMemory second(budget, kOther, nullptr);
  ASSERT_TRUE(first.take(400));
  EXPECT_EQ(second.take(400), std::unexpected(SearchError::kBusy));
  EXPECT_EQ(second.take(701), std::unexpected(SearchError::kTooLarge)) << "without the other too";
  EXPECT_TRUE(second.take(350));
}

TEST_F(SearchMemoryTest, IsWaitedForUntilOthersEnd) {
  auto other = std::make_unique<SearchMemory>(budget, kOther, nullptr);
  ASSERT_TRUE(other->take(700));
  asio::steady_timer end(io, 50ms);
  end.async_wait([&other](auto) { other.reset(); });
  SearchMemory memory(budget, kOne, nullptr);
  EXPECT_EQ(test::run(io, memory.wait_for(500, 0ms)), std::unexpected(SearchError::kBusy));
  EXPECT_TRUE(test::run(io, memory.wait_for(500, 10s)));
}

TEST_F(SearchMemoryTest, IsNotWaitedForByWhoHoldsMuch) {
  SearchMemory other(budget, kOther, nullptr);
  SearchMemory memory(budget, kOne, nullptr);
  ASSERT_TRUE(memory.take(101));
  ASSERT_TRUE(other.take(500));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(test::run(io, memory.wait_for(500, 10s)), std::unexpected(SearchError::kBusy));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(SearchMemoryTest, IsRefusedToWhoIsNotWantedAnyMore) {
  const auto progress = std::make_shared<Progress>();
  SearchMemory memory(budget, kOne, progress);
  EXPECT_TRUE(memory.take(1));
  progress->stop = true;
  EXPECT_EQ(memory.take(0), std::unexpected(SearchError::kStopped));
  EXPECT_EQ(test::run(io, memory.wait_for(1, 10s)), std::unexpected(SearchError::kStopped));
}

}  // namespace
}  // namespace veredus::state::search
