#include "state/search/turns.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "io/net/task_group.h"
#include "support/run.h"

namespace veredus::state::search {
namespace {

constexpr AccountId kMany{1};
constexpr AccountId kFew{2};

/// Takes a turn, says so, and has it no longer.
asio::awaitable<void> take(Turns* turns, AccountId account, std::string* order, char name) {
  const auto turn = co_await turns->take(account);
  order->push_back(name);
}

class TurnsTest : public testing::Test {
 protected:
  void ask(AccountId account, char name) { tasks.spawn(take(&turns, account, &order, name)); }
  void go_on() {
    io.restart();
    io.poll();
  }

  asio::io_context io;
  Turns turns{1};
  io::net::TaskGroup tasks{io.get_executor()};
  std::string order;
};

TEST_F(TurnsTest, AreHadByAccountsOneAfterTheOtherHoweverManyWaitForOneOfThem) {
  std::optional<Turns::Turn> held(test::run(io, turns.take(kMany)));
  for (const char name : {'a', 'b', 'c', 'd'}) ask(kMany, name);
  for (const char name : {'x', 'y'}) ask(kFew, name);
  go_on();
  EXPECT_EQ(order, "") << "one at a time";
  held.reset();
  go_on();
  EXPECT_EQ(order, "axbycd");
  ask(kFew, 'z');
  go_on();
  EXPECT_EQ(order, "axbycdz") << "none is lost";
}

TEST_F(TurnsTest, AreNotKeptByWhoIsCancelled) {
  std::optional<Turns::Turn> held(test::run(io, turns.take(kMany)));
  ask(kFew, 'x');
  ask(kMany, 'a');
  go_on();
  held->end();  // the first has its turn and does not know it yet
  tasks.cancel();
  go_on();
  EXPECT_EQ(tasks.size(), 0U);
  order.clear();
  ask(kMany, 'b');
  go_on();
  EXPECT_EQ(order, "b");
}

}  // namespace
}  // namespace veredus::state::search
