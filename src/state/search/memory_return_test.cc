#include "state/search/memory_return.h"

#include <gtest/gtest.h>

#include <future>

#include "io/net/worker_pool.h"

namespace veredus::state::search {
namespace {

/// Keeps the pool's one thread busy until `gate` is set.
void hold(io::net::WorkerPool& pool, std::promise<void>& gate) {
  std::promise<void> begun;
  ASSERT_TRUE(pool.post([&begun, opened = gate.get_future()] {
    begun.set_value();
    opened.wait();
  }));
  begun.get_future().wait();
}

TEST(ReturnMemory, IsUnderWayOnceAtATimeAndNotOnTheThreadThatAsks) {
  std::promise<void> gate;
  io::net::WorkerPool pool({.threads = 1, .queue_limit = 2});
  hold(pool, gate);
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
  io::net::WorkerPool pool({.threads = 1});
  hold(pool, gate);
  return_memory(pool);
  EXPECT_EQ(pool.waiting(), 1U);
  gate.set_value();
}

}  // namespace
}  // namespace veredus::state::search
