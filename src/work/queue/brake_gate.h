#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "work/queue/brakes.h"
#include "work/queue/queue.h"

namespace veredus::work::queue {

/// Holds mail of accounts that send more than they may. What an account has sent, whom it has written to and limits of
/// its own are kept in the engine, in the account's rate partition: docs/formats/queue.md. Thread-safe.
class BrakeGate {
 public:
  explicit BrakeGate(Queue::Impl& queue) : queue_(queue) {}

  using Message = std::vector<state::spool::SharedEntry>;  // its entries, of one account

  /// Lets the message's entries into the schedule, or holds them; in the background.
  void post(Message message);
  /// What became of a recipient in the end.
  void count_result(AccountId account, bool bounced);
  /// Whether a held entry may go now; it counts then.
  asio::awaitable<std::optional<Braked>> check_again(AccountId account, state::spool::QueueId message,
                                                     std::uint32_t recipients);

  Queue::Result<Queue::BrakeState> state(AccountId account);
  Queue::Result<void> set(AccountId account, std::optional<BrakeLimits> limits);
  /// Writes down what has changed (relaxed), and forgets accounts that have not sent for a day.
  asio::awaitable<void> flush();

 private:
  struct Ledger {
    SendingRecord record;
    std::optional<BrakeLimits> own;
    bool changed = false;
    /// The last messages that were let through, and to how many: their parts come shard by shard.
    std::deque<std::pair<state::spool::QueueId, std::uint32_t>> recent;
  };
  using Ledgers = std::unordered_map<AccountId, std::shared_ptr<Ledger>>;

  asio::awaitable<void> work();
  std::vector<Message> next();
  asio::awaitable<void> let_in(AccountId account, Message message);
  asio::awaitable<std::expected<std::shared_ptr<Ledger>, io::engine::StoreError>> open(AccountId account);
  /// How many of the message's recipients the account never wrote to; they count as known from now on.
  asio::awaitable<std::uint32_t> count_new(AccountId account, std::vector<std::string> recipients);
  asio::awaitable<void> hold(Message message, Braked why);
  std::optional<Braked> check_and_count(Ledger& ledger, const state::spool::QueueId& id, BrakedMessage message);

  Queue::Impl& queue_;
  std::mutex mutex_;
  std::vector<Message> waiting_;
  bool working_ = false;
  Ledgers ledgers_;
};

[[nodiscard]] std::string encode_limits(const BrakeLimits& limits);
/// nullopt: not what encode_limits wrote.
[[nodiscard]] std::optional<BrakeLimits> decode_limits(std::string_view row);

}  // namespace veredus::work::queue
