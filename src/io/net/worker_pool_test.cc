#include "io/net/worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>

#include "support/run.h"

namespace veredus::io::net {
namespace {

asio::awaitable<std::pair<int, bool>> add(WorkerPool* pool, int a, int b) {
  const auto here = std::this_thread::get_id();
  bool elsewhere = false;
  auto work = [&elsewhere, here, a, b] {
    elsewhere = std::this_thread::get_id() != here;
    return a + b;
  };
  const auto sum = co_await pool->run(std::move(work));
  EXPECT_EQ(std::this_thread::get_id(), here);
  co_return std::pair(sum.value(), elsewhere);
}

asio::awaitable<std::expected<void, WorkError>> do_nothing(WorkerPool* pool) {
  auto nothing = [] {};
  co_return co_await pool->run(std::move(nothing));
}

TEST(WorkerPool, WorksElsewhereAndAnswersHere) {
  asio::io_context io;
  WorkerPool pool({.threads = 2});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(test::run(io, add(&pool, i, 1)), std::pair(i + 1, true));
}

TEST(WorkerPool, RefusesMoreThanItsQueueTakes) {
  asio::io_context io;
  std::promise<void> begun;
  std::promise<void> gate;
  auto opened = gate.get_future();
  WorkerPool pool({.threads = 1, .queue_limit = 1});
  ASSERT_TRUE(pool.post([&] {
    begun.set_value();
    opened.wait();
  }));
  begun.get_future().wait();
  ASSERT_TRUE(pool.post([] {}));
  EXPECT_EQ(pool.waiting(), 1U);
  EXPECT_EQ(test::run(io, do_nothing(&pool)), std::unexpected(WorkError::kQueueFull));
  gate.set_value();
}

TEST(WorkerPool, ItsThreadsStandBackAndHaveAName) {
  asio::io_context io;
  const int own = getpriority(PRIO_PROCESS, 0);
  WorkerPool pool({.threads = 1, .niceness = 3, .name = "signer"});
  std::promise<std::pair<int, std::string>> seen;
  ASSERT_TRUE(pool.post([&seen] {
    char name[16] = {};
    pthread_getname_np(pthread_self(), name, sizeof(name));
    seen.set_value({getpriority(PRIO_PROCESS, 0), name});
  }));
  EXPECT_EQ(seen.get_future().get(), std::pair(std::min(own + 3, 19), std::string("signer")));
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), own) << "no other thread does";
}

TEST(WorkerPool, FinishesWhatIsQueuedBeforeItStops) {
  asio::io_context io;
  std::atomic<int> done = 0;
  WorkerPool pool({.threads = 2});
  for (int i = 0; i < 50; ++i) pool.post([&done] { ++done; });
  pool.stop();
  EXPECT_EQ(done, 50);
  EXPECT_FALSE(pool.post([] {}));
  EXPECT_EQ(test::run(io, do_nothing(&pool)), std::unexpected(WorkError::kStopped));
}

}  // namespace
}  // namespace veredus::io::net
