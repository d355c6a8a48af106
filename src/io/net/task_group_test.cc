#include "io/net/task_group.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <stdexcept>

#include "io/net/deadline.h"
#include "support/run.h"

namespace veredus::io::net {
namespace {

using namespace std::chrono_literals;

asio::awaitable<void> wait_for_ever(int* ended) {
  struct Mark {
    int* ended;
    ~Mark() { ++*ended; }
  } mark{ended};
  while (true) co_await pause(1h);
}

asio::awaitable<void> count(int* counter) {
  ++*counter;
  co_return;
}

asio::awaitable<void> fail() {
  throw std::runtime_error("broken");
  co_return;
}

asio::awaitable<bool> stop(TaskGroup* group) {
  co_await group->stop();
  co_return true;
}

asio::awaitable<bool> join(TaskGroup* group) {
  co_await group->join();
  co_return true;
}

TEST(TaskGroup, StopCancelsAndJoins) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  int ended = 0;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(group.spawn(wait_for_ever(&ended)));
  io.poll();
  EXPECT_EQ(group.size(), 10U);
  EXPECT_TRUE(test::run(io, stop(&group)));
  EXPECT_EQ(ended, 10);
  EXPECT_EQ(group.size(), 0U);
}

TEST(TaskGroup, StopsTasksThatHaveNotBegun) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  int ended = 0;
  group.spawn(wait_for_ever(&ended));
  EXPECT_TRUE(test::run(io, stop(&group)));
  EXPECT_EQ(group.size(), 0U);
}

TEST(TaskGroup, TakesNothingMoreOnceStopped) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  EXPECT_TRUE(test::run(io, stop(&group)));
  int counter = 0;
  EXPECT_FALSE(group.spawn(count(&counter)));
  io.restart();
  io.run();
  EXPECT_EQ(counter, 0);
}

TEST(TaskGroup, JoinWaitsWithoutCancelling) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  int counter = 0;
  group.spawn(count(&counter));
  group.spawn([&counter] { return count(&counter); });
  EXPECT_TRUE(test::run(io, join(&group)));
  EXPECT_EQ(counter, 2);
}

TEST(TaskGroup, JoinsForNoLongerThanItMay) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  EXPECT_TRUE(test::run(io, group.join_within(1h))) << "there is nothing to wait for";
  TaskGroup busy(io.get_executor());
  int ended = 0;
  busy.spawn(wait_for_ever(&ended));
  EXPECT_FALSE(test::run(io, busy.join_within(1ms)));
  EXPECT_EQ(ended, 0);
  busy.cancel();
  EXPECT_TRUE(test::run(io, busy.join_within(1h)));
  EXPECT_EQ(ended, 1);
}

TEST(TaskGroup, HandsFailuresUpAndGoesOn) {
  asio::io_context io;
  int failures = 0;
  TaskGroup group(io.get_executor(), [&failures](const std::exception_ptr&) { ++failures; });
  int counter = 0;
  int ended = 0;
  group.spawn(fail());
  group.spawn(count(&counter));
  group.spawn(wait_for_ever(&ended));
  EXPECT_TRUE(test::run(io, stop(&group)));
  EXPECT_EQ(failures, 1);  // a cancellation is none
  EXPECT_EQ(counter, 1);
}

TEST(TaskGroup, LeavesUnfinishedTasksToTheirContext) {
  int ended = 0;
  {
    asio::io_context io;
    TaskGroup group(io.get_executor());
    group.spawn(wait_for_ever(&ended));
    io.poll();
  }
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace veredus::io::net
