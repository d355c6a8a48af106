#include "io/engine/turn_line.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <vector>

namespace veredus::io::engine {
namespace {

struct Entry : Waiter {
  explicit Entry(int octets_used) : octets(octets_used) {}
  int octets;
};

/// Does what waits, ten octets in a turn, and remembers the turns.
class Ledger {
 public:
  asio::awaitable<void> perform(Entry* entry) {
    if (line_.lead_now(entry) || co_await line_.wait(entry)) co_await lead();
    ++answered;
  }

  std::vector<std::vector<int>> turns;
  int answered = 0;
  bool returns_last = false;  // what a turn took last is put back, once

 private:
  asio::awaitable<void> lead() {
    int octets = 0;
    auto taken = line_.take([&octets](const Entry& entry) {
      octets += entry.octets;
      return octets <= 10;
    });
    co_await asio::post(asio::use_awaitable);  // meanwhile others come
    if (returns_last && taken.size() > 1) {
      returns_last = false;
      line_.put_back({taken.end() - 1, taken.end()});
      taken.pop_back();
    }
    auto& turn = turns.emplace_back();
    for (const auto* entry : taken) turn.push_back(entry->octets);
    line_.finish(taken);
  }

  TurnLine<Entry> line_;
};

std::vector<std::vector<int>> turns_of(Ledger& ledger, const std::vector<int>& octets) {
  std::deque<Entry> entries;
  asio::io_context io;
  for (const int count : octets) asio::co_spawn(io, ledger.perform(&entries.emplace_back(count)), asio::detached);
  io.run();
  EXPECT_EQ(ledger.answered, static_cast<int>(octets.size()));
  return ledger.turns;
}

using Turns = std::vector<std::vector<int>>;

TEST(TurnLine, TheFirstLeadsAloneAndTheNextTakesAllThatCameMeanwhile) {
  Ledger ledger;
  EXPECT_EQ(turns_of(ledger, {1, 2, 3, 4}), (Turns{{1}, {2, 3, 4}}));
}

TEST(TurnLine, ATurnTakesWhatFitsAndItsFirstInAnyCase) {
  Ledger ledger;
  EXPECT_EQ(turns_of(ledger, {1, 6, 5, 40, 2, 8}), (Turns{{1}, {6}, {5}, {40}, {2, 8}}));
}

TEST(TurnLine, WhatIsPutBackIsFirstInTheNextTurn) {
  Ledger ledger;
  ledger.returns_last = true;
  EXPECT_EQ(turns_of(ledger, {1, 2, 3, 4}), (Turns{{1}, {2, 3}, {4}}));
}

}  // namespace
}  // namespace veredus::io::engine
