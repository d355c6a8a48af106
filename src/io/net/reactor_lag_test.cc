#include "io/net/reactor_lag.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "base/observe/metrics.h"
#include "io/net/reactor.h"

namespace veredus::io::net {
namespace {

/// Of the exposed bucket without bound of one reactor.
int seen_by(const base::observe::Metrics& metrics, const std::string& reactor) {
  const auto text = metrics.expose();
  const auto line = "veredus_reactor_lag_seconds_count{reactor=\"" + reactor + "\"} ";
  const auto at = text.find(line);
  return at == std::string::npos ? -1 : std::stoi(text.substr(at + line.size()));
}

TEST(ReactorLag, IsNotedForEachReactorUntilItStops) {
  base::observe::Metrics metrics;
  Reactors reactors({.count = 2});
  watch_lag(reactors, metrics);
  EXPECT_EQ(seen_by(metrics, "0"), 0);
  reactors.start();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const auto both = [&metrics] { return seen_by(metrics, "0") > 0 && seen_by(metrics, "1") > 0; };
  while (!both() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_TRUE(both());
  EXPECT_EQ(reactors.stop(std::chrono::milliseconds(0)), 0U) << "nobody waits for it";
}

}  // namespace
}  // namespace veredus::io::net
