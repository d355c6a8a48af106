#include "io/net/stint.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace veredus::io::net {
namespace {

struct Seen {
  bool long_before = false;
  bool long_after = false;
  int others = 0;
};

asio::awaitable<void> work(const int* others, Seen* seen) {
  Stint stint;
  const auto began = Stint::Clock::now();
  while (Stint::Clock::now() - began <= 2 * Stint::kLong) continue;
  seen->long_before = stint.is_long();
  co_await stint.pause();
  seen->others = *others;
  const auto paused = Stint::Clock::now();
  const bool is_long = stint.is_long();
  seen->long_after = is_long && Stint::Clock::now() - paused < Stint::kLong;
}

TEST(Stint, LetsOthersHaveTheirTurnAndBeginsAnew) {
  asio::io_context context;
  int others = 0;
  Seen seen;
  asio::co_spawn(context, work(&others, &seen), asio::detached);
  for (int i = 0; i < 3; ++i) asio::post(context, [&others] { ++others; });
  context.run();
  EXPECT_TRUE(seen.long_before);
  EXPECT_EQ(seen.others, 3);
  EXPECT_FALSE(seen.long_after);
}

}  // namespace
}  // namespace veredus::io::net
