#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "io/engine/turn_line.h"
#include "io/net/asio.h"
#include "state/mailbox/account_state.h"
#include "state/mailbox/operation.h"

namespace veredus::state::mailbox {

/// One account: its state in memory and the turns taken on it. Thread-safe.
class Account {
 public:
  /// `engine` and `clock` must outlive it.
  Account(io::engine::Engine& engine, const Clock& clock, AccountId id, std::size_t turn_octets);

  /// Does `operation` (which outlives the call: the caller waits) in this or a later turn. The result is in its
  /// outcome.
  asio::awaitable<void> perform(Operation* operation);

  /// What `at(state)` answers, called under the lock. nullopt: the state is not in memory; perform something first.
  template <class Look>
  auto look(const Look& at) -> std::optional<decltype(at(std::declval<const AccountState&>()))> {
    const std::scoped_lock lock(mutex_);
    if (!state_) return std::nullopt;
    return at(*state_);
  }

 private:
  /// What may have been committed of the same operations before.
  enum class Before { kNothing, kUnknown };

  asio::awaitable<void> lead();
  AsyncOutcome<void> load();
  AsyncOutcome<void> prepare(Turn* turn, std::vector<Operation*>* taken);
  asio::awaitable<std::expected<void, io::engine::StoreError>> try_turn(std::vector<Operation*>* taken, Before before);
  asio::awaitable<void> take_turn(std::vector<Operation*>* taken);
  void forget_state();

  io::engine::Engine* engine_;
  const Clock* clock_;
  io::engine::Partition partition_;
  std::size_t turn_octets_;
  io::engine::TurnLine<Operation> line_;
  std::mutex mutex_;
  std::unique_ptr<AccountState> state_;  // changed by the leader alone, under the lock
};

}  // namespace veredus::state::mailbox
