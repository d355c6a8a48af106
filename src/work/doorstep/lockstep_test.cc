#include "work/doorstep/lockstep.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <string>

#include "io/net/line_stream.h"
#include "io/net/reactor.h"
#include "support/live_transport.h"
#include "support/run.h"

namespace veredus::work::doorstep {
namespace {

using namespace std::chrono_literals;

TEST(Lockstep, IsTriedWithWhomAnsweredAtOnceAndNotAgainSoonWithWhomDidNotCome) {
  Lockstep lockstep;
  EXPECT_FALSE(lockstep.is_worth_it()) << "nothing is known of it";
  lockstep.note(80us);
  EXPECT_TRUE(lockstep.is_worth_it());
  lockstep.note_miss();
  for (int i = 0; i < Lockstep::kPassedOver; ++i) {
    lockstep.note(80us);
    EXPECT_FALSE(lockstep.is_worth_it());
  }
  EXPECT_TRUE(lockstep.is_worth_it());
  lockstep.note(20ms);
  EXPECT_FALSE(lockstep.is_worth_it());
}

class LockstepWith : public testing::Test {
 protected:
  static asio::awaitable<bool> expect(Lockstep* lockstep, io::net::LineStream* stream) {
    co_await lockstep->expect(stream);
    co_return true;
  }
  void expect() {
    lockstep.note(0us);
    ASSERT_TRUE(test::run(reactor.context(), expect(&lockstep, &stream)));
  }

  io::net::Reactor reactor;
  std::shared_ptr<test::LivePeer> peer = std::make_shared<test::LivePeer>(reactor.executor());
  io::net::LineStream stream{reactor, std::make_unique<test::LiveTransport>(peer)};
  Lockstep lockstep;
};

TEST_F(LockstepWith, AClientThatComesLosesNothing) {
  stream.queue_write("+OK\r\n");
  peer->say("RETR 1\r\n");
  expect();
  EXPECT_EQ(peer->output, "+OK\r\n") << "who is waited for has the answer";
  EXPECT_EQ(stream.buffered_line(512)->value(), "RETR 1");
}

TEST_F(LockstepWith, AClientThatDoesNotReadKeepsNobodyElseFromBeingWaitedFor) {
  bool is_over = false;
  peer->takes = false;
  stream.queue_write("+OK\r\n");
  lockstep.note(0us);
  asio::co_spawn(reactor.context(), expect(&lockstep, &stream), [&](std::exception_ptr, bool) { is_over = true; });
  const auto other_peer = std::make_shared<test::LivePeer>(reactor.executor());
  io::net::LineStream other_stream{reactor, std::make_unique<test::LiveTransport>(other_peer)};
  other_peer->say("RETR 1\r\n");
  Lockstep other;
  other.note(0us);
  ASSERT_TRUE(test::run(reactor.context(), expect(&other, &other_stream)));
  EXPECT_TRUE(other_stream.has_buffered_input());
  EXPECT_FALSE(is_over);
  peer->takes = true;
  peer->say("QUIT\r\n");
  if (reactor.context().stopped()) reactor.context().restart();
  while (!is_over) ASSERT_NE(reactor.context().run_one_for(1min), 0U);
  EXPECT_EQ(peer->output, "+OK\r\n");
}

TEST_F(LockstepWith, AClientThatIsLateOrGoneIsNotWaitedFor) {
  expect();
  EXPECT_FALSE(stream.has_buffered_input());
  EXPECT_EQ(peer->waits, 0);
  Lockstep fresh;
  std::swap(lockstep, fresh);
  peer->hang_up();
  expect();
  EXPECT_FALSE(stream.has_buffered_input());
}

}  // namespace
}  // namespace veredus::work::doorstep
