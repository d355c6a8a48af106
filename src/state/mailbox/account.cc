#include "state/mailbox/account.h"

#include <algorithm>
#include <utility>

namespace veredus::state::mailbox {
namespace {

using io::engine::StoreError;

constexpr int kTurnAttempts = 8;  // another writer of the same account got in between each time

void answer_all(const std::vector<Operation*>& operations, MailboxError error) {
  for (auto* operation : operations) operation->outcome = std::unexpected(error);
}

}  // namespace

Account::Account(io::engine::Engine& engine, const Clock& clock, AccountId id, std::size_t turn_octets)
    : engine_(&engine), clock_(&clock), partition_{io::engine::Kind::kAccount, id.value}, turn_octets_(turn_octets) {}

/// Cannot be cancelled: others may wait for the turn this coroutine leads.
asio::awaitable<void> Account::perform(Operation* operation) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  if (line_.lead_now(operation) || co_await line_.wait(operation)) co_await lead();
  co_await asio::this_coro::throw_if_cancelled(throws);
}

asio::awaitable<void> Account::lead() {
  auto taken = line_.take([](const Operation&) { return true; });
  try {
    co_await take_turn(&taken);
  } catch (...) {  // bad_alloc: whoever waits must be answered all the same
    forget_state();
    answer_all(taken, MailboxError::kUnknownOutcome);
  }
  line_.finish(taken);
}

void Account::forget_state() {
  const std::scoped_lock lock(mutex_);
  state_.reset();
}

AsyncOutcome<void> Account::load() {
  if (state_) co_return Outcome<void>();
  const AccountId id(partition_.id);
  for (int attempt = 0; attempt < kTurnAttempts; ++attempt) {
    VEREDUS_CO_TRY(auto loaded, co_await load_account(engine_, id));
    if (loaded) {
      auto state = std::make_unique<AccountState>(std::move(*loaded));
      const std::scoped_lock lock(mutex_);
      state_ = std::move(state);
      co_return Outcome<void>();
    }
    const auto version = co_await engine_->version(partition_);
    if (!version) co_return std::unexpected(from_store(version.error()));
    auto batch = first_rows(clock_->now(), *version);
    const auto made = co_await engine_->commit(partition_, std::move(batch), io::engine::Durability::kSynced);
    if (!made && made.error() != StoreError::kConflict) co_return std::unexpected(from_store(made.error()));
  }
  co_return std::unexpected(MailboxError::kUnavailable);
}

/// Lets the operations do their part; those for which the turn has no room go back to the line.
AsyncOutcome<void> Account::prepare(Turn* turn, std::vector<Operation*>* taken) {
  std::vector<std::string> keys;
  for (const auto* operation : *taken) operation->collect(*turn, keys);
  if (!keys.empty()) VEREDUS_CO_TRY(co_await turn->fetch(std::move(keys)));
  for (auto place = taken->begin(); place != taken->end(); ++place) {
    if (place != taken->begin() && turn->full(turn_octets_)) {
      line_.put_back({place, taken->end()});
      taken->erase(place, taken->end());
      break;
    }
    auto& operation = **place;
    operation.outcome = Outcome<void>();
    if (operation.reads()) operation.outcome = co_await operation.read(turn);
    if (operation.outcome) operation.outcome = operation.perform(*turn);
  }
  co_return Outcome<void>();
}

/// One try to do `taken` together. Answers how the store took it; what is wrong with one operation is in its outcome.
asio::awaitable<std::expected<void, StoreError>> Account::try_turn(std::vector<Operation*>* taken, Before before) {
  using Tried = std::expected<void, StoreError>;
  const auto refuse = [&](MailboxError error) {
    answer_all(*taken, before == Before::kUnknown ? MailboxError::kUnknownOutcome : error);
    return Tried();
  };
  if (const auto loaded = co_await load(); !loaded) co_return refuse(loaded.error());
  Turn turn(*engine_, partition_, *state_, clock_->now());
  if (const auto prepared = co_await prepare(&turn, taken); !prepared) co_return refuse(prepared.error());
  if (turn.empty()) co_return Tried();
  const auto durability = turn.durability();
  const auto committed = co_await engine_->commit(partition_, turn.take_batch(), durability);
  if (!committed) co_return std::unexpected(committed.error());
  for (auto* operation : *taken) operation->settled(turn);
  const std::scoped_lock lock(mutex_);
  if (turn.erases_everything())
    state_.reset();
  else
    std::move(turn).settle(*state_, committed->version);
  co_return Tried();
}

/// Tries until the store took it or never will. Each operation has its outcome then; those put back are not in
/// `taken` any more.
asio::awaitable<void> Account::take_turn(std::vector<Operation*>* taken) {
  std::vector<Operation*> given_up;  // it is not known whether they were done
  auto before = Before::kNothing;
  for (int attempt = 0; attempt < kTurnAttempts && !taken->empty(); ++attempt) {
    const auto tried = co_await try_turn(taken, before);
    if (tried) break;
    const auto error = tried.error();
    answer_all(*taken, before == Before::kUnknown ? MailboxError::kUnknownOutcome : from_store(error));
    if (error != StoreError::kConflict && error != StoreError::kUnknownOutcome) break;
    forget_state();
    if (error == StoreError::kConflict) continue;
    before = Before::kUnknown;
    std::erase_if(*taken, [&](Operation* operation) {
      if (operation->look_first()) return false;  // done again, it finds out
      given_up.push_back(operation);
      return true;
    });
  }
  taken->insert(taken->end(), given_up.begin(), given_up.end());
}

}  // namespace veredus::state::mailbox
