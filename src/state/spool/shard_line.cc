#include "state/spool/shard_line.h"

#include <utility>

#include "base/types/result.h"

namespace veredus::state::spool {
namespace {

using io::engine::Durability;
using io::engine::StoreError;

constexpr int kTurnAttempts = 3;              // the store did not know what became of the commit each time
constexpr std::size_t kTurnChanges = 16'384;  // of one merged commit, roughly

}  // namespace

ShardLine::ShardLine(io::engine::Engine& engine, io::engine::Partition partition, std::size_t turn_octets,
                     EpochOf epoch_of)
    : engine_(engine), partition_(partition), turn_octets_(turn_octets), epoch_of_(std::move(epoch_of)) {}

asio::awaitable<ShardLine::Status> ShardLine::perform(ShardOperation* operation) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  if (line_.lead_now(operation) || co_await line_.wait(operation)) co_await lead();
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return operation->outcome;
}

/// Those for which the turn has no room stay in the line.
std::vector<ShardOperation*> ShardLine::take_operations() {
  std::size_t octets = 0;
  std::size_t changes = 0;
  return line_.take([&](const ShardOperation& operation) {
    octets += operation.octets();
    changes += operation.changes();
    return octets <= turn_octets_ && changes <= kTurnChanges;
  });
}

asio::awaitable<void> ShardLine::lead() {
  auto taken = take_operations();
  Status status = std::unexpected(StoreError::kUnknownOutcome);
  try {
    for (int attempt = 0; attempt < kTurnAttempts; ++attempt) {
      status = co_await try_turn(&taken, attempt > 0);
      if (status || status.error() != StoreError::kUnknownOutcome) break;
    }
  } catch (...) {  // bad_alloc: whoever waits must be answered all the same
    status = std::unexpected(StoreError::kUnknownOutcome);
  }
  if (!status)
    for (auto* operation : taken) operation->outcome = status;
  line_.finish(taken);
}

/// One try to do `taken` together. What is wrong with one operation is in its outcome.
asio::awaitable<ShardLine::Status> ShardLine::try_turn(std::vector<ShardOperation*>* taken, bool repeated) {
  const auto failed = [repeated](StoreError error) {  // before the commit: but another may have been made before
    return std::unexpected(repeated ? StoreError::kUnknownOutcome : error);
  };
  const auto epoch = epoch_of_();
  if (!epoch) co_return failed(epoch.error());
  ShardTurn turn(engine_, partition_);
  std::vector<std::string> keys;
  for (const auto* operation : *taken) operation->collect(keys);
  if (const auto fetched = co_await turn.fetch(std::move(keys)); !fetched) co_return failed(fetched.error());
  auto durability = Durability::kRelaxed;
  for (auto* operation : *taken) {
    operation->outcome = operation->perform(turn, repeated);
    if (operation->outcome && operation->durability() == Durability::kSynced) durability = Durability::kSynced;
  }
  if (const auto erased = co_await turn.erase_unused_bodies(); !erased) co_return failed(erased.error());
  if (turn.empty()) co_return Status();
  const auto committed = co_await engine_.commit(partition_, turn.take_batch(*epoch), durability);
  if (!committed) co_return failed(committed.error());
  co_return Status();
}

}  // namespace veredus::state::spool
