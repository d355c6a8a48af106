#include "io/net/quantum.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace veredus::io::net {
namespace {

TEST(Quantum, IsUsedUpByWhatWasLookedAt) {
  Quantum quantum;
  EXPECT_FALSE(quantum.is_used_up());
  quantum.use(Quantum::kOctets - 1);
  EXPECT_FALSE(quantum.is_used_up());
  quantum.use(1);
  EXPECT_TRUE(quantum.is_used_up());
}

asio::awaitable<void> work(Quantum* quantum, const int* others, int* seen) {
  quantum->use(Quantum::kOctets);
  co_await quantum->renew();
  *seen = *others;
}

TEST(Quantum, LetsOthersHaveTheirTurnBeforeItIsWhole) {
  asio::io_context context;
  Quantum quantum;
  int others = 0;
  int seen = 0;
  asio::co_spawn(context, work(&quantum, &others, &seen), asio::detached);
  for (int i = 0; i < 3; ++i) asio::post(context, [&others] { ++others; });
  context.run();
  EXPECT_EQ(seen, 3);
  EXPECT_FALSE(quantum.is_used_up());
}

}  // namespace
}  // namespace veredus::io::net
