#include "doors/imap/taken_messages.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "io/net/worker_pool.h"
#include "support/run.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::NewMessage;

NewMessage message(int number, std::size_t octets) {
  NewMessage made;
  made.octets = "Subject: number " + std::to_string(number) + "\r\n\r\n" + std::string(octets, 'x') + "\r\n";
  return made;
}

void expect_parsed(asio::io_context& io, TakenMessages& taken, int count) {
  const auto all = test::run(io, taken.take());
  ASSERT_EQ(all.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    EXPECT_EQ(all[static_cast<std::size_t>(i)].content.subject_utf8, "number " + std::to_string(i));
  EXPECT_EQ(taken.size(), 0u);
}

void fill(TakenMessages& taken, int count, std::size_t octets) {
  for (int i = 0; i < count; ++i) taken.add(message(i, octets), false);
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(count));
}

TEST(TakenMessages, AreParsedInTheirOrder) {
  asio::io_context io;  // outlives the pool, whose threads may still be waking it
  io::net::WorkerPool pool({.threads = 2});
  for (const std::size_t octets : {0UL, 1'000UL, 20'000UL, 70'000UL}) {
    TakenMessages taken(&pool);
    for (const int count : {0, 1, 2, 3, 50}) {
      fill(taken, count, octets);
      expect_parsed(io, taken, count);
    }
  }
}

TEST(TakenMessages, AreParsedWhereThePoolTakesNothing) {
  asio::io_context io;  // outlives the pool, whose threads may still be waking it
  io::net::WorkerPool full({.threads = 1, .queue_limit = 0});
  TakenMessages waiting(&full);
  fill(waiting, 20, 20'000);
  expect_parsed(io, waiting, 20);
  io::net::WorkerPool stopped;
  stopped.stop();
  TakenMessages late(&stopped);
  fill(late, 20, 20'000);
  expect_parsed(io, late, 20);
}

TEST(TakenMessages, MayBeForgottenWhileTheyAreParsed) {
  asio::io_context io;  // outlives the pool, whose threads may still be waking it
  io::net::WorkerPool pool({.threads = 1});
  TakenMessages taken(&pool);
  for (int i = 0; i < 20; ++i) {
    fill(taken, 10, 50'000);
    taken = TakenMessages(&pool);
  }
  fill(taken, 3, 10);
  expect_parsed(io, taken, 3);
}

TEST(TakenMessages, KnowWhatWasStaged) {
  io::net::WorkerPool pool({.threads = 1});
  TakenMessages taken(&pool);
  for (int i = 0; i < 5; ++i) {
    auto made = message(i, 70'000);
    if (i % 2 == 1) made.staged = state::mailbox::StagedBody{EmailId(static_cast<std::uint64_t>(i)), 9};
    taken.add(std::move(made), false);
  }
  EXPECT_EQ(taken.staged(), (std::vector{EmailId(1), EmailId(3)}));
  EXPECT_GT(taken.octets(), 350'000u);
}

}  // namespace
}  // namespace veredus::doors::imap
