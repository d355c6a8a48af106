#include "io/net/run_together.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <stdexcept>
#include <string>

namespace veredus::io::net {
namespace {

asio::awaitable<void> write(std::string* out, char name, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    out->push_back(name);
    co_await asio::post(asio::use_awaitable);
  }
}

asio::awaitable<void> fail() {
  throw std::runtime_error("no");
  co_return;
}

/// What the works threw; null: nothing.
std::exception_ptr run(std::vector<asio::awaitable<void>> works) {
  asio::io_context io;
  std::exception_ptr failure = std::make_exception_ptr(std::logic_error("it did not end"));
  asio::co_spawn(io, run_together(std::move(works)), [&](std::exception_ptr thrown) { failure = thrown; });
  io.run();
  return failure;
}

TEST(RunTogether, TakesTurnsUntilAllHaveEnded) {
  std::string out;
  std::vector<asio::awaitable<void>> works;
  works.push_back(write(&out, 'a', 3));
  works.push_back(write(&out, 'b', 2));
  EXPECT_EQ(run(std::move(works)), nullptr);
  EXPECT_EQ(out, "ababa");
}

TEST(RunTogether, ThrowsWhatOneThrewWhenTheOthersHaveEnded) {
  std::string out;
  std::vector<asio::awaitable<void>> works;
  works.push_back(fail());
  works.push_back(write(&out, 'b', 3));
  const auto failure = run(std::move(works));
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), std::runtime_error);
  EXPECT_EQ(out, "bbb");
}

TEST(RunTogether, OfNothingEndsAtOnce) { EXPECT_EQ(run({}), nullptr); }

}  // namespace
}  // namespace veredus::io::net
