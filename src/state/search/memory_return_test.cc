#include "state/search/memory_return.h"

#include <gtest/gtest.h>

#include <future>

#include "io/net/worker_pool.h"

namespace veredus::state::search {
namespace {

TEST(ReturnMemory, IsUnderWayOnceAtATimeAndNotOnTheThreadThatAsks) {
  std::promise<void> gate;
  std::promise<void> begun;
  io::net::WorkerPool pool({.threads = 1, .queue_limit = 2});
  ASSERT_TRUE(pool.post([&begun, opened = gate.get_future()] {
    begun.set_value();
    opened.wait();
  }));
  begun.get_future().wait();
  return_memory(pool);
  EXPECT_EQ(pool.waiting(), 1U);
  return_memory(pool);
  EXPECT_EQ(pool.waiting(), 1U);
  std::promise<void> returned;
  ASSERT_TRUE(pool.post([&returned] { returned.set_value(); }));
  gate.set_value();
  returned.get_future().wait();
  return_memory(pool);  // and again
  pool.stop();
}

TEST(ReturnMemory, IsTriedAgainWhenThePoolHadNoRoom) {
  io::net::WorkerPool stopped({.threads = 1});
  stopped.stop();
  return_memory(stopped);
  std::promise<void> gate;
  std::promise<void> begun;
  io::net::WorkerPool pool({.threads = 1});
  ASSERT_TRUE(pool.post([&begun, opened = gate.get_future()] {
    begun.set_value();
    opened.wait();
  }));
  begun.get_future().wait();
  return_memory(pool);
  EXPECT_EQ(pool.waiting(), 1U);
  gate.set_value();
}

}  // namespace
}  // namespace veredus::state::search
